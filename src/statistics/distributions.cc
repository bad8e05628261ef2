#include "statistics/distributions.h"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace cohortium::statistics {
namespace {

namespace policies = boost::math::policies;
using Quiet =
    policies::policy<policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
                     policies::overflow_error<policies::ignore_error>,
                     policies::evaluation_error<policies::ignore_error>>;
using Student = boost::math::students_t_distribution<double, Quiet>;
using FisherF = boost::math::fisher_f_distribution<double, Quiet>;
using Binomial = boost::math::binomial_distribution<double, Quiet>;
using Normal = boost::math::normal_distribution<double, Quiet>;

}  // namespace

double chi_square_upper_tail(double statistic, double degrees_of_freedom) {
  return boost::math::gamma_q(degrees_of_freedom / 2, statistic / 2, Quiet());
}

double normal_quantile(double probability) { return boost::math::quantile(Normal(), probability); }
double normal_two_sided(double statistic) {
  return 2 * boost::math::cdf(boost::math::complement(Normal(), statistic < 0 ? -statistic : statistic));
}
double normal_upper_tail(double statistic) { return boost::math::cdf(boost::math::complement(Normal(), statistic)); }

double student_two_sided(double statistic, double degrees_of_freedom) {
  return 2 * boost::math::cdf(Student(degrees_of_freedom), statistic < 0 ? statistic : -statistic);
}
double student_quantile(double probability, double degrees_of_freedom) {
  return boost::math::quantile(Student(degrees_of_freedom), probability);
}

double f_lower_tail(double statistic, double numerator_degrees, double denominator_degrees) {
  return boost::math::cdf(FisherF(numerator_degrees, denominator_degrees), statistic);
}
double f_upper_tail(double statistic, double numerator_degrees, double denominator_degrees) {
  return boost::math::cdf(boost::math::complement(FisherF(numerator_degrees, denominator_degrees), statistic));
}
double f_quantile(double probability, double numerator_degrees, double denominator_degrees) {
  return boost::math::quantile(FisherF(numerator_degrees, denominator_degrees), probability);
}

double poisson_lower_limit(double events, double probability) {
  return events == 0 ? 0 : boost::math::gamma_p_inv(events, probability, Quiet());
}
double poisson_upper_limit(double events, double probability) {
  return boost::math::gamma_q_inv(events + 1, probability, Quiet());
}

double binomial_probability(double successes, double n, double probability) {
  return boost::math::pdf(Binomial(n, probability), successes);
}
double binomial_at_most(double successes, double n, double probability) {
  if (successes < 0) return 0;
  return successes >= n ? 1 : boost::math::cdf(Binomial(n, probability), successes);
}
double binomial_at_least(double successes, double n, double probability) {
  if (successes <= 0) return 1;
  return successes > n ? 0 : boost::math::cdf(boost::math::complement(Binomial(n, probability), successes - 1));
}
double binomial_lower_limit(double successes, double n, double probability) {
  return successes == 0 ? 0 : boost::math::ibeta_inv(successes, n - successes + 1, probability, Quiet());
}
double binomial_upper_limit(double successes, double n, double probability) {
  return successes == n ? 1 : boost::math::ibetac_inv(successes + 1, n - successes, probability, Quiet());
}

}  // namespace cohortium::statistics
