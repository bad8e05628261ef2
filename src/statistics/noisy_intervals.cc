#include "statistics/noisy_intervals.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "statistics/distributions.h"

namespace cohortium::statistics {
namespace {

double normal_limit(double confidence) { return normal_quantile(0.5 + confidence / 2); }

// Where a x^2 - 2 b x + c <= 0, within the bounds.
Limits within(double a, double b, double c, Limits bounds) {
  const double discriminant = b * b - a * c;
  if (a <= 0 || discriminant < 0) return bounds;
  const double root = std::sqrt(discriminant);
  return {std::clamp((b - root) / a, bounds.lower, bounds.upper),
          std::clamp((b + root) / a, bounds.lower, bounds.upper)};
}

}  // namespace

double variance_for_limits(const AddedNoise& noise, double confidence) {
  const double variance = noise.deviation * noise.deviation;
  if (!noise.laplace) return variance;
  // Of Laplace noise of scale s, variance 2 s^2, s log(1 / (1 - confidence)) is not exceeded.
  const double tail = std::log(1 / (1 - confidence)) / normal_limit(confidence);
  return std::max(variance, variance / 2 * tail * tail);
}

Limits proportion_limits(double events, double people, double confidence, const AddedNoise& noise) {
  const double z = normal_limit(confidence), p = events / people;
  const double sampling = z * z / people;
  const double added = z * z * variance_for_limits(noise, confidence) / (people * people);
  // (p - x)^2 <= sampling x (1 - x) + added ((1 - x)^2 + x^2)
  return within(1 + sampling - 2 * added, p + sampling / 2 - added, p * p - added, {0, 1});
}

std::optional<Limits> rate_limits(double events, double time, double confidence, const AddedNoise& of_events,
                                  const AddedNoise& of_time) {
  if (time <= 0) return std::nullopt;
  const double z = normal_limit(confidence), on_events = z * z * variance_for_limits(of_events, confidence),
               on_time = z * z * variance_for_limits(of_time, confidence);
  // (events - x time)^2 <= z^2 (x time) + on_events + x^2 on_time
  return within(time * time - on_time, events * time + z * z * time / 2, events * events - on_events,
                {0, std::numeric_limits<double>::infinity()});
}

}  // namespace cohortium::statistics
