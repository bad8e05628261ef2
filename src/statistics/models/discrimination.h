// How well a model tells those with the outcome from those without: the area under the receiver operating
// characteristic, from the ranks of the linear predictors, whose coefficients may be secret.
//
// Security   the engine's
// Reveals    nothing
// Rounds     those of Engine::to_bits, tied_ranks and Engine::dot
// Error      predictors are told apart down to 2^-41; rows with the same columns are ties, whatever the shares: products are
//            not rounded before they are compared
// Source     Hanley and McNeil, Radiology 1982 (area, standard error); Bamber 1975
#pragma once

#include "oblivious/generalised_linear.h"
#include "oblivious/ranks.h"

namespace cohortium::statistics {

// Of records without prior weights whose y is 0 or 1.
struct RankedPredictions {
  oblivious::TiedRanks ranks;        // rows that do not count come last
  mpc::Shared<mpc::u128> predictor;  // model_bits
};
RankedPredictions rank_predictions(mpc::Engine& engine, const oblivious::ModelRecords& records,
                                   const mpc::Shared<mpc::u128>& coefficients);

// Twice the sum of the midranks, from 1 on, of the rows with y = 1.
mpc::Shared<mpc::u128> twice_rank_sum_of_events(mpc::Engine& engine, const oblivious::ModelRecords& records,
                                                const oblivious::TiedRanks& ranks);

struct AreaUnderCurve {
  double area = 0, error = 0, lower = 0, upper = 0;  // limits within [0, 1]
};
// Of at least one event and one other.
AreaUnderCurve area_under_curve(double twice_rank_sum, double events, double others, double confidence);

}  // namespace cohortium::statistics
