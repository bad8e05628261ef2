#include "statistics/survival/cox_result.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "oblivious/concordance.h"
#include "oblivious/cox_regression.h"
#include "statistics/distributions.h"

namespace cohortium::statistics {
namespace {

using mpc::u128;

// What is left of a symmetric positive definite system: x' A^-1 x, by Cholesky; nothing where A is not that.
std::optional<double> quadratic_form(std::vector<double> a, std::vector<double> x) {
  const std::size_t d = x.size();
  double sum = 0;
  for (std::size_t j = 0; j < d; ++j) {
    const double pivot = a[j * d + j];
    if (!(pivot > 0)) return {};
    for (std::size_t i = j + 1; i < d; ++i) {
      const double factor = a[i * d + j] / pivot;
      for (std::size_t k = j; k < d; ++k) a[i * d + k] -= factor * a[j * d + k];
      x[i] -= factor * x[j];
    }
    sum += x[j] * x[j] / pivot;
  }
  return sum;
}

ModelTest chi_square_test(const std::string& name, std::optional<double> statistic, std::size_t degrees) {
  const auto df = static_cast<double>(degrees);
  return {.name = name,
          .statistic_name = "chi-square",
          .statistic = statistic,
          .p = statistic ? std::optional(chi_square_upper_tail(*statistic, df)) : std::nullopt,
          .degrees_of_freedom = {df}};
}

std::vector<double> decoded(const std::vector<u128>& words, int bits) {
  std::vector<double> values;
  for (const u128 word : words) values.push_back(mpc::decode_fixed(word, bits));
  return values;
}

std::vector<double> covariance_of(const CoxDesign& design, const std::vector<u128>& words) {
  const std::size_t d = design.size();
  std::vector<double> covariance = decoded(words, oblivious::covariance_fraction_bits);
  for (std::size_t j = 0; j < d * d; ++j) covariance[j] /= design.scale(j / d) * design.scale(j % d);
  return covariance;
}

// One test per term of the formula, and one of all.
void add_proportional(const CoxDesign& design, const CoxNumbers& numbers, ModelResult& result) {
  const auto score = decoded(numbers.at(CoxPart::kTimeScore), oblivious::information_fraction_bits);
  const auto information = decoded(numbers.at(CoxPart::kTimeInformation), oblivious::information_fraction_bits);
  const auto test = [&](const std::string& name, const std::vector<std::size_t>& columns) {
    std::vector<double> s, w;
    for (std::size_t i : columns) {
      s.push_back(score[i]);
      for (std::size_t j : columns) w.push_back(information[i * design.size() + j]);
    }
    result.tests.push_back(chi_square_test("proportional hazards: " + name, quadratic_form(w, s), columns.size()));
  };
  std::vector<std::size_t> all(design.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (std::size_t from = 0; from < all.size();) {
    std::vector<std::size_t> columns;
    const std::size_t term = design.term(from);
    while (from < all.size() && design.term(from) == term) columns.push_back(from++);
    test(design.matrix().terms()[term], columns);
  }
  test("all", all);
}

// Everything but the standard errors themselves then goes by the robust ones.
void add_robust(const std::vector<double>& beta, const std::vector<double>& robust, double confidence,
                ModelResult& result) {
  std::vector<std::string> names;
  for (const ModelTerm& term : result.terms) names.push_back(term.name);
  std::vector<ModelTerm> terms = wald_terms(names, beta, robust, {}, confidence, true);
  for (std::size_t j = 0; j < terms.size(); ++j) {
    terms[j].robust_se = terms[j].se;
    terms[j].se = result.terms[j].se;
  }
  result.terms = std::move(terms);
  result.robust_vcov = robust;
  result.tests.push_back(chi_square_test("robust Wald", quadratic_form(robust, beta), beta.size()));
}

void fill(const CoxDesign& design, const CoxQuestions& questions, const CoxNumbers& numbers, CoxAnswer& answer) {
  ModelResult& result = answer.model;
  const std::size_t d = design.size();
  std::vector<double> beta = decoded(numbers.at(CoxPart::kCoefficients), oblivious::coefficient_fraction_bits);
  for (std::size_t j = 0; j < d; ++j) beta[j] /= design.scale(j);
  result.vcov = covariance_of(design, numbers.at(CoxPart::kCovariance));
  const auto number = [&](CoxPart part) {
    return mpc::decode_fixed(numbers.at(part)[0], oblivious::likelihood_fraction_bits);
  };
  const double null = number(CoxPart::kNullLikelihood), likelihood = number(CoxPart::kLikelihood);
  result.terms = wald_terms(design.names(), beta, result.vcov, {}, questions.confidence, true);
  result.fit = {{"loglik_null", null}, {"loglik", likelihood}, {"aic", 2 * static_cast<double>(d) - 2 * likelihood}};
  if (questions.concordance) {
    const auto share = mpc::decode_fixed(numbers.at(CoxPart::kConcordance)[0], oblivious::concordance_bits);
    const auto variance = mpc::decode_fixed(numbers.at(CoxPart::kConcordanceVariance)[0], oblivious::concordance_bits);
    result.fit.emplace_back("concordance", share);
    result.fit.emplace_back("concordance_se", std::sqrt(std::max(variance, 0.0)));
  }
  result.tests = {chi_square_test("likelihood ratio", 2 * (likelihood - null), d),
                  chi_square_test("Wald", quadratic_form(result.vcov, beta), d),
                  chi_square_test("score", number(CoxPart::kScoreTest), d)};
  if (questions.robust)
    add_robust(beta, covariance_of(design, numbers.at(CoxPart::kRobust)), questions.confidence, result);
  if (questions.proportional) add_proportional(design, numbers, result);
  result.events = to_double(numbers.at(CoxPart::kEvents)[0]);
  if (!questions.baseline) return;
  answer.predictor_of_zero =
      -mpc::decode_fixed(numbers.at(CoxPart::kPredictorOfMeans)[0], oblivious::coefficient_fraction_bits);
  for (std::size_t j = 0; j < d; ++j) answer.predictor_of_zero -= beta[j] * design.centre(j);
}

}  // namespace

std::vector<CoxPart> parts_of(const CoxQuestions& questions) {
  std::vector<CoxPart> parts{CoxPart::kCoefficients, CoxPart::kCovariance, CoxPart::kNullLikelihood,
                             CoxPart::kLikelihood,   CoxPart::kScoreTest,  CoxPart::kEvents};
  const auto add = [&](bool asked, std::initializer_list<CoxPart> more) {
    if (asked) parts.insert(parts.end(), more);
  };
  add(questions.concordance, {CoxPart::kConcordance, CoxPart::kConcordanceVariance});
  add(questions.robust, {CoxPart::kRobust});
  add(questions.proportional, {CoxPart::kTimeScore, CoxPart::kTimeInformation});
  add(questions.baseline, {CoxPart::kPredictorOfMeans});
  return parts;
}

CoxAnswer cox_answer(const CoxDesign& design, const CoxQuestions& questions, const mpc::ReleasedCells& cells) {
  CoxAnswer answer{.model = {.method = std::string("Cox regression, ties by ") +
                                       (questions.ties == oblivious::Ties::kEfron ? "Efron" : "Breslow") +
                                       (questions.robust ? ", robust standard errors" : ""),
                             .formula = design.matrix().describe(),
                             .statistic_name = "z",
                             .ratio_name = "hazard ratio"}};
  ModelResult& result = answer.model;
  result.strength = questions.opened ? "opened" : "hidden";
  for (const std::string& fault : cells.faults) result.note += (result.note.empty() ? "" : "; ") + fault;
  if (cells.passed.empty() || !cells.passed.front() || !cells.faults.empty()) return answer;
  CoxNumbers numbers;
  const std::vector<CoxPart> parts = parts_of(questions);
  for (std::size_t i = 0; i < parts.size(); ++i) numbers[parts[i]] = cells.values[i];
  fill(design, questions, numbers, answer);
  if (cells.people[0]) result.n = to_double(*cells.people[0]);
  return answer;
}

}  // namespace cohortium::statistics
