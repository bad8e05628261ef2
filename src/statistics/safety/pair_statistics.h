// The measures of disproportionality of one drug and one event, in the clear, from its four counts.
//
// Of N reports, `together` name both, `drug` the drug, `event` the event; E = drug * event / N is the number expected if
// the two were independent. A measure is absent where a zero makes it undefined.
//
// Source     Evans et al. (2001): PRR; Norén et al. (2013): the shrunken information component; DuMouchel (1999): EBGM
#pragma once

#include <optional>

namespace cohortium::statistics {

// The prior of DuMouchel's gamma-Poisson shrinker: a mixture of Gamma(shape1, rate1), with probability `first`, and
// Gamma(shape2, rate2). These are the values from which DuMouchel started his fit.
struct ShrinkagePrior {
  double shape1 = 0.2, rate1 = 0.1, shape2 = 2, rate2 = 4, first = 1.0 / 3;
};

struct PairCounts {
  double together = 0, drug = 0, event = 0, all = 0;
  double expected() const { return drug * event / all; }
};

struct Interval {
  double value = 0, lower = 0, upper = 0;
};

struct PairStatistics {
  double expected = 0;
  std::optional<Interval> prr = {}, ror = {};
  std::optional<double> chi_square = {};  // with Yates' correction
  Interval ic = {};                       // log2((a + 1/2) / (E + 1/2)), limits from Gamma(a + 1/2, E + 1/2)
  Interval ebgm = {};                     // geometric mean of the posterior, its 5 % and 95 % quantiles
};

PairStatistics pair_statistics(const PairCounts& counts, const ShrinkagePrior& prior, double confidence);

// The probability of the posterior below `lambda`.
double posterior_below(double together, double expected, const ShrinkagePrior& prior, double lambda);
// The quantile of the posterior of lambda, for `together` reports where `expected` were expected.
double posterior_quantile(double together, double expected, const ShrinkagePrior& prior, double probability);

}  // namespace cohortium::statistics
