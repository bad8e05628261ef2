#include "statistics/trials/group_sequential.h"

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

// From one look to the next. Z sqrt(t) moves by a normal step of variance now - before, and by the drift.
struct Step {
  double before, now, drift;
  double root() const { return std::sqrt(now - before); }
  // How far `to` is from where `from` drifts, in standard deviations; without trials before, of the first look.
  double deviation(double from, double to) const {
    return (to * std::sqrt(now) - from * std::sqrt(before) - drift * (now - before)) / root();
  }
};

// The probability to be at or above `boundary` at the next look.
double stop_above(const Chain& chain, const Step& step, double boundary) {
  if (chain.z.empty()) return upper_tail(step.deviation(0, boundary));
  double sum = 0;
  for (std::size_t i = 0; i < chain.z.size(); ++i)
    sum += chain.mass[i] * upper_tail(step.deviation(chain.z[i], boundary));
  return sum;
}

double stop_below(const Chain& chain, const Step& step, double boundary) {
  if (chain.z.empty()) return upper_tail(-step.deviation(0, boundary));
  double sum = 0;
  for (std::size_t i = 0; i < chain.z.size(); ++i)
    sum += chain.mass[i] * upper_tail(-step.deviation(chain.z[i], boundary));
  return sum;
}

// Where trials go on that lie within low and high.
Chain advance(const Chain& chain, const Step& step, double low, double high) {
  const double mean = step.drift * std::sqrt(step.now);
  Chain next{.z = grid(std::max(low, mean - farthest), std::min(high, mean + farthest)), .mass = {}};
  const double stretch = std::sqrt(step.now) / step.root();
  for (const double z : next.z) {
    double f = chain.z.empty() ? density(step.deviation(0, z)) : 0;
    for (std::size_t i = 0; i < chain.z.size(); ++i)
      f += chain.mass[i] * density(step.deviation(chain.z[i], z)) * stretch;
    next.mass.push_back(f);
  }
  weigh(next);
  return next;
}

// Boundaries for futility up to the last look, and the probability to be below the last look's boundary for efficacy by then.
struct FutilityWalk {
  std::vector<double> boundaries;
  double stopped = 0;
};

FutilityWalk walk(const std::vector<Look>& looks, const Futility& futility) {
  FutilityWalk out;
  Chain chain;
  double before = 0;
  for (const Look& look : looks) {
    const Step step{before, look.information, futility.drift};
    const bool last = look.information >= 1;
    const double target = spent(futility.spending, futility.beta, look.information) - out.stopped;
    double low = -highest, high = look.boundary;
    if (last || stop_below(chain, step, high) <= target) low = high;
    for (int i = 0; i < 60; ++i) {
      const double middle = (low + high) / 2;
      (stop_below(chain, step, middle) > target ? high : low) = middle;
    }
    out.boundaries.push_back(high);
    out.stopped += stop_below(chain, step, high);
    if (&look != &looks.back()) chain = advance(chain, step, high, look.boundary);
    before = look.information;
  }
  return out;
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
    const Step step{before, now, 0};
    const double target = spent(spending, side, now) - used;
    double low = -highest, high = highest;
    for (int i = 0; i < 60; ++i) {
      const double middle = (low + high) / 2;
      (stop_above(chain, step, middle) > target ? low : high) = middle;
    }
    const double boundary = (low + high) / 2;
    used += target;
    looks.push_back({now, two_sided ? 2 * used : used, boundary});
    if (now != information.back()) chain = advance(chain, step, two_sided ? -boundary : -highest, boundary);
    before = now;
  }
  return looks;
}

double planned_drift(Spending spending, double alpha, const Futility& futility, const std::vector<double>& planned) {
  const std::vector<Look> looks = group_sequential(spending, alpha, false, planned);
  const auto beyond_beta = [&](double drift) {
    return walk(looks, {futility.spending, futility.beta, drift}).stopped - futility.beta;
  };
  // The secant rule from the drift of a trial without looks, which is a little less.
  double last = normal_quantile(1 - alpha) + normal_quantile(1 - futility.beta), drift = last * 1.05;
  double excess_last = beyond_beta(last);
  for (int i = 0; i < 20 && std::abs(drift - last) > 1e-9; ++i) {
    const double excess = beyond_beta(drift);
    if (excess == excess_last) break;
    const double next = drift - excess * (drift - last) / (excess - excess_last);
    last = drift, excess_last = excess, drift = next;
  }
  return drift;
}

std::vector<double> futility_boundaries(const std::vector<Look>& looks, const Futility& futility) {
  return walk(looks, futility).boundaries;
}

}  // namespace cohortium::statistics
