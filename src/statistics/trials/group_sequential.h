// Boundaries of group-sequential tests by error spending, in the clear from public numbers.
//
// Method     At information fractions t_1 < … < t_K the Z statistics are a Gaussian chain with covariance sqrt(t_i / t_j).
//            The sub-density of Z_k among trials that have not stopped is integrated look by look (Simpson's rule on a
//            grid of 1,024 intervals), and each boundary solves: probability to stop first at k = alpha(t_k) -
//            alpha(t_(k-1)). Two-sided boundaries are symmetric, each side spends half of alpha.
//            Boundaries for futility spend beta in the same way, where Z_k has the mean drift sqrt(t_k) that the trial is
//            planned for: with it, the planned looks stop for futility, the last one included, with probability beta.
//            They are not binding: the boundaries for efficacy hold whether the trial heeds them or not
// Error      boundaries within 1e-6 where each look adds at least 1 % of the information so far
// Source     Armitage, McPherson and Rowe (1969); Lan and DeMets (1983); Pampallona, Tsiatis and Kim (2001); Jennison and
//            Turnbull (2000), chapter 19
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

// `information` ascends in (0, 1] here and below.
std::vector<Look> group_sequential(Spending spending, double alpha, bool two_sided,
                                   const std::vector<double>& information);

struct Futility {
  Spending spending = Spending::kObrienFleming;
  double beta = 0.1;
  double drift = 0;  // the mean of Z with all information, under the alternative
};

// The drift with which a one-sided trial with looks at `planned`, the last with all information, has power 1 - beta.
double planned_drift(Spending spending, double alpha, const Futility& futility, const std::vector<double>& planned);

// Beside each look's boundary for efficacy the one at or below which the trial stops for futility: with all information
// the same.
std::vector<double> futility_boundaries(const std::vector<Look>& looks, const Futility& futility);

}  // namespace cohortium::statistics
