// Probabilities of the distributions that tests and intervals need (Boost.Math). An argument without a meaning (no
// degrees of freedom, a statistic that is not a number) gives NaN; a probability too small for a double gives 0.
#pragma once

namespace cohortium::statistics {

double chi_square_upper_tail(double statistic, double degrees_of_freedom);
double normal_quantile(double probability);
double normal_two_sided(double statistic);

double normal_upper_tail(double statistic);

double student_two_sided(double statistic, double degrees_of_freedom);
double student_quantile(double probability, double degrees_of_freedom);

double f_lower_tail(double statistic, double numerator_degrees, double denominator_degrees);
double f_upper_tail(double statistic, double numerator_degrees, double denominator_degrees);
double f_quantile(double probability, double numerator_degrees, double denominator_degrees);

// The mean of the Poisson distribution that has `probability` at or above (lower limit), at or below (upper limit) the
// number of events: the exact limits of Garwood (1936).
double poisson_lower_limit(double events, double probability);
double poisson_upper_limit(double events, double probability);

// Of the binomial distribution: of exactly, at most, at least so many successes in n.
double binomial_probability(double successes, double n, double probability);
double binomial_at_most(double successes, double n, double probability);
double binomial_at_least(double successes, double n, double probability);
// The probability of success that has `probability` at or above (lower limit), at or below (upper limit) the number of
// successes: the exact limits of Clopper and Pearson (1934).
double binomial_lower_limit(double successes, double n, double probability);
double binomial_upper_limit(double successes, double n, double probability);

}  // namespace cohortium::statistics
