// What is released of a Cox model, in which order, and what follows from it: coefficients, errors, tests, fit.
#pragma once

#include <map>
#include <vector>

#include "statistics/models/model_result.h"
#include "statistics/survival/cox_design.h"

namespace cohortium::statistics {

struct CoxQuestions {
  oblivious::Ties ties = oblivious::Ties::kEfron;
  bool opened = false, robust = false, proportional = false, concordance = false, baseline = false;
  int steps = 0;  // hidden: taken; opened: at most
  double confidence = 0.95;
};

// Coefficients and covariances belong to covariates as shared, what tests proportional hazards to standardised ones. The
// predictor is that of the means that covariates were centred at, as shared.
enum class CoxPart {
  kCoefficients,
  kCovariance,
  kNullLikelihood,
  kLikelihood,
  kScoreTest,
  kEvents,
  kConcordance,
  kConcordanceVariance,
  kRobust,
  kTimeScore,
  kTimeInformation,
  kPredictorOfMeans
};
using CoxNumbers = std::map<CoxPart, std::vector<mpc::u128>>;

// Those asked for, in the order in which they are released.
std::vector<CoxPart> parts_of(const CoxQuestions& questions);

struct CoxAnswer {
  ModelResult model;
  // With a baseline: how the predictor of someone whose covariates are all 0 differs from that of the means.
  double predictor_of_zero = 0;
};
// Of numbers that were released, or of none.
CoxAnswer cox_answer(const CoxDesign& design, const CoxQuestions& questions, const mpc::ReleasedCells& cells);

}  // namespace cohortium::statistics
