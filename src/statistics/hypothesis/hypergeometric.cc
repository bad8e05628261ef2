#include "statistics/hypothesis/hypergeometric.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

namespace cohortium::statistics {
namespace {

// log of the probability of each possible count in the first cell, up to a constant.
class Support {
 public:
  explicit Support(const TwoByTwo& t) {
    const double column = t.a + t.c, other = t.b + t.d, row = t.a + t.b;
    low_ = std::max(0.0, row - other);
    const double high = std::min(row, column);
    logs_.push_back(0);
    for (double x = low_; x < high; ++x) {
      const long double step = static_cast<long double>((column - x)) * (row - x) / ((x + 1) * (other - row + x + 1));
      logs_.push_back(logs_.back() + std::log(step));
    }
  }
  double low() const { return low_; }
  double high() const { return low_ + static_cast<double>(logs_.size()) - 1; }

  // Probabilities at the odds ratio e^log_odds.
  std::vector<double> probabilities(double log_odds) const {
    std::vector<long double> logs(logs_);
    for (std::size_t i = 0; i < logs.size(); ++i)
      logs[i] += static_cast<long double>(log_odds) * static_cast<long double>(i);
    const long double largest = *std::max_element(logs.begin(), logs.end());
    std::vector<double> result(logs.size());
    long double sum = 0;
    for (std::size_t i = 0; i < logs.size(); ++i) sum += std::exp(logs[i] - largest);
    for (std::size_t i = 0; i < logs.size(); ++i) result[i] = static_cast<double>(std::exp(logs[i] - largest) / sum);
    return result;
  }

 private:
  double low_ = 0;
  std::vector<long double> logs_;
};

// The log odds at which an increasing function passes 0.
double root(const std::function<double(double)>& increasing) {
  double low = -1, high = 1;
  while (increasing(low) > 0 && low > -700) low *= 2;
  while (increasing(high) < 0 && high < 700) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-15 * std::max(1.0, std::abs(low)); ++i) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (increasing(middle) < 0 ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

}  // namespace

double support_size(const TwoByTwo& table) {
  return 1 + std::min({table.a + table.b, table.a + table.c, table.b + table.d, table.c + table.d});
}

ExactTest exact_test(const TwoByTwo& table, double confidence) {
  const Support support(table);
  const auto place = static_cast<std::size_t>(table.a - support.low());
  const double tail = (1 - confidence) / 2;
  ExactTest result;
  const std::vector<double> central = support.probabilities(0);
  result.p = 0;
  for (const double probability : central) {
    if (probability <= central[place] * (1 + 1e-7)) result.p += probability;
  }
  result.p = std::min(1.0, result.p);
  auto mean = [&](double log_odds) {
    double sum = 0, x = support.low();
    for (const double probability : support.probabilities(log_odds)) sum += probability * x++;
    return sum;
  };
  auto at_least = [&](double log_odds) {
    double sum = 0;
    const std::vector<double> probabilities = support.probabilities(log_odds);
    for (std::size_t i = place; i < probabilities.size(); ++i) sum += probabilities[i];
    return sum;
  };
  auto at_most = [&](double log_odds) {
    double sum = 0;
    const std::vector<double> probabilities = support.probabilities(log_odds);
    for (std::size_t i = 0; i <= place; ++i) sum += probabilities[i];
    return sum;
  };
  const bool least = table.a == support.low(), most = table.a == support.high();
  result.odds_ratio = result.lower = 0;
  if (!least) result.lower = std::exp(root([&](double odds) { return at_least(odds) - tail; }));
  if (most) {
    result.odds_ratio.reset();
  } else {
    result.upper = std::exp(root([&](double odds) { return tail - at_most(odds); }));
    if (!least) result.odds_ratio = std::exp(root([&](double odds) { return mean(odds) - table.a; }));
  }
  return result;
}

}  // namespace cohortium::statistics
