#include "statistics/hypothesis/rank_distributions.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "statistics/distributions.h"

namespace cohortium::statistics {
namespace {

// counts[i] of outcomes with statistic i, of `total` in all: twice the smaller tail from `at` on, at most 1.
double two_sided(const std::vector<long double>& counts, double at, double middle) {
  long double tail = 0, total = 0;
  for (const long double count : counts) total += count;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto x = static_cast<double>(i);
    if (at > middle ? x >= at : x <= at) tail += counts[i];
  }
  return static_cast<double>(std::min(1.0L, 2 * tail / total));
}

}  // namespace

double mann_whitney_exact_p(double w, std::size_t m, std::size_t n) {
  // ways[k][s]: k of the first ranks in the first group, with s values of the second below them in all.
  std::vector<std::vector<long double>> ways(m + 1, std::vector<long double>(m * n + 1));
  ways[0][0] = 1;
  for (std::size_t rank = 1; rank <= m + n; ++rank) {
    for (std::size_t k = std::min(rank, m); k >= 1; --k) {
      if (rank - k > n) continue;  // more of the second group than there are
      for (std::size_t s = rank - k; s <= m * n; ++s) ways[k][s] += ways[k - 1][s - (rank - k)];
    }
  }
  return two_sided(ways[m], w, static_cast<double>(m * n) / 2);
}

double signed_rank_exact_p(double sum, std::size_t n) {
  std::vector<long double> ways(n * (n + 1) / 2 + 1);
  ways[0] = 1;
  for (std::size_t rank = 1; rank <= n; ++rank)
    for (std::size_t s = ways.size(); s-- > rank;) ways[s] += ways[s - rank];
  return two_sided(ways, sum, static_cast<double>(n * (n + 1)) / 4);
}

double kendall_exact_p(double discordant, std::size_t n) {
  std::vector<long double> ways(n * (n - 1) / 2 + 1);  // of permutations with so many inversions
  ways[0] = 1;
  for (std::size_t size = 2; size <= n; ++size) {
    std::vector<long double> next(ways.size());
    for (std::size_t s = 0; s < ways.size(); ++s)
      for (std::size_t inverted = 0; inverted < size && inverted <= s; ++inverted) next[s] += ways[s - inverted];
    ways = std::move(next);
  }
  return two_sided(ways, discordant, static_cast<double>(n * (n - 1)) / 4);
}

namespace {

// P(S >= s) or P(S < s), s an even number.
double spearman_tail(double s, std::size_t n, bool upper) {
  const double size = static_cast<double>(n), largest = size * (size * size - 1) / 3;
  if (s <= 0) return upper ? 1 : 0;
  if (s > largest) return upper ? 0 : 1;
  if (n <= 9) {
    std::vector<int> places(n);
    std::iota(places.begin(), places.end(), 0);
    double all = 0, reached = 0;
    do {
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i) sum += std::pow(static_cast<double>(i) - places[i], 2);
      all += 1;
      reached += sum >= s ? 1 : 0;
    } while (std::next_permutation(places.begin(), places.end()));
    return (upper ? reached : all - reached) / all;
  }
  const double b = 1 / size, x = (6 * (s - 1) * b / (size * size - 1) - 1) * std::sqrt(1 / b - 1), y = x * x;
  const double odd = y * b * (0.0879 + 0.0151 * b - y * (0.0072 - 0.0831 * b + y * b * (0.0131 - 4.6e-4 * y)));
  const double series =
      x * b * (0.2274 + b * (0.2531 + 0.1745 * b) + y * (-0.0758 + b * (0.1033 + 0.3932 * b) - odd)) / std::exp(y / 2);
  return std::clamp(upper ? series + normal_upper_tail(x) : normal_upper_tail(-x) - series, 0.0, 1.0);
}

}  // namespace

double spearman_p(double s, std::size_t n) {
  const double size = static_cast<double>(n), middle = size * (size * size - 1) / 6, even = 2 * std::round(s / 2);
  return std::min(1.0, 2 * (s > middle ? spearman_tail(even, n, true) : spearman_tail(even + 2, n, false)));
}

double kolmogorov_smirnov_exact_p(double numerator, std::size_t m, std::size_t n) {
  // reached[j]: of the ways to (i, j), the share on which the distance was reached; ways come from both neighbours in
  // proportion to their number.
  std::vector<long double> reached(n + 1);
  for (std::size_t i = 0; i <= m; ++i) {
    for (std::size_t j = 0; j <= n; ++j) {
      const double distance = std::abs(static_cast<double>(i * n) - static_cast<double>(j * m));
      if (distance >= numerator) {
        reached[j] = 1;
      } else if (i + j > 0) {
        const auto down = static_cast<long double>(i), across = static_cast<long double>(j);
        reached[j] = (down * (i > 0 ? reached[j] : 0) + across * (j > 0 ? reached[j - 1] : 0)) / (down + across);
      }
    }
  }
  return static_cast<double>(reached[n]);
}

double kolmogorov_limit_p(double d, double m, double n) {
  const double t = d * std::sqrt(m * n / (m + n));
  if (t <= 0) return 1;
  double sum = 0;
  if (t < 1) {  // the series in 1 / t converges faster
    for (int k = 1; k <= 40; k += 2) sum += std::exp(-k * k * std::numbers::pi * std::numbers::pi / (8 * t * t));
    return std::clamp(1 - std::sqrt(2 * std::numbers::pi) / t * sum, 0.0, 1.0);
  }
  for (int k = 1; k <= 40; ++k) sum += (k % 2 == 1 ? 2 : -2) * std::exp(-2.0 * k * k * t * t);
  return std::clamp(sum, 0.0, 1.0);
}

}  // namespace cohortium::statistics
