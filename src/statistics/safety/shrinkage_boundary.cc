#include "statistics/safety/shrinkage_boundary.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

namespace cohortium::statistics {
namespace {

constexpr int degree = 12;
constexpr double first_count = 1 << ShrinkageBoundary::table_bits;
constexpr int coefficient_bits = 62;

double variable(double a) { return 2 * std::sqrt((2 * first_count + 1) / (2 * a + 1)) - 1; }
double count_at(double t) { return ((2 * first_count + 1) * 4 / ((t + 1) * (t + 1)) - 1) / 2; }

// Interpolation at Chebyshev's points, as coefficients of powers.
std::vector<long double> interpolate(const std::function<double(double)>& f) {
  constexpr int n = degree + 1;
  const long double pi = std::acos(-1.0L);
  std::vector<long double> values, chebyshev(n), power(n);
  for (int j = 0; j < n; ++j) values.push_back(f(static_cast<double>(std::cos(pi * (j + 0.5L) / n))));
  for (int k = 0; k < n; ++k) {
    for (int j = 0; j < n; ++j)
      chebyshev[k] += values[j] * std::cos(pi * k * (j + 0.5L) / n) * (k == 0 ? 1.0L : 2.0L) / n;
  }
  std::vector<long double> before{1}, now{0, 1};  // T_k - 1 and T_k as powers
  power[0] = chebyshev[0];
  for (int k = 1; k < n; ++k) {
    for (std::size_t i = 0; i < now.size(); ++i) power[i] += chebyshev[k] * now[i];
    std::vector<long double> next(now.size() + 1);
    for (std::size_t i = 0; i < now.size(); ++i) next[i + 1] += 2 * now[i];
    for (std::size_t i = 0; i < before.size(); ++i) next[i] -= before[i];
    before = std::move(now);
    now = std::move(next);
  }
  return power;
}

}  // namespace

double ShrinkageBoundary::value(double a) const {
  double p = 0;
  if (a < first_count) {
    p = std::ldexp(static_cast<double>(table[static_cast<std::size_t>(a)]), -fraction_bits);
  } else {
    const double t = variable(a);
    for (std::size_t k = coefficients.size(); k-- > 0;)
      p = p * t + std::ldexp(static_cast<double>(coefficients[k]), -coefficient_bits);
  }
  return std::ldexp(p * (a + 0.5), -shift);
}

double ic_limit(double a, double threshold, double confidence) {
  const double quantile = boost::math::gamma_p_inv(a + 0.5, (1 - confidence) / 2);
  return std::max(0.0, quantile / std::exp2(threshold) - 0.5);
}

double ebgm_limit(double a, double threshold, const ShrinkagePrior& prior) {
  double low = 0, high = 2 * (a + prior.shape1 + prior.shape2) / threshold + 10;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    (posterior_below(a, middle, prior, threshold) <= 0.05 ? low : high) = middle;
  }
  return low;
}

ShrinkageBoundary fit_boundary(const std::function<double(double)>& limit, double ratio) {
  ShrinkageBoundary boundary;
  boundary.shift = static_cast<int>(std::ceil(std::log2(ratio)));
  auto scaled = [&](double a) { return std::ldexp(limit(a) / (a + 0.5), boundary.shift); };
  for (double a = 0; a < first_count; ++a)
    boundary.table.push_back(static_cast<std::uint64_t>(
        std::llround(std::ldexp(std::min(scaled(a), 1.9), ShrinkageBoundary::fraction_bits))));
  const std::vector<long double> power = interpolate([&](double t) { return scaled(count_at(t)); });
  long double sum = 0;
  for (const long double c : power) {
    sum += std::abs(c);
    boundary.coefficients.push_back(static_cast<std::int64_t>(std::llround(std::ldexp(c, coefficient_bits))));
  }
  boundary.error = sum < 1.99L ? 0 : 1;
  for (double a = 1; a < first_count; ++a) {
    if (scaled(a) > 1.9) boundary.error = 1;
  }
  for (int i = 0; i <= 400; ++i) {
    const double a = std::round(first_count * std::exp2(24.0 * i / 400));
    const double wanted = limit(a);
    boundary.error = std::max(boundary.error, std::abs(boundary.value(a) - wanted) / std::max(wanted, 1e-300));
  }
  return boundary;
}

}  // namespace cohortium::statistics
