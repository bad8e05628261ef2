// Boundaries of group-sequential tests by error spending, in the clear from public numbers.
//
// Method     At information fractions t_1 < … < t_K the Z statistics are a Gaussian chain with covariance sqrt(t_i / t_j).
//            The sub-density of Z_k among trials that have not stopped is integrated look by look (Simpson's rule on a
//            grid of 1,024 intervals), and each boundary solves: probability to stop first at k = alpha(t_k) -
//            alpha(t_(k-1)). Two-sided boundaries are symmetric, each side spends half of alpha.
// Error      boundaries within 1e-6 where each look adds at least 1 % of the information so far
// Source     Armitage, McPherson and Rowe (1969); Lan and DeMets (1983); Jennison and Turnbull (2000), chapter 19
#pragma once

#include <vector>

namespace cohortium::statistics {

enum class Spending { kObrienFleming, kPocock };

// alpha spent at information fraction t, of `alpha` for one side.
double spent(Spending spending, double alpha, double t);

struct Look {
  double information = 0;
  double spent = 0;     // type I error so far, both sides
  double boundary = 0;  // of Z; the lower one is its negative where two-sided
};

// `information` ascends in (0, 1].
std::vector<Look> group_sequential(Spending spending, double alpha, bool two_sided,
                                   const std::vector<double>& information);

}  // namespace cohortium::statistics
