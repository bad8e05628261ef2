// Generalised linear models: logistic, Poisson, gamma, Gaussian, negative binomial regression, as R's glm and glm.nb.
//
// opened   sites answer each step with sums at public coefficients (glm_opened.cc)
// hidden   rows are secret-shared and no step is opened (glm_hidden.cc)
#include "statistics/models/glm.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/penalised_model.h"
#include "statistics/distributions.h"
#include "statistics/models/glm_hidden.h"
#include "statistics/models/kinds.h"
#include "statistics/models/model_result.h"

namespace cohortium::statistics {
namespace {

std::vector<std::string> also_read(const EntryContext& context) {
  if (context.entry.weight.empty()) return {};
  return {context.column("weight", context.entry.weight, data::ColumnType::kNumber).name};
}

// Rows and columns that follow from others are NaN.
std::vector<double> covariance_of(const GlmModel& model, const GlmFit& fit, double dispersion) {
  std::vector<double> vcov = model.scaling.covariance(fit.inverse);
  const std::size_t d = fit.coefficients.size();
  for (std::size_t i = 0; i < d * d; ++i) {
    vcov[i] *= dispersion;
    if (std::isnan(fit.coefficients[i / d]) || std::isnan(fit.coefficients[i % d])) vcov[i] = NAN;
  }
  return vcov;
}

// Penalised estimates are drawn towards 0, and a lasso's columns were chosen by the same data: what a standard error would say
// of them does not hold.
void make_penalised(ModelResult& result, const GlmModel& model, const GlmFit& fit) {
  std::size_t selected = 0;
  for (ModelTerm& term : result.terms) selected += term.estimate != 0.0 ? 1 : 0;
  result.method = "Penalised logistic regression";
  result.vcov.clear();
  result.fit = {{"deviance", fit.sums.deviance},
                {"null_deviance", fit.null_deviance},
                {"lasso", model.lasso},
                {"penalty", model.ridge},
                {"coefficients_not_0", static_cast<double>(selected)}};
  result.note = "penalised estimates are drawn towards 0 and have no standard errors";
}

// What R's summary and logLik tell.
void add_fit(ModelResult& result, const GlmModel& model, const GlmFit& fit, double degrees, double dispersion) {
  const bool estimated = !model.family.fixed_dispersion || model.family.has_theta;
  const double loglik = model.family.log_likelihood(fit.sums);
  const double parameters = static_cast<double>(fit.rank) + (estimated ? 1 : 0);
  result.fit = {{"deviance", fit.sums.deviance},
                {"null_deviance", fit.null_deviance},
                {"df_residual", degrees},
                {"df_null", fit.sums.n - (model.design.has_intercept() ? 1 : 0)},
                {"loglik", loglik},
                {"aic", -2 * loglik + 2 * parameters},
                {"bic", -2 * loglik + std::log(fit.sums.n) * parameters},
                {"pearson", fit.pearson},
                {"dispersion", dispersion}};
  if (fit.theta) {
    result.fit.emplace_back("theta", fit.theta);
    result.fit.emplace_back("se_theta", fit.theta_error);
  }
  if (!fit.null_deviance || !model.design.has_intercept() || fit.rank <= 1 || !model.family.fixed_dispersion) return;
  const double drop = *fit.null_deviance - fit.sums.deviance, df = static_cast<double>(fit.rank) - 1;
  result.tests.push_back({.name = "likelihood ratio against the intercept alone",
                          .statistic_name = "chi-square",
                          .statistic = drop,
                          .p = chi_square_upper_tail(drop, df),
                          .degrees_of_freedom = {df}});
}

}  // namespace

GlmModel::GlmModel(const EntryContext& context)
    : design(context, also_read(context)),
      family(make_family(context.entry.family, context.entry.link, context.path)),
      scaling(design),
      weight(context.entry.weight),
      rule(context.rule),
      confidence(context.entry.confidence),
      counts_events(design.response_is_binary()),
      lasso(context.entry.lasso),
      ridge(context.entry.penalty),
      steps(context.entry.steps) {
  if (!design.has_response())
    refuse_formula(context.at("formula"), 1, "the outcome is missing", "write \"outcome ~ column + column\"");
  if (design.columns().empty())
    refuse_formula(context.at("formula"), 1, "the model has no columns", "keep the intercept or name a column");
  const std::string fault = outcome_fault(family.name, design.response_range(), design.response_is_binary());
  if (!fault.empty())
    throw Failure({.code = "study.bad_outcome",
                   .message = fault,
                   .where = context.at("formula"),
                   .remedy = "declare such a range, or choose another family"});
  if (!weight.empty() && context.column("weight", weight, data::ColumnType::kNumber).low < 0)
    throw Failure({.code = "study.bad_weights",
                   .message = "weights may be below 0 by their declared range",
                   .where = context.at("weight"),
                   .remedy = "declare a range that begins at 0"});
  check_penalties(context);
}

void GlmModel::check_penalties(const EntryContext& context) const {
  const std::string field = context.at(lasso > 0 ? "lasso" : "penalty");
  if (!(lasso >= 0 && ridge >= 0 && lasso <= 1e9 && ridge <= 1e9))
    throw Failure({.code = "study.bad_penalty",
                   .message = "a penalty is below 0 or above 1e9",
                   .where = field,
                   .remedy = "use a smaller one that is not negative"});
  if (penalised() && (family.name != "binomial" || family.link.name != "logit"))
    throw Failure({.code = "study.bad_penalty",
                   .message = "penalties are for logistic models",
                   .where = field,
                   .remedy = "leave them out, or write \"family\": \"binomial\" with its own link"});
  constexpr std::size_t fewest_with_lasso = oblivious::active_set_steps + 1;
  if (lasso > 0 && steps > 0 && steps < fewest_with_lasso)
    throw Failure({.code = "study.too_few_steps",
                   .message = "a model with a penalty on absolute values takes at least " +
                              std::to_string(fewest_with_lasso) + " steps",
                   .where = context.at("steps"),
                   .remedy = "ask for more steps, or leave them out"});
}

std::vector<double> GlmModel::scaled_lasso() const {
  std::vector<double> penalties;
  for (std::size_t j = 0; j < scaling.size(); ++j)
    penalties.push_back(j == 0 && design.has_intercept() ? 0 : lasso / scaling.half_width(j));
  return penalties;
}

std::vector<double> GlmModel::scaled_ridge() const {
  std::vector<double> penalties;
  for (std::size_t j = 0; j < scaling.size(); ++j)
    penalties.push_back(j == 0 && design.has_intercept() ? 0 : ridge / scaling.half_width(j) / scaling.half_width(j));
  return penalties;
}

std::string GlmModel::computes() const {
  const std::string penalty = penalised() ? "penalised " : "";
  return penalty + family.title + " (" + family.name + ", " + family.link.name + " link): " + design.describe();
}

std::string GlmModel::too_few() const {
  return enough().sentence(counts_events ? "of these with the outcome or without it" : "");
}

mpc::SharedFault GlmModel::too_few(mpc::Engine& engine, const mpc::Shared<mpc::u128>& people,
                                   const mpc::Shared<mpc::u128>& events) const {
  return enough().fault(engine, people, counts_events ? with_and_without(people, events) : mpc::slice(people, 0, 0));
}

GlmReader::GlmReader(const GlmModel& model, const data::Table& table) : model_(model), reader_(model.design, table) {
  if (!model.weight.empty()) weight_ = &table.column(model.weight);
}

bool GlmReader::read(std::size_t row, GlmRow& out) {
  if (!reader_.read(row, out.values)) return false;
  out.weight = weight_ ? weight_->number[row] : 1;
  model_.scaling.scale(out.values.x);
  return out.weight > 0;
}

nlohmann::json present_glm(const GlmModel& model, const std::string& strength, const std::optional<GlmFit>& fit,
                           const std::string& note) {
  const bool student = !model.family.fixed_dispersion;
  ModelResult result{.method = model.family.title,
                     .formula = model.design.describe(),
                     .statistic_name = student ? "t" : "z",
                     .ratio_name = model.family.ratio};
  result.strength = strength;
  result.note = note;
  if (fit) {
    const double degrees = fit->sums.n - static_cast<double>(fit->rank);
    const double dispersion = student ? (degrees > 0 ? fit->pearson / degrees : NAN) : 1;
    std::vector<std::string> names;
    for (const DesignColumn& column : model.design.columns()) names.push_back(column.name);
    const std::vector<double> coefficients = model.scaling.coefficients(fit->coefficients);
    const std::size_t d = coefficients.size();
    result.vcov = model.penalised() ? std::vector<double>(d * d, NAN) : covariance_of(model, *fit, dispersion);
    // Limits are Wald's, with normal quantiles, as R's confint.default; p is Student's where R's summary says so.
    result.terms =
        wald_terms(names, coefficients, result.vcov, std::nullopt, model.confidence, !model.family.ratio.empty());
    for (ModelTerm& term : result.terms) {
      if (student && term.statistic) term.p = student_two_sided(*term.statistic, degrees);
    }
    if (model.penalised())
      make_penalised(result, model, *fit);
    else
      add_fit(result, model, *fit, degrees, dispersion);
    result.n = fit->sums.n;
    result.missing = fit->missing;
    if (model.counts_events) result.events = fit->events;
    result.steps = fit->steps;
    result.error_bound = fit->error_bound;
    if (!fit->note.empty()) result.note = fit->note;
  }
  nlohmann::json out = model_json(result, model.confidence);
  out["family"] = model.family.name;
  out["link"] = model.family.link.name;
  out["outcome"] = model.design.response_name();
  return out;
}

std::unique_ptr<Analysis> make_glm(const EntryContext& context) {
  if (context.entry.strength == "opened") return make_glm_opened(context);
  return make_glm_hidden(context);
}

}  // namespace cohortium::statistics
