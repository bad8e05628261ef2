// Linear models, as R's lm: coefficients, errors, t, R squared, F, type I analysis of variance; with a public penalty ridge
// regression, as MASS's lm.ridge.
//
// Local      n, sums, sums of products of columns and outcome; numbers of people per level (model_disclosure.h)
// Under MPC  sums over sites; the rules of model_disclosure.h; hidden: the solution (linear_hidden.h)
// Released   opened: all sums, from which everything follows. hidden: coefficients, their errors, two sums of squares
// Error      each value is rounded once, by 2^-47 of half its declared range; sums are exact. hidden: as stated there
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "statistics/entries.h"
#include "statistics/models/kinds.h"
#include "statistics/models/linear_hidden.h"
#include "statistics/models/linear_sums.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

class Linear final : public Analysis {
 public:
  explicit Linear(const EntryContext& context)
      : model_(context),
        opened_(context.entry.strength == "opened"),
        cells_(model_.design, context, opened_ ? Opened::kProducts : Opened::kTable),
        rule_(context.rule),
        enough_(context.rule, model_.design.columns().size()) {
    if (!opened_) check_hidden(model_, rule_.minimum_cell, context.path);
  }

  Declaration declare() const override {
    Declaration declaration;
    const std::string what = model_.design.describe();
    declaration.computes = (model_.penalty > 0 ? "the ridge regression " : "the linear regression ") + what;
    const std::string nothing =
        "; nothing when there are " + below_minimum(rule_) + ", or when some but " + below_minimum(rule_) +
        " share a combination of levels that the formula gives away, or " + enough_.sentence("");
    if (opened_)
      declaration.analyst_learns = {"the number of people, and the sums and sums of products of all columns of " +
                                    what + " over all sites together, from which the regression follows" + nothing};
    else
      declaration.analyst_learns = {"the number of people, the coefficients of " + what +
                                    " with their standard errors, and the sums of squares of the outcome and of the "
                                    "residuals, over all sites together" +
                                    nothing};
    declaration.columns = model_.design.reads();
    declaration.aggregate = std::string("linear\x1f") + (opened_ ? "pairs" : "margins") + "\x1f" + model_.design.key();
    declaration.aggregate_size = layout().cells() + cells_.size();
    const std::size_t width = layout().width;
    constexpr double most = 1 + 0x1p-40;  // a product of two rounded numbers
    declaration.aggregate_bounds = {counts_of_people(2), fixed_sums(width, -1, 1, linear_fraction_bits),
                                    fixed_sums(width * (width + 1) / 2, -most, most, 2 * linear_fraction_bits),
                                    counts_of_people(cells_.size())};
    declaration.error_bound = opened_ ? 0x1p-40 : 1e-6;
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override { return linear_sums(model_, cells_, table); }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const auto part = [&](std::size_t from, std::size_t to) { return slice(inputs.aggregate, from, to - from); };
    const std::size_t end = inputs.aggregate.size;
    mpc::SharedCells cells{.people = part(0, 1), .values = {}, .together = true};
    const mpc::SharedBits few = any_few(engine, part(layout().cells(), end), rule_.minimum_cell);
    cells.faults = {{few, "a combination of levels has " + below_minimum(rule_), minimum_cell_rule(rule_)},
                    enough_.fault(engine, cells.people, slice(cells.people, 0, 0))};
    cells.values = {mask_few(engine, part(layout().missing(), layout().sums()), rule_.minimum_cell)};
    if (opened_) {
      cells.values.push_back(part(layout().sums(), layout().cells()));
    } else {
      HiddenSolution solution = solve_hidden(engine, model_, rule_.minimum_cell, part(0, layout().cells()));
      cells.values.push_back(std::move(solution.values));
      cells.faults.insert(cells.faults.end(), solution.faults.begin(), solution.faults.end());
    }
    return {.cells = std::move(cells), .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    const std::string strength = opened_ ? "opened" : "hidden";
    if (!cells.passed.front() || *cells.people[0] == 0) {
      const std::string why = cells.faults.empty() ? "" : ": " + cells.faults.front();
      return present_linear(model_, strength, std::nullopt,
                            cells.passed.front() ? "nobody takes part" : "withheld" + why);
    }
    LinearFit fit = opened_ ? solve_linear(model_, *cells.people[0], cells.values[1])
                            : read_hidden(model_, *cells.people[0], cells.values[1]);
    fit.missing = unmasked(cells.values[0][0]);
    return present_linear(model_, strength, fit, "");
  }

 private:
  LinearLayout layout() const { return {.width = model_.variables + 1}; }

  LinearModel model_;
  bool opened_;
  ModelCells cells_;
  mpc::ReleaseRule rule_;
  EnoughRecords enough_;
};

}  // namespace

std::unique_ptr<Analysis> make_linear(const EntryContext& context) { return std::make_unique<Linear>(context); }

}  // namespace cohortium::statistics
