// Probabilities of the distributions that tests and intervals need (Boost.Math).
#pragma once

namespace cohortium::statistics {

double chi_square_upper_tail(double statistic, double degrees_of_freedom);
double normal_quantile(double probability);

}  // namespace cohortium::statistics
