// Boundaries of sequential surveillance, in the clear from public numbers: maxSPRT for Poisson and for binomial counts.
//
// The log likelihood ratio of c events where mu are expected is (mu - c) + c ln(c / mu) for c > mu, else 0; of c exposed
// among n events, each exposed with probability p, c ln(c / (n p)) + (n - c) ln((n - c) / (n (1 - p))) for c > n p. A look
// signals where it reaches the critical value: from a smallest number of events on.
//
// Source     Kulldorff, Davis, Kolczak, Lewis, Lieu and Platt (2011)
#pragma once

#include <cstdint>
#include <vector>

namespace cohortium::statistics {

// The smallest number of events that signals, where `expected` are expected.
std::uint64_t poisson_boundary(double expected, double critical_value);
// The smallest number of exposed among `events` that signals; events + 1 where none does.
std::uint64_t binomial_boundary(std::uint64_t events, double exposed, double critical_value);

// The probability to signal at any look under the null hypothesis. `expected` ascends: cumulative, one per look.
double poisson_error(const std::vector<double>& expected, const std::vector<std::uint64_t>& boundaries);
// With a look after every event up to `most`.
double binomial_error(std::uint64_t most, double exposed, double critical_value);

// The smallest critical values, to 1e-9, at which these do not exceed alpha.
double poisson_critical_value(const std::vector<double>& expected, double alpha);
double binomial_critical_value(std::uint64_t most, double exposed, double alpha);

}  // namespace cohortium::statistics
