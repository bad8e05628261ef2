// Cox regression: hazard ratios of covariates, by the partial likelihood of all sites' rows together.
//
// Local      per row: the order of its time, the event, the model's columns; n, events, both at combinations of levels
// Under MPC  sort by time; Newton's method on shared rows (oblivious/cox_regression.h), nothing of which is opened
// Released   coefficients, their covariance, the log-likelihood at 0 and at the coefficients, the score test, n and the
//            number of events: all, or nothing where n, events, either of them per coefficient, or people or events at a
//            combination of levels (models/model_disclosure.h) are too few, or where there is no estimate
// Error      see docs/numerics.md
// Source     Cox (1972); Breslow (1974); Efron (1977); as R's survival::coxph
#include <map>
#include <nlohmann/json.hpp>

#include "oblivious/boolean.h"
#include "oblivious/compare.h"
#include "oblivious/concordance.h"
#include "oblivious/cox_regression.h"
#include "oblivious/proportional_hazards.h"
#include "oblivious/robust_covariance.h"
#include "statistics/entries.h"
#include "statistics/models/model_disclosure.h"
#include "statistics/survival/cox_baseline.h"
#include "statistics/survival/cox_design.h"
#include "statistics/survival/cox_faults.h"
#include "statistics/survival/cox_opened.h"
#include "statistics/survival/cox_result.h"
#include "statistics/survival/kinds.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;

