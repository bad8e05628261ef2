// Confidence limits of what follows from noisy counts and sums, which know the noise.
//
// Both invert a test whose statistic is linear in what is released: of a proportion p, (1 - p) events - p rest; of a rate,
// events - rate x time. Its variance is that of the people (binomial, Poisson) and that of the noise, at the p or rate that
// is tested. So the limits are roots of a quadratic: Wilson's where there is no noise, and the score limits of a Poisson
// rate. People and time in the variance are the noisy ones.
//
// Where noise is so large that nothing can be said, limits are 0 and 1, or 0 and infinity. Coverage is simulated in
// noisy_intervals_test.cc; docs/privacy.md has the figures.
// Source     Wilson (1927); Fieller (1954)
#pragma once

#include <optional>

#include "statistics/noisy.h"

namespace cohortium::statistics {

struct Limits {
  double lower = 0, upper = 0;
};

// What takes the place of the noise's variance in limits of this confidence: of Laplace noise, whose tails are heavier, so
// much that normal limits hold for it alone, too.
double variance_for_limits(const AddedNoise& noise, double confidence);

// `people` > 0 are events and the rest, each with noise of its own.
Limits proportion_limits(double events, double people, double confidence, const AddedNoise& noise);

// Per unit of time. Nothing where time is not above 0.
std::optional<Limits> rate_limits(double events, double time, double confidence, const AddedNoise& of_events,
                                  const AddedNoise& of_time);

}  // namespace cohortium::statistics
