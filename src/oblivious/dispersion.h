// theta, the dispersion of a negative binomial model, estimated beside the coefficients: one Newton step of ln theta at a
// time, from sums over secret records and from how many outcomes exceed each number.
//
// Domain     theta between 2^-12 and 2^12, outcomes <= largest <= 4,000; sums below 2^40
// Step       s = theta dl/dtheta, i = -theta^2 d2l/dtheta2: ln theta moves by s / |i - s|, at most 1 either way
// Error      s and i: 2^-34 per record
// Rounds     those of exponential, natural_logarithm and twice divide, plus about 30
// Source     as MASS::theta.ml; sums of digamma(theta + y) - digamma(theta) are sums of 1 / (theta + j) over j < y
#pragma once

#include "oblivious/working_model.h"

namespace cohortium::oblivious {

struct Theta {
  Shared<u128> value, logarithm;  // model_bits
};
Theta theta_at(Engine& engine, const Shared<u128>& logarithm);

struct ThetaStep {
  Shared<u128> score, information;  // s and i, model_bits
  Shared<u128> change;              // of ln theta, model_bits
  Shared<u128> deviance;            // of the model, model_bits
  Shared<u128> twice_log_likelihood;
};
// At the predictors that `model` belongs to.
ThetaStep theta_step(Engine& engine, const ModelRecords& records, const ModelStart& start, const ModelPlan& plan,
                     const Shared<u128>& predictors, const WorkingModel& model, const Theta& theta, bool last);

}  // namespace cohortium::oblivious
