// What a generalised linear model makes of every row at given predictors: residuals and weights of Fisher's scoring, and
// the log-likelihood.
//
// Result     residual r and weight w with model_bits fraction bits: the score is X'r, the information X'wX
//              logit      r = y - p, w = p (1 - p)
//              probit     y = 1: h(-eta), y = 0: -h(eta), w = h(eta) h(-eta), with h = phi / Q (oblivious/hazard.h)
//              poisson    r = y - mu, w = mu
//              gamma      r = y / mu - 1; w = 1, which is left out
//              negative binomial, with q = theta / (theta + mu): r = y q - theta (1 - q), w = theta (1 - q)
//              other links: link_model.h
//            before prior weights
// Domain, error  generalised_linear.h
// Rounds     those of logistic or exponential, and 2 to 4; log-likelihood: those of natural_logarithm, and 10
#pragma once

#include "oblivious/generalised_linear.h"

namespace cohortium::oblivious {

struct WorkingModel {
  Shared<u128> residual, weight;  // weight empty where it is 1
  Shared<u128> mean;              // p, mu, 1 / mu or q; probit: none; cloglog: -ln(1 - p)
};

// theta, log_theta (model_bits): of the negative binomial alone, one element.
WorkingModel working_model(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                           const Shared<u128>& predictors, const Shared<u128>& theta, const Shared<u128>& log_theta);

// The probabilities of a binomial family at given predictors, model_bits; error 2^-41.
Shared<u128> probabilities(Engine& engine, Family family, const Shared<u128>& predictors);

// -2 sum of weight * log-likelihood, without functions of y alone, model_bits: logit, poisson, gamma, probit.
Shared<u128> deviance_part(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                           const Shared<u128>& predictors, const WorkingModel& model);

// Sum of weight * values, for values with model_bits.
Shared<u128> weighted_sum(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                          const Shared<u128>& values);
// weight * values, elementwise.
Shared<u128> with_weights(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                          const Shared<u128>& values);
// Sum of weight * y * values.
Shared<u128> outcome_sum(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                         const Shared<u128>& values);

}  // namespace cohortium::oblivious
