#include "statistics/survival/log_rank_statistic.h"

#include <cmath>
#include <cstddef>

#include "statistics/distributions.h"

namespace cohortium::statistics {
namespace {

// x' A^-1 x for a symmetric positive definite A, by Cholesky; nothing when A is singular.
std::optional<double> quadratic_form(std::vector<std::vector<double>> a, std::vector<double> x) {
  const std::size_t n = x.size();
  double result = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      for (std::size_t k = 0; k < j; ++k) a[i][j] -= a[i][k] * a[j][k];
      a[i][j] /= a[j][j];
    }
    double pivot = a[i][i];
    for (std::size_t k = 0; k < i; ++k) pivot -= a[i][k] * a[i][k];
    if (!(pivot > 1e-9 * a[i][i]) || pivot <= 0) return std::nullopt;
    a[i][i] = std::sqrt(pivot);
    for (std::size_t k = 0; k < i; ++k) x[i] -= a[i][k] * x[k];
    x[i] /= a[i][i];
    result += x[i] * x[i];
  }
  return result;
}

}  // namespace

LogRankTest log_rank_test(const LogRankSums& sums) {
  std::vector<std::size_t> groups;
  for (std::size_t i = 0; i < sums.expected.size(); ++i) {
    if (sums.expected[i] > 1e-9) groups.push_back(i);
  }
  LogRankTest test;
  if (groups.size() < 2) return test;
  groups.pop_back();  // one row of the covariance follows from the others
  std::vector<double> difference;
  std::vector<std::vector<double>> variance;
  for (std::size_t i : groups) {
    difference.push_back(sums.observed[i] - sums.expected[i]);
    variance.emplace_back();
    for (std::size_t j : groups) variance.back().push_back(sums.variance[i][j]);
  }
  test.degrees_of_freedom = static_cast<int>(groups.size());
  test.chi_square = quadratic_form(std::move(variance), std::move(difference));
  if (test.chi_square) test.p = chi_square_upper_tail(*test.chi_square, test.degrees_of_freedom);
  return test;
}

LogRankSums log_rank_sums(const std::vector<std::vector<double>>& events,
                          const std::vector<std::vector<double>>& at_risk, std::size_t grid,
                          const LogRankWeights& weights) {
  const std::size_t groups = events.size();
  LogRankSums sums{.observed = std::vector<double>(groups),
                   .expected = std::vector<double>(groups),
                   .variance = {groups, std::vector<double>(groups)}};
  double survival = 1;
  for (std::size_t t = 0; t < events[0].size(); ++t) {
    if (t % grid == 0) survival = 1;
    const double weight = std::pow(survival, weights.rho) * std::pow(1 - survival, weights.gamma);
    double n = 0, d = 0;
    for (std::size_t g = 0; g < groups; ++g) {
      n += at_risk[g][t];
      d += events[g][t];
      sums.observed[g] += weight * events[g][t];
    }
    if (d == 0) continue;
    survival *= 1 - d / n;
    const double spread = n > 1 ? weight * weight * d * (n - d) / (n - 1) : 0;
    for (std::size_t g = 0; g < groups; ++g) {
      sums.expected[g] += weight * d * at_risk[g][t] / n;
      for (std::size_t h = 0; h < groups; ++h) {
        sums.variance[g][h] += spread * at_risk[g][t] / n * ((g == h ? 1 : 0) - at_risk[h][t] / n);
      }
    }
  }
  return sums;
}

}  // namespace cohortium::statistics
