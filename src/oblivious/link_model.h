// What families make of every row with links other than logit, probit and the log of counts and gamma: working_model.h.
//
// Result     residual r and weight w, model_bits
//              cloglog           m = e^eta, G = m / (1 - e^-m): r = y G - m, w = m (G - m)
//              log, binomial     v = 1 / (1 - mu): r = 1 - v + y v, w = v - 1
//              identity, poisson r = y / mu - 1, w = 1 / mu
//              sqrt, poisson     r = 2 (y / eta - eta), w = 4, which is left out
//              inverse, gamma    r = mu - y, w = mu^2
//              identity, gamma   r = (y - mu) / mu^2, w = 1 / mu^2
//              identity, gaussian r = y - mu, w = 1, which is left out
//              log, gaussian     r = (y - mu) mu, w = mu^2
//              inverse, gaussian r = -(y - mu) mu^2, w = mu^4
// Domain     predictors within predictor_range; others are cut there, and generalised_linear.h says not_converged. cloglog cuts
//            at 5.5, which matters where y is 0; log of probabilities at -2^-10; identity, sqrt, inverse at 2^-lowest and
//            2^highest, lowest <= 11, highest <= 14
// Error      1 / x, ln x: 2^-43 relative to 1 where |1 / x| <= 1, and 2^(2 lowest - 40) at most; G: 2^-42
// Rounds     those of a comparison and keep_where, and of one exponential or reciprocal; cloglog: of two and a quotient
#pragma once

#include <optional>

#include "oblivious/working_model.h"

namespace cohortium::oblivious {

// Which predictors are not cut: signed, model_bits.
struct PredictorRange {
  std::optional<u128> low = {}, high = {};
  bool high_without_event = false;  // whether `high` matters only where y is 0
};
PredictorRange predictor_range(const ModelPlan& plan);

WorkingModel link_model(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                        const Shared<u128>& predictors);
// As deviance_part, of the families above.
Shared<u128> link_deviance_part(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                                const Shared<u128>& predictors, const WorkingModel& model);
// 1 - e^-(e^eta), e^eta cut below 1.
Shared<u128> link_probabilities(Engine& engine, Family family, const Shared<u128>& predictors);
// Sum of weight * (y - mu)^2 / V(mu), of gamma.
Shared<u128> pearson_sum(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                         const Shared<u128>& predictors, const WorkingModel& model);

}  // namespace cohortium::oblivious
