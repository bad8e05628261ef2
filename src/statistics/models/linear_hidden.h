// A linear model solved on shared sums: only its table is opened.
//
// Security   the engine's
// Reveals    nothing; `faults` and `values` go to the door
// Rounds     about 140 + 33 per column
// Requires   at most 63 columns; a column's variance above 2^-16 of (half its range)^2, and pivots of the scaled
//            covariance matrix above 2^-12 (no column explained by the others to more than 99.97%): otherwise a fault
// Error      with k the condition number of the columns' correlation matrix: relative k d (d + 4) 2^-46, plus
//            n 2^-53 and 2^-37 over the smallest scaled variance; `error_bound` holds it for the released numbers
// Method     means and covariances by one secret reciprocal of n; Gauss-Jordan (oblivious/linear_algebra.h) for the
//            slopes and the inverse; the residual sum of squares as total - b'(2 c - C b), where errors of b are squared
#pragma once

#include "statistics/models/linear_sums.h"

namespace cohortium::statistics {

struct HiddenSolution {
  mpc::Shared<mpc::u128> values;
  std::vector<mpc::SharedFault> faults;
};

// Fails with study.too_many_levels, study.bad_penalty, study.range_too_wide where the plan cannot be kept.
void check_hidden(const LinearModel& model, mpc::u64 minimum, const std::string& path);
// `sums`: the aggregate without its cells.
HiddenSolution solve_hidden(mpc::Engine& engine, const LinearModel& model, mpc::u64 minimum,
                            const mpc::Shared<mpc::u128>& sums);
LinearFit read_hidden(const LinearModel& model, mpc::u128 people, const std::vector<mpc::u128>& values);

}  // namespace cohortium::statistics
