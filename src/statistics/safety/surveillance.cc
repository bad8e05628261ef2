#include "statistics/safety/surveillance.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace cohortium::statistics {
namespace {

constexpr std::uint64_t most_counts = 1u << 31;

double poisson_ratio(double c, double mu) { return c > mu ? mu - c + c * std::log(c / mu) : 0; }

double binomial_ratio(double c, double n, double p) {
  if (c <= n * p) return 0;
  return c * std::log(c / (n * p)) + (c < n ? (n - c) * std::log((n - c) / (n * (1 - p))) : 0);
}

// The smallest integer in [low, high] with the property, which holds from some point on; high + 1 where none has it.
template <class Predicate>
std::uint64_t smallest(std::uint64_t low, std::uint64_t high, Predicate holds) {
  ++high;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (holds(middle))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

// The smallest critical value in (0, 60] with an error of at most alpha; errors do not rise with it.
template <class Error>
double smallest_critical_value(double alpha, Error error) {
  double low = 0, high = 60;
  while (high - low > 1e-9) {
    const double middle = (low + high) / 2;
    (error(middle) > alpha ? low : high) = middle;
  }
  return high;
}

}  // namespace

std::uint64_t poisson_boundary(double expected, double critical_value) {
  return smallest(1, most_counts,
                  [&](std::uint64_t c) { return poisson_ratio(static_cast<double>(c), expected) >= critical_value; });
}

std::uint64_t binomial_boundary(std::uint64_t events, double exposed, double critical_value) {
  return smallest(1, events, [&](std::uint64_t c) {
    return binomial_ratio(static_cast<double>(c), static_cast<double>(events), exposed) >= critical_value;
  });
}

double poisson_error(const std::vector<double>& expected, const std::vector<std::uint64_t>& boundaries) {
  std::vector<double> state{1};  // probability of each number of events without a signal so far
  double before = 0;
  for (std::size_t look = 0; look < expected.size(); ++look) {
    const double mean = expected[look] - before;
    before = expected[look];
    std::vector<double> chance;  // of k more events
    for (std::size_t k = 0; k < boundaries[look]; ++k)
      chance.push_back(
          mean > 0 ? std::exp(static_cast<double>(k) * std::log(mean) - mean - std::lgamma(static_cast<double>(k) + 1))
                   : k == 0);
    std::vector<double> next(boundaries[look]);
    for (std::size_t c = 0; c < next.size(); ++c) {
      for (std::size_t from = 0; from < state.size() && from <= c; ++from) next[c] += state[from] * chance[c - from];
    }
    state = std::move(next);
  }
  double none = 0;
  for (const double p : state) none += p;
  return 1 - none;
}

double binomial_error(std::uint64_t most, double exposed, double critical_value) {
  std::vector<double> state{1};
  for (std::uint64_t n = 1; n <= most; ++n) {
    const std::uint64_t boundary = binomial_boundary(n, exposed, critical_value);
    std::vector<double> next(std::min<std::size_t>(boundary, n + 1));
    for (std::size_t c = 0; c < next.size(); ++c) {
      if (c < state.size()) next[c] += state[c] * (1 - exposed);
      if (c > 0 && c - 1 < state.size()) next[c] += state[c - 1] * exposed;
    }
    state = std::move(next);
  }
  double none = 0;
  for (const double p : state) none += p;
  return 1 - none;
}

double poisson_critical_value(const std::vector<double>& expected, double alpha) {
  return smallest_critical_value(alpha, [&](double critical_value) {
    std::vector<std::uint64_t> boundaries;
    for (const double mu : expected) boundaries.push_back(poisson_boundary(mu, critical_value));
    return poisson_error(expected, boundaries);
  });
}

double binomial_critical_value(std::uint64_t most, double exposed, double alpha) {
  return smallest_critical_value(alpha,
                                 [&](double critical_value) { return binomial_error(most, exposed, critical_value); });
}

}  // namespace cohortium::statistics
