// Generalised linear models with everything hidden: rows are secret-shared, every step of the fit stays shared, and only
// the final table is opened.
//
// Local      n, events, numbers of people of model_disclosure.h; sums of R's first step and of what of the likelihood does
//            not depend on the model; each row's scaled columns, outcome, weight and offset as shares
// Under MPC  sums over sites; iteratively reweighted least squares with a public number of steps (oblivious/
//            generalised_linear.h), deviance, whether it has converged; the rules of model_disclosure.h
// Released   coefficients, covariance, deviances, n, what glm_diagnostics.h says; nothing where a fault bit is set
// Error      below 1e-6 of a standard error, and of the standard errors
// Source     McCullagh and Nelder (1989); R's glm.fit and MASS's glm.nb
#include "statistics/models/glm_hidden.h"

#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/fixed_point.h"
#include "statistics/models/glm.h"
#include "statistics/models/glm_diagnostics.h"
#include "statistics/models/glm_secure.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

enum Whole : std::size_t { kPeople, kMissing, kEvents, kWholes };

class GlmHidden final : public Analysis {
 public:
  explicit GlmHidden(const EntryContext& context)
      : model_(context),
        // The risks of a group add up what several points tell, as steps do.
        cells_(model_.design, context, context.entry.calibration > 0 ? Opened::kSteps : Opened::kProducts),
        numbers_(model_, context),
        diagnostics_(model_, context),
        steps_(numbers_.steps(model_.steps)) {}

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = model_.computes();
    declaration.analyst_learns = {"coefficients, their covariance matrix, deviances and log-likelihood of " +
                                  model_.design.describe() +
                                  ", and how many people take part, over all sites together; nothing when there are " +
                                  below_minimum(model_.rule) + ", or when some but " + below_minimum(model_.rule) +
                                  " share a combination of levels that the formula gives away, or " + model_.too_few() +
                                  "; and where there is no fit, whether "
                                  "columns depend on each other, separate the outcomes, or the steps were too few"};
    for (std::string& sentence : diagnostics_.learns()) declaration.analyst_learns.push_back(std::move(sentence));
    declaration.columns = model_.design.reads();
    if (!model_.weight.empty()) declaration.columns.push_back(model_.weight);
    declaration.aggregate = "glm hidden\x1f" + std::to_string(cells_.size()) + "\x1f" + numbers_.rows_key();
    declaration.aggregate_size = kWholes + cells_.size() + numbers_.size();
    declaration.rows = numbers_.rows_key();
    declaration.row_columns = numbers_.row_columns();
    declaration.row_bounds = numbers_.row_bounds();
    declaration.aggregate_bounds = {counts_of_people(kWholes + cells_.size())};
    for (const Bounds& sums : numbers_.bounds()) declaration.aggregate_bounds.push_back(sums);
    declaration.error_bound = 1e-6;
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    std::vector<u128> wholes(kWholes);
    std::vector<std::size_t> rows;
    GlmReader reader(model_, table);
    GlmRow row;
    GlmSums sums(numbers_);
    for (std::size_t i = 0; i < table.rows; ++i) {
      if (!reader.read(i, row)) continue;
      rows.push_back(i);
      wholes[kEvents] += model_.counts_events && row.values.response > 0 ? 1 : 0;
      sums.add(row);
    }
    wholes[kPeople] = rows.size();
    wholes[kMissing] = table.rows - rows.size();
    const std::vector<u128> cells = cells_.count(table, rows), reals = sums.encoded();
    wholes.insert(wholes.end(), cells.begin(), cells.end());
    wholes.insert(wholes.end(), reals.begin(), reals.end());
    return wholes;
  }

  std::vector<u128> rows(const data::Table& table) const override { return numbers_.rows(table); }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const u64 minimum = model_.rule.minimum_cell;
    const std::size_t first_real = kWholes + cells_.size();
    const oblivious::SharedBits few = any_few(engine, slice(inputs.aggregate, kWholes, cells_.size()), minimum);
    const GlmShared fit = fit_hidden(engine, numbers_, slice(inputs.aggregate, first_real, numbers_.size()),
                                     inputs.rows, inputs.row_count, steps_);
    mpc::SharedCells cells{.people = slice(inputs.aggregate, kPeople, 1), .values = {}, .together = true};
    cells.faults = {{few, "a combination of levels has " + below_minimum(model_.rule), minimum_cell_rule(model_.rule)},
                    model_.too_few(engine, cells.people, slice(inputs.aggregate, kEvents, 1))};
    cells.faults.insert(cells.faults.end(), fit.faults.begin(), fit.faults.end());
    cells.values = {mask_few(engine, slice(inputs.aggregate, kMissing, 2), minimum), fit.coefficients, fit.covariance,
                    fit.numbers};
    for (Shared<u128>& value : diagnostics_.values(engine, numbers_, inputs.rows, inputs.row_count, fit.coefficients))
      cells.values.push_back(std::move(value));
    return {.cells = std::move(cells), .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    if (!cells.passed.front()) {
      const std::string why = cells.faults.empty() ? "" : ": " + cells.faults.front();
      return present_glm(model_, "hidden", std::nullopt, "withheld" + why);
    }
    GlmFit fit = numbers_.read(cells.values[1], cells.values[2], cells.values[3]);
    fit.sums.n = to_double(*cells.people[0]);
    if (model_.weight.empty()) fit.sums.weight = fit.sums.n;
    fit.missing = unmasked(cells.values[0][0]);
    fit.events = unmasked(cells.values[0][1]);
    fit.steps = steps_;
    fit.error_bound = 1e-6;
    nlohmann::json out = present_glm(model_, "hidden", fit, "");
    if (fit.events) diagnostics_.present(out, std::span(cells.values).subspan(4), fit.sums.n, *fit.events);
    return out;
  }

 private:
  using u64 = mpc::u64;
  GlmModel model_;
  ModelCells cells_;
  GlmNumbers numbers_;
  GlmDiagnostics diagnostics_;
  std::size_t steps_;
};

}  // namespace

std::unique_ptr<Analysis> make_glm_hidden(const EntryContext& context) { return std::make_unique<GlmHidden>(context); }

}  // namespace cohortium::statistics