class Cox final : public Analysis {
 public:
  explicit Cox(const EntryContext& context)
      : design_(context),
        rule_(context.rule),
        asked_{.ties = context.entry.ties == "breslow" ? oblivious::Ties::kBreslow : oblivious::Ties::kEfron,
               .opened = context.entry.strength == "opened",
               .robust = context.entry.robust,
               .proportional = context.entry.proportional_hazards,
               .concordance = !design_.weighted(),
               .baseline = context.entry.baseline,
               .steps = steps_of(context.entry),
               .confidence = context.entry.confidence},
        cells_(design_.matrix(), context, asked_.opened ? Opened::kSteps : Opened::kProducts),
        enough_(context.rule, design_.size()) {}

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "Cox regression of " + design_.describe();
    const std::string few = below_minimum(rule_);
    declaration.analyst_learns = {
        "the coefficients of " + design_.describe() +
            " over all sites together, their covariance, the log-likelihood with and without covariates and the score "
            "test, the concordance and its standard error; the numbers of people and events",
        "nothing of these where there are " + few + " in all or with the event, " + enough_.sentence("events") +
            ", or where some but " + few +
            ", or with the event, share a combination of levels that the formula gives away" +
            (asked_.baseline ? ", or some but fewer events than that a stratum" : "") +
            "; where no estimate exists, only why (dependent covariates, no convergence, a coefficient without end)"};
    if (asked_.robust) declaration.analyst_learns.push_back("the coefficients' robust covariance (sandwich)");
    if (asked_.proportional)
      declaration.analyst_learns.push_back(
          "the covariates' residuals at events, weighed by one minus the Kaplan-Meier estimate, and their covariance");
    if (asked_.baseline)
      for (const std::string& line : baseline_leakage(rule_)) declaration.analyst_learns.push_back(line);
    if (asked_.opened)
      declaration.analyst_learns.push_back(
          "and so do the compute parties, of each of at most " + std::to_string(asked_.steps) +
          " steps: coefficients, log-likelihood, gradient and "
          "information over all sites, of covariates brought to a standard deviation near 1");
    declaration.columns = design_.reads();
    declaration.aggregate = "counts of " + design_.key() + (asked_.opened ? "\x1fopened" : "") +
                            (asked_.baseline ? "\x1f"
                                               "baseline"
                                             : "");
    declaration.aggregate_size = kWholes + 2 * cells_.size() + curve_size();
    declaration.rows = design_.key();
    declaration.row_columns = design_.row_columns();
    design_.declare_bounds(declaration);
    declaration.error_bound = asked_.opened ? 1e-9 : 1e-6;
    return declaration;
  }
  std::vector<u128> local(const data::Table& table) const override {
    const CoxDesign::Participants rows = design_.participants(table);
    std::vector<u128> all{rows.everybody.size(), rows.with_event.size()};
    std::vector<std::vector<u128>> parts{cells_.count(table, rows.everybody), cells_.count(table, rows.with_event)};
    if (asked_.baseline) parts.push_back(design_.event_counts(table));
    for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  }
  std::vector<u128> rows(const data::Table& table) const override { return design_.rows(table); }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const Shared<u128> n = mpc::slice(inputs.aggregate, kPeople, 1), events = mpc::slice(inputs.aggregate, kEvents, 1);
    const std::vector<mpc::SharedFault> doubts = disclosed(engine, inputs);
    std::vector<SharedBits> refused{any_few(engine, events, rule_.minimum_cell)};
    for (const mpc::SharedFault& doubt : doubts) refused.push_back(doubt.bit);
    const SharedBits few = oblivious::or_all(engine, refused);
    const bool opened = asked_.opened && is_open(engine, n, few, rule_.minimum_cell);
    const auto standard = oblivious::standardised(engine, design_.covariates(inputs), design_.counted(inputs));
    const auto rows = design_.survival_rows(engine, inputs, standard.covariates);
    const auto sets = oblivious::risk_sets(engine, rows, asked_.ties);
    OpenedCox found;
    if (opened) found = opened_cox(engine, sets, asked_.steps);
    oblivious::CoxFit fit =
        opened ? std::move(found.fit) : oblivious::cox_regression(engine, sets, asked_.opened ? 2 : asked_.steps);
    std::map<CoxPart, Shared<u128>> parts{{CoxPart::kEvents, events}};
    if (asked_.robust) fit.robust = oblivious::robust_covariance(engine, sets, fit, design_.copies());
    if (asked_.proportional) {
      const auto proportional = oblivious::proportional_hazards(engine, sets, fit);
      parts[CoxPart::kTimeScore] = proportional.score;
      parts[CoxPart::kTimeInformation] = proportional.information;
    }
    oblivious::scale_back(engine, fit, standard.scaling);
    parts.merge(parts_of_fit(fit));
    if (asked_.concordance) {
      const auto found_pairs = concordance(engine, inputs, sets, rows, fit.coefficients);
      parts[CoxPart::kConcordance] = found_pairs.share;
      parts[CoxPart::kConcordanceVariance] = found_pairs.variance;
    }
    mpc::SharedOutcome outcome;
    outcome.cells = mpc::SharedCells{.people = n, .values = {}, .together = true, .events = events, .faults = doubts};
    const std::vector<mpc::SharedFault> faults = faults_of(fit);
    outcome.cells->faults.insert(outcome.cells->faults.end(), faults.begin(), faults.end());
    if (asked_.baseline) {
      std::vector<SharedBits> wrong{few, any_few(engine, n, rule_.minimum_cell)};
      for (const mpc::SharedFault& fault : faults) wrong.push_back(fault.bit);
      const SharedBits shown = engine.not_bits(oblivious::or_all(engine, wrong));
      const auto counts = mpc::slice(inputs.aggregate, inputs.aggregate.size - curve_size(), curve_size());
      outcome.curve = shared_baseline(engine, design_, sets, fit.terms, counts, shown);
      parts[CoxPart::kPredictorOfMeans] = engine.matrix_product_truncate(
          fit.coefficients, standard.means, 1, design_.size(), 1, oblivious::input_fraction_bits);
    }
    for (const CoxPart part : parts_of(asked_)) outcome.cells->values.push_back(parts.at(part));
    return outcome;
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const CoxAnswer answer = cox_answer(design_, asked_, *outcome.cells);
    nlohmann::json out = model_json(answer.model, asked_.confidence);
    if (asked_.baseline) out["baseline"] = baseline_json(design_, rule_, answer.predictor_of_zero, *outcome.curve);
    return out;
  }

 private:
  static std::map<CoxPart, Shared<u128>> parts_of_fit(const oblivious::CoxFit& fit) {
    return {{CoxPart::kCoefficients, fit.coefficients},      {CoxPart::kCovariance, fit.covariance},
            {CoxPart::kNullLikelihood, fit.null_likelihood}, {CoxPart::kLikelihood, fit.likelihood},
            {CoxPart::kScoreTest, fit.score_test},           {CoxPart::kRobust, fit.robust}};
  }

  enum Whole : std::size_t { kPeople, kEvents, kWholes };
  // The events of each stratum and point of time stand last in the aggregate.
  std::size_t curve_size() const {
    const SurvivalColumns columns = design_.curve_columns();
    return asked_.baseline ? columns.strata() * columns.grid() : 0;
  }

  static int steps_of(const AnalysisEntry& entry) {
    if (entry.steps > 0) return static_cast<int>(entry.steps);
    return entry.strength == "opened" ? most_opened_cox_steps : oblivious::cox_steps;
  }

  // Why what enough people stand behind in all may not be shown, either.
  std::vector<mpc::SharedFault> disclosed(mpc::Engine& engine, const SiteInputs& inputs) const {
    const std::size_t cells = 2 * cells_.size(), size = curve_size();
    std::vector<Shared<u128>> counts{mpc::slice(inputs.aggregate, kWholes, cells)};
    if (size > 0)
      counts.push_back(
          mpc::sum_blocks(mpc::slice(inputs.aggregate, kWholes + cells, size), design_.curve_columns().grid()));
    return {{any_few(engine, mpc::concatenate(std::span<const Shared<u128>>(counts)), rule_.minimum_cell),
             "some but " + below_minimum(rule_) + ", or with the event, share a combination of levels" +
                 (size > 0 ? " or a stratum" : ""),
             minimum_cell_rule(rule_)},
            enough_.fault(engine, mpc::slice(inputs.aggregate, kPeople, 1), mpc::slice(inputs.aggregate, kEvents, 1))};
  }

  // The share of pairs in which who had the event first had the higher predictor.
  oblivious::Concordance concordance(mpc::Engine& engine, const SiteInputs& inputs, const oblivious::RiskSets& sets,
                                     const oblivious::SurvivalRows& rows, const Shared<u128>& coefficients) const {
    const std::size_t n = inputs.row_count;
    auto predictor = engine.matrix_product(coefficients, design_.covariates(inputs), 1, design_.size(), n);
    if (design_.copies() == 2) predictor = oblivious::join({predictor, predictor});
    constexpr int spare =
        oblivious::coefficient_fraction_bits + oblivious::input_fraction_bits - oblivious::predictor_fraction_bits;
    if (rows.offset.size > 0) predictor = mpc::add(predictor, mpc::scale(rows.offset, u128{1} << spare));
    return oblivious::concordance(engine, oblivious::concordant_pairs(engine, sets, rows, predictor, design_.copies()));
  }

  CoxDesign design_;
  mpc::ReleaseRule rule_;
  CoxQuestions asked_;
  ModelCells cells_;
  EnoughRecords enough_;
};

}  // namespace

std::unique_ptr<Analysis> make_cox(const EntryContext& context) { return std::make_unique<Cox>(context); }

}  // namespace cohortium::statistics
