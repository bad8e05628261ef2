// Cox regression: hazard ratios of covariates, by the partial likelihood of all sites' rows together.
//
// Local      per row: the order of its time, the event, the model's columns; n, events and the numbers of people at levels
// Under MPC  sort by time; Newton's method on shared rows (oblivious/cox_regression.h), nothing of which is opened
// Released   coefficients, their covariance, the log-likelihood at 0 and at the coefficients, the score test, n and the
//            number of events: all, or nothing where n, events, censorings, a level or n less the number of coefficients
//            is too small, or where there is no estimate
// Error      see docs/numerics.md
// Source     Cox (1972); Breslow (1974); Efron (1977); as R's survival::coxph
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.h"
#include "oblivious/compare.h"
#include "oblivious/concordance.h"
#include "oblivious/cox_regression.h"
#include "oblivious/division.h"
#include "oblivious/proportional_hazards.h"
#include "statistics/cox_design.h"
#include "statistics/cox_opened.h"
#include "statistics/distributions.h"
#include "statistics/entries.h"
#include "statistics/model_result.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

constexpr int concordance_bits = 40;

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

class Cox final : public Analysis {
 public:
  explicit Cox(const EntryContext& context)
      : design_(context),
        rule_(context.rule),
        ties_(context.entry.ties == "breslow" ? oblivious::Ties::kBreslow : oblivious::Ties::kEfron),
        opened_(context.entry.strength == "opened"),
        test_proportional_(context.entry.proportional_hazards),
        confidence_(context.entry.confidence) {
    if (test_proportional_ && (design_.weighted() || !context.entry.strata.empty())) {
      throw Failure({.code = "study.bad_combination",
                     .message = "hazards are tested for being proportional only without strata and weights",
                     .where = context.at("proportional_hazards"),
                     .remedy = "leave it out, or fit a model without them"});
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "Cox regression of " + design_.describe();
    declaration.analyst_learns = {
        "the coefficients of " + design_.describe() +
            " over all sites together, their covariance, the log-likelihood with and without covariates and the score "
            "test, the concordance; the numbers of people and events, and of people at each level of a category that "
            "is no reference",
        "nothing of these where there are " + below_minimum(rule_) +
            " in all, with the event, at such a level or another one, or beyond as many as "
            "there are coefficients; where no estimate exists, only that (dependent covariates, no convergence, "
            "a coefficient without end)"};
    if (test_proportional_)
      declaration.analyst_learns.push_back(
          "the covariates' residuals at events, weighed by one minus the Kaplan-Meier estimate, and their covariance");
    if (opened_)
      declaration.analyst_learns.push_back(
          "and so do the compute parties, of each of at most 20 steps: coefficients, log-likelihood, gradient and "
          "information over all sites, of covariates brought to a standard deviation near 1");
    declaration.columns = design_.reads();
    declaration.aggregate = "counts of " + design_.key();
    declaration.aggregate_size = design_.count_size();
    declaration.rows = design_.key();
    declaration.row_columns = design_.row_columns();
    declaration.error_bound = opened_ ? 1e-9 : 1e-6;
    return declaration;
  }
  std::vector<u128> local(const data::Table& table) const override { return design_.counts(table); }
  std::vector<u128> rows(const data::Table& table) const override { return design_.rows(table); }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    mpc::SharedCells cells = counted(engine, inputs);
    const bool opened = opened_ && may_open(engine, cells);
    const auto standard = oblivious::standardised(engine, design_.covariates(inputs), design_.counted(inputs));
    const auto rows = design_.survival_rows(engine, inputs, standard.covariates);
    const auto sets = oblivious::risk_sets(engine, rows, ties_);
    OpenedCox found;
    if (opened) found = opened_cox(engine, sets);
    oblivious::CoxFit fit =
        opened ? std::move(found.fit) : oblivious::cox_regression(engine, sets, opened_ ? 2 : oblivious::cox_steps);
    std::optional<oblivious::ProportionalHazards> proportional;
    if (test_proportional_) proportional = oblivious::proportional_hazards(engine, sets, fit);
    oblivious::scale_back(engine, fit, standard.scaling);
    cells.values = {fit.coefficients, fit.covariance, fit.null_likelihood,
                    fit.likelihood,   fit.score_test, mpc::slice(inputs.aggregate, 1, 1)};
    if (!design_.weighted()) cells.values.push_back(concordance(engine, inputs, sets, rows, fit.coefficients));
    if (proportional) cells.values.insert(cells.values.end(), {proportional->score, proportional->information});
    cells.faults = {{fit.singular, "a covariate is constant or follows from others (singular information)"},
                    {fit.separated, "a coefficient grows without end (separated records)"},
                    {fit.not_converged, "the likelihood has no maximum within reach (no convergence)"},
                    {fit.outside, "hazards differ too much for the numbers computed with"}};
    return {.cells = std::move(cells), .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    ModelResult result{
        .method = std::string("Cox regression, ties by ") + (ties_ == oblivious::Ties::kEfron ? "Efron" : "Breslow"),
        .formula = design_.matrix().describe(),
        .statistic_name = "z",
        .ratio_name = "hazard ratio"};
    result.strength = opened_ ? "opened" : "hidden";
    for (const std::string& fault : cells.faults) result.note += (result.note.empty() ? "" : "; ") + fault;
    if (!cells.passed.empty() && cells.passed.front() && cells.faults.empty()) fill(cells, result);
    return model_json(result, confidence_);
  }

 private:
  // n with the events among them, levels, and n beyond the number of coefficients.
  mpc::SharedCells counted(mpc::Engine& engine, const SiteInputs& inputs) const {
    const Shared<u128> n = mpc::slice(inputs.aggregate, 0, 1), events = mpc::slice(inputs.aggregate, 1, 1);
    const std::vector<u128> parameters{design_.size()};
    const auto enough = engine.not_bits(oblivious::less_than_public(engine, n, parameters[0], mpc::count_bits + 1));
    const auto beyond = engine.keep_where(enough, mpc::subtract(n, engine.constant(std::span<const u128>(parameters))));
    mpc::SharedCells cells{.people = oblivious::join({n, beyond}), .values = {}, .together = true};
    cells.events = oblivious::join({events, beyond});
    if (!design_.indicators().empty()) {
      const auto levels = mpc::slice(inputs.aggregate, 2, design_.indicators().size());
      const auto others = mpc::subtract(mpc::repeat(n, levels.size), levels);
      cells.people = oblivious::join({cells.people, levels, others});
      cells.events = oblivious::join({*cells.events, levels, others});
    }
    return cells;
  }

  // Opens whether all that the release rule asks of the numbers of people holds: before any step is opened.
  bool may_open(mpc::Engine& engine, const mpc::SharedCells& cells) const {
    const u128 minimum = rule_.minimum_cell;
    if (minimum == 1) return true;
    const auto few = oblivious::less_than_public(engine, cells.people, minimum, mpc::count_bits + 1);
    const auto few_events = oblivious::less_than_public(engine, *cells.events, minimum, mpc::count_bits + 1);
    const auto none = oblivious::equal_zero(engine, *cells.events, mpc::count_bits + 1);
    const auto bad = engine.and_bits(few_events, engine.not_bits(none));
    const std::array both{few, bad};
    const auto all = mpc::concatenate(std::span<const mpc::SharedBits>(both));
    const auto count = mpc::sum_blocks(engine.ring<mpc::u64>().from_bit(all), all.size);
    return (engine.open_bits(oblivious::equal_zero(engine, count, 30))[0] & 1) != 0;
  }

  // The share of pairs in which who had the event first had the higher predictor; concordance_bits.
  Shared<u128> concordance(mpc::Engine& engine, const SiteInputs& inputs, const oblivious::RiskSets& sets,
                           const oblivious::SurvivalRows& rows, const Shared<u128>& coefficients) const {
    const std::size_t n = inputs.row_count;
    auto predictor = engine.matrix_product(coefficients, design_.covariates(inputs), 1, design_.size(), n);
    if (rows.rows > n) predictor = oblivious::join({predictor, predictor});
    constexpr int spare =
        oblivious::coefficient_fraction_bits + oblivious::input_fraction_bits - oblivious::predictor_fraction_bits;
    if (rows.offset.size > 0) predictor = mpc::add(predictor, mpc::scale(rows.offset, u128{1} << spare));
    const oblivious::Concordance pairs = oblivious::concordance(engine, sets, rows, predictor);
    return oblivious::divide(engine, pairs.fourfold, mpc::scale(pairs.pairs, u128{4}), 54, concordance_bits);
  }

  void fill(const mpc::ReleasedCells& cells, ModelResult& result) const {
    const std::size_t d = design_.size();
    std::vector<double> beta, covariance;
    for (std::size_t j = 0; j < d; ++j)
      beta.push_back(mpc::decode_fixed(cells.values[0][j], oblivious::coefficient_fraction_bits) / design_.scale(j));
    for (std::size_t j = 0; j < d * d; ++j)
      covariance.push_back(mpc::decode_fixed(cells.values[1][j], oblivious::covariance_fraction_bits) /
                           (design_.scale(j / d) * design_.scale(j % d)));
    const auto number = [&](std::size_t which) {
      return mpc::decode_fixed(cells.values[which][0], oblivious::likelihood_fraction_bits);
    };
    const double null = number(2), likelihood = number(3), degrees = static_cast<double>(d);
    result.terms = wald_terms(design_.names(), beta, covariance, {}, confidence_, true);
    result.fit = {{"loglik_null", null}, {"loglik", likelihood}, {"aic", 2 * degrees - 2 * likelihood}};
    const auto test = [&](const char* name, std::optional<double> statistic) {
      result.tests.push_back({.name = name,
                              .statistic_name = "chi-square",
                              .statistic = statistic,
                              .p = statistic ? std::optional(chi_square_upper_tail(*statistic, degrees)) : std::nullopt,
                              .degrees_of_freedom = {degrees}});
    };
    if (!design_.weighted())
      result.fit.emplace_back("concordance", mpc::decode_fixed(cells.values[6][0], concordance_bits));
    test("likelihood ratio", 2 * (likelihood - null));
    test("Wald", quadratic_form(covariance, beta));
    test("score", number(4));
    if (test_proportional_) add_proportional(cells.values[cells.values.size() - 2], cells.values.back(), result);
    result.vcov = std::move(covariance);
    result.events = to_double(cells.values[5][0]);
    if (cells.people[0]) result.n = to_double(*cells.people[0]);
  }

  // One test per term of the formula, and one of all.
  void add_proportional(const std::vector<u128>& score, const std::vector<u128>& information,
                        ModelResult& result) const {
    const auto test = [&](const std::string& name, const std::vector<std::size_t>& columns) {
      std::vector<double> s, w;
      for (std::size_t i : columns) {
        s.push_back(mpc::decode_fixed(score[i], oblivious::information_fraction_bits));
        for (std::size_t j : columns)
          w.push_back(mpc::decode_fixed(information[i * design_.size() + j], oblivious::information_fraction_bits));
      }
      const auto statistic = quadratic_form(w, s);
      const auto degrees = static_cast<double>(columns.size());
      result.tests.push_back({.name = "proportional hazards: " + name,
                              .statistic_name = "chi-square",
                              .statistic = statistic,
                              .p = statistic ? std::optional(chi_square_upper_tail(*statistic, degrees)) : std::nullopt,
                              .degrees_of_freedom = {degrees}});
    };
    std::vector<std::size_t> all(design_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    for (std::size_t from = 0; from < all.size();) {
      std::vector<std::size_t> columns;
      const std::size_t term = design_.term(from);
      while (from < all.size() && design_.term(from) == term) columns.push_back(from++);
      test(design_.matrix().terms()[term], columns);
    }
    test("all", all);
  }

  CoxDesign design_;
  mpc::ReleaseRule rule_;
  oblivious::Ties ties_;
  bool opened_, test_proportional_;
  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_cox(const EntryContext& context) { return std::make_unique<Cox>(context); }

}  // namespace cohortium::statistics
