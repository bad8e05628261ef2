// The baseline hazard of a Cox model: how it is released, and what follows for someone whose covariates are all 0.
//
// Released   per stratum the number of events of each step, and the cumulative hazard of the means at its end, under the rule
//            of curves; nothing of it where nothing of the model is released
#pragma once

#include "oblivious/cox_regression.h"
#include "statistics/survival/cox_design.h"

namespace cohortium::statistics {

// One sentence each.
std::vector<std::string> baseline_leakage(const mpc::ReleaseRule& rule);

// `events`: of each stratum and point. `shown`: one bit.
mpc::SharedCurve shared_baseline(mpc::Engine& engine, const CoxDesign& design, const oblivious::RiskSets& sets,
                                 const oblivious::RiskTerms& terms, const mpc::Shared<mpc::u128>& events,
                                 const mpc::SharedBits& shown);

nlohmann::json baseline_json(const CoxDesign& design, const mpc::ReleaseRule& rule, double predictor_of_zero,
                             const std::vector<mpc::ReleasedStratum>& strata);

}  // namespace cohortium::statistics
