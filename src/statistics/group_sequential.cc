#include "statistics/group_sequential.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "statistics/distributions.h"

namespace cohortium::statistics {
namespace {

constexpr std::size_t intervals = 1024;
constexpr double farthest = 9;  // beyond which a standard normal counts for nothing in an integral
constexpr double highest = 38;  // of a boundary: its tail is about the smallest positive double

double density(double z) { return std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979323846); }
double upper_tail(double z) { return std::erfc(z / std::sqrt(2.0)) / 2; }

// Points and the sub-density there times Simpson's weight.
struct Chain {
  std::vector<double> z, mass;
};

std::vector<double> grid(double low, double high) {
  std::vector<double> z(intervals + 1);
  for (std::size_t i = 0; i <= intervals; ++i)
    z[i] = low + (high - low) * static_cast<double>(i) / static_cast<double>(intervals);
  return z;
}

void weigh(Chain& chain) {
  const double step = (chain.z.back() - chain.z.front()) / static_cast<double>(intervals) / 3;
  for (std::size_t i = 0; i <= intervals; ++i)
    chain.mass[i] *= step * (i == 0 || i == intervals ? 1 : i % 2 == 1 ? 4 : 2);
}

// The probability to be at or above `boundary` at the next look.
double stop_above(const Chain& chain, double before, double now, double boundary) {
  if (chain.z.empty()) return upper_tail(boundary);
  const double root = std::sqrt(now - before);
  double sum = 0;
  for (std::size_t i = 0; i < chain.z.size(); ++i)
    sum += chain.mass[i] * upper_tail((boundary * std::sqrt(now) - chain.z[i] * std::sqrt(before)) / root);
  return sum;
}

Chain advance(const Chain& chain, double before, double now, double low, double high) {
  Chain next{.z = grid(low, high), .mass = {}};
  const double root = std::sqrt(now - before);
  for (const double z : next.z) {
    double f = chain.z.empty() ? density(z) : 0;
    for (std::size_t i = 0; i < chain.z.size(); ++i)
      f +=
          chain.mass[i] * density((z * std::sqrt(now) - chain.z[i] * std::sqrt(before)) / root) * std::sqrt(now) / root;
    next.mass.push_back(f);
  }
  weigh(next);
  return next;
}

}  // namespace

double spent(Spending spending, double alpha, double t) {
  if (t >= 1) return alpha;
  if (spending == Spending::kPocock) return alpha * std::log1p((std::exp(1.0) - 1) * t);
  return 2 * upper_tail(normal_quantile(1 - alpha / 2) / std::sqrt(t));
}

std::vector<Look> group_sequential(Spending spending, double alpha, bool two_sided,
                                   const std::vector<double>& information) {
  const double side = two_sided ? alpha / 2 : alpha;
  std::vector<Look> looks;
  Chain chain;
  double before = 0, used = 0;
  for (const double now : information) {
    const double target = spent(spending, side, now) - used;
    double low = -highest, high = highest;
    for (int i = 0; i < 60; ++i) {
      const double middle = (low + high) / 2;
      (stop_above(chain, before, now, middle) > target ? low : high) = middle;
    }
    const double boundary = (low + high) / 2;
    used += target;
    looks.push_back({now, two_sided ? 2 * used : used, boundary});
    if (now != information.back())
      chain = advance(chain, before, now, two_sided ? std::max(-boundary, -farthest) : -farthest,
                      std::min(boundary, farthest));
    before = now;
  }
  return looks;
}

}  // namespace cohortium::statistics
