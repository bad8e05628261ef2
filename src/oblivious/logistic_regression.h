// Logistic regression on secret records: mini-batch gradient descent, and Newton's method (iteratively reweighted least
// squares) with a fixed, public number of steps. Nothing is opened: neither the coefficients nor whether they have
// converged.
//
// Records    x row-major, 16 fraction bits, |x_ij| < 2^x_bits; y 0 or 1 as integers; rows < 2^24, columns <= 64, and
//            log2(rows) + 2 x_bits <= 24. A column of ones makes an intercept
//
// logistic_epoch
//   Result   coefficients after one pass, 24 fraction bits; |x beta| < 2^21 throughout
//   Step     beta <- beta - 2^-rate_shift mean((p - y) x) over consecutive batches; a last, shorter batch is left out
//   Error    per step and coefficient: 1 unit of 2^-24, and what 2^-16 in p and x beta amounts to
//   Rounds   per batch 4 and those of logistic or logistic_approximate
// logistic_newton
//   Result   coefficients with 30 fraction bits, |beta| < 2^10, |x beta| < 2^20, and one shared bit: whether the information
//            matrix was singular in some step (see linear_algebra.h), as with separated or dependent columns
//   Step     beta <- beta + (X'WX)^-1 X'(y - p), from 0; the first step, where W = 1/4, is cheap
//   Error    beside Newton's own: |x beta| is taken with 20 fraction bits, p and w to 2 and 3 units of 2^-20; so about
//            2^-18 times the mean over the spread of a column
//   Rounds   per step: those of logistic, of widen and of solve, plus 9
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

struct Records {
  Shared<u64> x, y;
  std::size_t rows = 0, columns = 0;
  int x_bits = 3;
};
inline constexpr int record_fraction_bits = 16;
inline constexpr int epoch_fraction_bits = 24;
inline constexpr int newton_fraction_bits = 30;

enum class Sigmoid { kExact, kApproximate };

struct EpochPlan {
  std::size_t batch = 1024;  // a power of two
  int rate_shift = 0;        // the learning rate is 2^-rate_shift
  Sigmoid sigmoid = Sigmoid::kExact;
};
Shared<u64> logistic_epoch(Engine& engine, const Records& records, const Shared<u64>& start, const EpochPlan& plan);

struct NewtonFit {
  Shared<u128> coefficients;
  SharedBits singular;  // one bit
};
NewtonFit logistic_newton(Engine& engine, const Records& records, int steps);

}  // namespace cohortium::oblivious
