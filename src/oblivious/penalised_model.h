// Penalised generalised linear models on secret records (logit): the coefficients b that minimise
//   -ln L(b) + sum_j (ridge_j b_j^2 / 2 + lasso_j |b_j|)
// with public penalties per column, in a public number of steps. Nothing is opened; which coefficients are 0 is a shared bit each.
//
// Security   that of the engine's kernels
// Reveals    nothing
// Records, domain  generalised_linear.h, total_bits <= 36, without a start: the first step begins at 0. Penalties as sum_bits() integers; those on
//            squares are below 2^(total_bits - 2), larger ones on absolute values are cut at 2^(total_bits + 1), where all are 0
// Result     coefficients, model_bits, exactly 0 where `active` is 0; singular: of the information of active columns, in
//            whichever step; not_converged: the last two steps take different columns or signs, or the objective still falls by
//            more than 1e-8 (deviance + 0.1), or some coefficient moves by 1 or more
// Error      that of generalised_linear.h, the information being that of active columns with the penalties on squares
// Rounds     per step those of generalised_linear.h; with a penalty on absolute values all steps but the last four: 24 times
//            those of a comparison, of keep_where and of a matrix product; the last four: of a comparison, and 8
// Method     Newton's method; its quadratic problem is solved by 24 steps of the alternating direction method, scaled by the
//            diagonal of the information. The last four steps are Newton's on the optimality conditions themselves: columns
//            with |A_jj b_j + score_j| > lasso_j are active, with that sign, the others leave
// Source     Lee, Sun, Saunders, SIAM J. Optim. 2014 (proximal Newton); Boyd et al. 2011 (alternating directions); Hintermüller, Ito,
//            Kunisch, SIAM J. Optim. 2002 (active sets as Newton's method)
#pragma once

#include <span>

#include "oblivious/generalised_linear.h"

namespace cohortium::oblivious {

inline constexpr int active_set_steps = 4;  // the last ones, with a penalty on absolute values

struct Penalties {
  std::span<const double> lasso, ridge;  // one per column
};

struct PenalisedFit {
  Shared<u128> coefficients, active;  // active: 0 or 1, one element per column
  Shared<u128> deviance;              // model_bits
  SharedBits singular, not_converged, separated;
};

// plan.steps in all; at least active_set_steps + 1 with a penalty on absolute values.
PenalisedFit fit_penalised(Engine& engine, const ModelRecords& records, const Shared<u128>& saturated,
                           const Penalties& penalties, const ModelPlan& plan);

}  // namespace cohortium::oblivious
