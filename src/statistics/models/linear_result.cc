// How a linear model is presented: what R's summary, anova, logLik and AIC of lm tell.
#include <cmath>
#include <numbers>

#include "statistics/distributions.h"
#include "statistics/models/linear_sums.h"
#include "statistics/models/model_result.h"

namespace cohortium::statistics {
namespace {

ModelTest f_test(const std::string& name, double squares, double df, double residual_mean, double residual_df) {
  ModelTest test{.name = name, .statistic_name = "F"};
  if (!(df > 0)) return test;
  test.degrees_of_freedom = {df, residual_df};
  if (residual_df > 0 && residual_mean > 0) {
    test.statistic = squares / df / residual_mean;
    test.p = f_upper_tail(*test.statistic, df, residual_df);
  }
  return test;
}

// Type I: each term after those before it, as R's anova of one model.
void add_anova(ModelResult& result, const LinearModel& model, const LinearFit& fit, double residual_df) {
  const double unit = model.half_width * model.half_width;
  const double residual = static_cast<double>(fit.residual) * unit;
  const auto& columns = model.design.columns();
  for (std::size_t term = 1; term < model.design.terms().size(); ++term) {
    long double squares = 0;
    double df = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].term != term || std::isnan(fit.coefficients[i])) continue;
      squares += fit.explained[i];
      df += 1;
    }
    const double shown = static_cast<double>(squares) * unit;
    ModelTest test = f_test(model.design.terms()[term], shown, df, residual / residual_df, residual_df);
    test.sum_of_squares = shown;
    if (df > 0) test.mean_square = shown / df;
    result.tests.push_back(std::move(test));
  }
  ModelTest rest{.name = "Residuals", .statistic_name = "F", .degrees_of_freedom = {residual_df}};
  rest.sum_of_squares = residual;
  if (residual_df > 0) rest.mean_square = residual / residual_df;
  result.tests.push_back(std::move(rest));
}

void add_fit(ModelResult& result, const LinearModel& model, const LinearFit& fit, double residual_df) {
  const double unit = model.half_width * model.half_width, n = fit.n;
  const double residual = static_cast<double>(fit.residual) * unit, total = static_cast<double>(fit.total) * unit;
  const double slopes = static_cast<double>(fit.rank) - (model.centred ? 1 : 0);
  const double r_squared = static_cast<double>((fit.total - fit.residual) / fit.total);
  const double loglik = -n / 2 * (std::log(2 * std::numbers::pi) + std::log(residual / n) + 1);
  const double parameters = static_cast<double>(fit.rank) + 1;
  result.fit = {{"sigma", residual_df > 0 ? std::sqrt(residual / residual_df) : NAN},
                {"df_residual", residual_df},
                {"residual_sum_of_squares", residual},
                {"total_sum_of_squares", total}};
  if (model.penalty > 0) {
    result.fit = {{"penalty", model.penalty}, {"residual_sum_of_squares", residual}, {"total_sum_of_squares", total}};
    return;
  }
  result.fit.emplace_back("r_squared", r_squared);
  result.fit.emplace_back("adj_r_squared", 1 - (1 - r_squared) * (n - (model.centred ? 1 : 0)) / residual_df);
  result.fit.emplace_back("loglik", loglik);
  result.fit.emplace_back("aic", -2 * loglik + 2 * parameters);
  result.fit.emplace_back("bic", -2 * loglik + std::log(n) * parameters);
  result.tests.push_back(f_test("all terms", total - residual, slopes, residual / residual_df, residual_df));
}

std::vector<double> covariance_of(const LinearModel& model, const LinearFit& fit, double variance) {
  const std::size_t d = fit.coefficients.size();
  std::vector<double> vcov =
      fit.inverse.empty() ? std::vector<double>(d * d, NAN) : model.scaling.covariance(fit.inverse);
  for (std::size_t i = 0; i < fit.variances.size(); ++i) vcov[i * d + i] = static_cast<double>(fit.variances[i]);
  for (std::size_t i = 0; i < d * d; ++i) {
    vcov[i] *= variance;
    if (std::isnan(fit.coefficients[i / d]) || std::isnan(fit.coefficients[i % d])) vcov[i] = NAN;
  }
  return vcov;
}

}  // namespace

nlohmann::json present_linear(const LinearModel& model, const std::string& strength,
                              const std::optional<LinearFit>& fit, const std::string& note) {
  ModelResult result{.method = model.penalty > 0 ? "Ridge regression" : "Linear regression",
                     .formula = model.design.describe(),
                     .statistic_name = "t"};
  result.strength = strength;
  result.note = note;
  if (fit) {
    const double residual_df = fit->n - static_cast<double>(fit->rank);
    std::vector<std::string> names;
    for (const DesignColumn& column : model.design.columns()) names.push_back(column.name);
    std::vector<long double> scaled = fit->coefficients;
    for (long double& one : scaled) one *= model.half_width;
    std::vector<double> coefficients = model.scaling.coefficients(scaled);
    if (model.centred) coefficients[0] += model.centre;
    const bool tested = model.penalty == 0 && residual_df > 0 && fit->residual > 1e-28L * fit->total;
    const double variance =
        tested ? static_cast<double>(fit->residual) * model.half_width * model.half_width / residual_df : NAN;
    const std::vector<double> vcov = covariance_of(model, *fit, variance);
    if (!fit->inverse.empty() && tested) result.vcov = vcov;
    result.terms = wald_terms(names, coefficients, vcov, tested ? std::optional(residual_df) : std::nullopt,
                              model.confidence, false);
    if (fit->total > 0) add_fit(result, model, *fit, residual_df);
    if (!fit->explained.empty() && tested) add_anova(result, model, *fit, residual_df);
    result.n = fit->n;
    result.missing = fit->missing;
    result.error_bound = fit->error_bound;
    if (!fit->note.empty()) result.note = fit->note;
    if (!tested && model.penalty == 0) result.note = "the residuals leave nothing to test with";
  }
  nlohmann::json out = model_json(result, model.confidence);
  out["outcome"] = model.design.response_name();
  return out;
}

}  // namespace cohortium::statistics
