#include "statistics/models/model_result.h"

#include <cmath>

#include "statistics/distributions.h"

namespace cohortium::statistics {
namespace {

nlohmann::json finite(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

nlohmann::json term_json(const ModelTerm& term, bool ratios) {
  nlohmann::json out = {{"term", term.name},          {"estimate", finite(term.estimate)},
                        {"se", finite(term.se)},      {"statistic", finite(term.statistic)},
                        {"p", finite(term.p)},        {"lower", finite(term.lower)},
                        {"upper", finite(term.upper)}};
  if (term.robust_se) out["robust_se"] = finite(term.robust_se);
  if (ratios) {
    out["ratio"] = finite(term.ratio);
    out["ratio_lower"] = finite(term.ratio_lower);
    out["ratio_upper"] = finite(term.ratio_upper);
  }
  return out;
}

nlohmann::json matrix_json(const std::vector<double>& matrix, std::size_t size) {
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t row = 0; row < size && !matrix.empty(); ++row) {
    nlohmann::json line = nlohmann::json::array();
    for (std::size_t column = 0; column < size; ++column) line.push_back(finite(matrix[row * size + column]));
    rows.push_back(std::move(line));
  }
  return rows;
}

nlohmann::json test_json_of(const ModelTest& test) {
  nlohmann::json out = {{"name", test.name},
                        {"statistic_name", test.statistic_name},
                        {"statistic", finite(test.statistic)},
                        {"df", test.degrees_of_freedom},
                        {"p", finite(test.p)}};
  if (test.sum_of_squares) out["sum_of_squares"] = finite(test.sum_of_squares);
  if (test.mean_square) out["mean_square"] = finite(test.mean_square);
  return out;
}

}  // namespace

std::vector<ModelTerm> wald_terms(std::span<const std::string> names, std::span<const double> estimates,
                                  std::span<const double> vcov, std::optional<double> degrees, double confidence,
                                  bool ratios) {
  const double probability = 0.5 + confidence / 2;
  const double quantile = degrees ? student_quantile(probability, *degrees) : normal_quantile(probability);
  std::vector<ModelTerm> terms;
  for (std::size_t i = 0; i < names.size(); ++i) {
    ModelTerm term{.name = names[i]};
    if (std::isfinite(estimates[i])) {
      const double estimate = estimates[i], se = std::sqrt(vcov[i * names.size() + i]);
      term.estimate = estimate;
      term.se = se;
      term.statistic = estimate / se;
      term.p = degrees ? student_two_sided(*term.statistic, *degrees) : normal_two_sided(*term.statistic);
      term.lower = estimate - quantile * se;
      term.upper = estimate + quantile * se;
      if (ratios) {
        term.ratio = std::exp(estimate);
        term.ratio_lower = std::exp(*term.lower);
        term.ratio_upper = std::exp(*term.upper);
      }
    }
    terms.push_back(std::move(term));
  }
  return terms;
}

nlohmann::json model_json(const ModelResult& result, double confidence) {
  nlohmann::json terms = nlohmann::json::array(), tests = nlohmann::json::array(), fit = nlohmann::json::object();
  for (const ModelTerm& term : result.terms) terms.push_back(term_json(term, !result.ratio_name.empty()));
  const std::size_t size = result.terms.size();
  for (const ModelTest& test : result.tests) tests.push_back(test_json_of(test));
  for (const auto& [name, value] : result.fit) fit[name] = finite(value);
  nlohmann::json out = {{"method", result.method},
                        {"formula", result.formula},
                        {"model_statistic", result.statistic_name},
                        {"confidence", confidence},
                        {"terms", std::move(terms)},
                        {"vcov", matrix_json(result.vcov, size)},
                        {"n", count_json(result.n)},
                        {"n_missing", count_json(result.missing)},
                        {"fit", std::move(fit)},
                        {"tests", std::move(tests)},
                        {"strength", result.strength}};
  if (!result.robust_vcov.empty()) out["robust_vcov"] = matrix_json(result.robust_vcov, size);
  if (!result.ratio_name.empty()) out["ratio_name"] = result.ratio_name;
  if (result.events) out["events"] = count_json(result.events);
  if (result.steps) out["steps"] = *result.steps;
  if (!result.note.empty()) out["note"] = result.note;
  if (result.error_bound) out["error_bound"] = *result.error_bound;
  return out;
}

}  // namespace cohortium::statistics
