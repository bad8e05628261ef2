// The sums over secret records that every step of a generalised linear model solves with: predictors, score, information.
//
// Domain, error  generalised_linear.h
// Rounds     1 truncated matrix product each; information_of: a product more; with weights one more
#pragma once

#include "oblivious/working_model.h"

namespace cohortium::oblivious {

// x row after row.
Shared<u128> by_rows(const ModelRecords& records);
// rows: by_rows. model_bits.
Shared<u128> predictors_of(Engine& engine, const ModelRecords& records, const Shared<u128>& rows,
                           const Shared<u128>& coefficients);
// X'(weight * residual) and X' diag(weight * working weight) X, sum_bits.
Shared<u128> score_of(Engine& engine, const ModelRecords& records, const ModelPlan& plan, const Shared<u128>& residual);
Shared<u128> information_of(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                            const Shared<u128>& rows, const Shared<u128>& working_weight);

}  // namespace cohortium::oblivious
