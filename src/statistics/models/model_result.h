// How a model is presented: coefficients with standard errors, tests and limits, and how well it fits.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "statistics/entries.h"

namespace cohortium::statistics {

// All absent where R says NA: the coefficient of a column that follows from the others.
struct ModelTerm {
  std::string name;
  std::optional<double> estimate = {}, se = {}, statistic = {}, p = {}, lower = {}, upper = {};
  std::optional<double> robust_se = {};                                  // what statistic, p and limits then go by
  std::optional<double> ratio = {}, ratio_lower = {}, ratio_upper = {};  // e to the estimate
};

// A test of the model, of a term, or of an assumption.
struct ModelTest {
  std::string name, statistic_name;
  std::optional<double> statistic = {}, p = {};
  std::vector<double> degrees_of_freedom = {};
  std::optional<double> sum_of_squares = {}, mean_square = {};  // of an analysis of variance
};

struct ModelResult {
  std::string method;           // "Logistic regression"
  std::string formula;          // as in the study
  std::string statistic_name;   // "t", "z"
  std::string ratio_name = {};  // "odds ratio"; empty where e to the estimate has no meaning
  std::vector<ModelTerm> terms = {};
  std::vector<double> vcov = {};  // row after row, over all terms; NaN where absent, empty: not released
  std::vector<double> robust_vcov = {};
  std::optional<double> n = {}, missing = {}, events = {};
  std::vector<std::pair<std::string, std::optional<double>>> fit = {};  // "loglik", "deviance", "aic", ...
  std::vector<ModelTest> tests = {};
  std::string strength = {};
  std::optional<std::size_t> steps = {};
  std::string note = {};
  std::optional<double> error_bound = {};
};

// Wald statistics of estimates with a covariance matrix (row after row): t with `degrees` of freedom, or z where there
// are none. An estimate that is not a number stays absent. `ratios`: also e to the estimate.
std::vector<ModelTerm> wald_terms(std::span<const std::string> names, std::span<const double> estimates,
                                  std::span<const double> vcov, std::optional<double> degrees, double confidence,
                                  bool ratios);

// Numbers that are not finite are null. Where `result.terms` is empty, everything is null but the names.
nlohmann::json model_json(const ModelResult& result, double confidence);

}  // namespace cohortium::statistics
