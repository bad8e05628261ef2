#include "statistics/distributions.h"

#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace cohortium::statistics {

double chi_square_upper_tail(double statistic, double degrees_of_freedom) {
  return boost::math::gamma_q(degrees_of_freedom / 2, statistic / 2);
}

double normal_quantile(double probability) { return boost::math::quantile(boost::math::normal(), probability); }

}  // namespace cohortium::statistics
