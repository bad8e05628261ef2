#include "statistics/survival/incidence_curve.h"

#include <algorithm>
#include <cmath>

#include "statistics/distributions.h"

namespace cohortium::statistics {
namespace {

// Sum over the times so far of c + b (F(t) - F(u)) + a (F(t) - F(u))^2, for the F(t) of any later time.
class SumOfSquares {
 public:
  void add(double incidence, double c, double b, double a) {
    constant_ += c - b * incidence + a * incidence * incidence;
    linear_ += b - 2 * a * incidence;
    square_ += a;
  }
  double at(double incidence) const { return constant_ + incidence * (linear_ + incidence * square_); }

 private:
  double constant_ = 0, linear_ = 0, square_ = 0;
};

}  // namespace

std::vector<Incidence> cumulative_incidence(const std::vector<IncidenceRow>& rows) {
  std::vector<Incidence> curve;
  double survival = 1, incidence = 0;
  SumOfSquares linearised, gray;
  for (const IncidenceRow& row : rows) {
    const double n = row.at_risk, cause = row.of_cause, other = row.of_others, d = cause + other;
    if (d > 0) {
      incidence += survival * cause / n;
      const double after = survival * (n - d) / n, inverse = after > 0 ? 1 / after : 0;
      linearised.add(incidence, survival * survival * cause * (n - cause) / (n * n * n),
                     -2 * survival * cause / (n * n), n > d ? d / (n * (n - d)) : 0);
      // The hypergeometric variance of each number of events at its time.
      auto spread = [&](double events) {
        return events > 0 ? survival * survival * events / (n * n) * (events > 1 ? (n - events) / (n - 1) : 1) : 0;
      };
      gray.add(incidence, spread(cause), -2 * spread(cause) * inverse,
               (spread(cause) + spread(other)) * inverse * inverse);
      survival = after;
    }
    curve.push_back({incidence, linearised.at(incidence), gray.at(incidence)});
  }
  return curve;
}

Limits incidence_limits(double value, double variance, double confidence) {
  if (!(value > 0) || !(value < 1)) return {};
  const double reach =
      normal_quantile((1 + confidence) / 2) * std::sqrt(std::max(0.0, variance)) / (value * -std::log(value));
  return {std::pow(value, std::exp(reach)), std::pow(value, std::exp(-reach))};
}

}  // namespace cohortium::statistics
