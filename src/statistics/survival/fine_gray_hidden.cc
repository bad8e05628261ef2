// Fine and Gray's model with everything hidden: rows are secret-shared, every step of the fit stays shared.
//
// Local      per row: how the person left, the order of the time, the covariates; the counts of fine_gray.h
// Under MPC  sort by time; weights of who had a competing event, by the censoring of all sites; Newton's method with a
//            public number of steps and the variance of its score (oblivious/subdistribution.h); the rule on shared counts
// Released   coefficients and their covariance, log-likelihoods, n, events: all, or nothing where a fault bit is set
// Error      below 1e-6 of every number, see docs/numerics.md
// Source     Fine and Gray, JASA 1999; as R's cmprsk::crr
#include <bit>
#include <nlohmann/json.hpp>

#include "oblivious/subdistribution.h"
#include "statistics/survival/cox_faults.h"
#include "statistics/survival/fine_gray.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;
using mpc::u64;

enum Column : std::size_t { kCounts, kEvent, kCompeting, kOrder, kCovariates };

class FineGrayHidden final : public Analysis {
 public:
  explicit FineGrayHidden(const EntryContext& context)
      : model_(context, Opened::kProducts),
        steps_(context.entry.steps == 0 ? oblivious::cox_steps : static_cast<int>(context.entry.steps)) {}

  Declaration declare() const override {
    Declaration declaration = model_.declaration("hidden");
    declaration.rows = declaration.aggregate;
    declaration.row_columns = kCovariates + model_.size();
    declaration.row_bounds = {bits(3), whole_numbers(1, model_.grid()),
                              fixed_numbers(model_.size(), -1, 1, oblivious::input_fraction_bits)};
    declaration.indicators = {{kEvent, 2}};
    declaration.error_bound = error_bound;
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override { return model_.counts(table); }

  std::vector<u128> rows(const data::Table& table) const override {
    std::vector<u128> all((kCovariates + model_.size()) * table.rows);
    FineGrayReader reader(model_, table);
    FineGrayRow row;
    for (std::size_t i = 0; i < table.rows; ++i) {
      if (!reader.read(i, row)) continue;
      const auto put = [&](std::size_t column, u128 value) { all[column * table.rows + i] = value; };
      put(kCounts, 1);
      put(kEvent, row.leaving == kOfCause);
      put(kCompeting, row.leaving == kOfOther);
      put(kOrder, row.time + 1);
      for (std::size_t j = 0; j < row.x.size(); ++j)
        put(kCovariates + j, mpc::encode_fixed<u128>(row.x[j], oblivious::input_fraction_bits));
    }
    return all;
  }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const std::size_t n = inputs.row_count, d = model_.size();
    const auto counted = inputs.column(kCounts);
    const auto standard = oblivious::standardised(engine, slice(inputs.rows, kCovariates * n, d * n), counted);
    oblivious::SurvivalRows rows{.rows = n, .columns = d};
    rows.event = engine.bit(mpc::narrow(inputs.column(kEvent)), 0);
    rows.competing = engine.bit(mpc::narrow(inputs.column(kCompeting)), 0);
    rows.key_bits = static_cast<int>(std::bit_width(model_.grid()));
    const std::vector<u64> last(n, (u64{1} << rows.key_bits) - 1);
    rows.key = mpc::subtract(engine.constant(std::span<const u64>(last)), mpc::narrow(inputs.column(kOrder)));
    rows.covariates = standard.covariates;
    rows.weight = counted;
    oblivious::RiskSets sets = oblivious::risk_sets(engine, rows, oblivious::Ties::kBreslow);
    const oblivious::Censoring censoring = oblivious::subdistribution(engine, sets);
    oblivious::CoxFit fit = oblivious::cox_regression(engine, sets, steps_);
    fit.covariance = oblivious::sandwich(engine, fit, oblivious::score_variance(engine, sets, censoring, fit.terms));
    oblivious::scale_back(engine, fit, standard.scaling);
    mpc::SharedCells cells = model_.released(engine, inputs.aggregate, model_.doubts(engine, inputs.aggregate));
    cells.values.insert(cells.values.end(), {fit.coefficients, fit.covariance, fit.null_likelihood, fit.likelihood});
    const std::vector<mpc::SharedFault> faults = faults_of(fit);
    cells.faults.insert(cells.faults.end(), faults.begin(), faults.end());
    return {.cells = std::move(cells), .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    if (!cells.passed.front()) return model_.present(cells, "hidden", std::nullopt, withheld_note(cells), 0);
    FineGrayFit fit;
    for (const u128 x : cells.values[2])
      fit.coefficients.push_back(mpc::decode_fixed(x, oblivious::coefficient_fraction_bits));
    for (const u128 x : cells.values[3])
      fit.covariance.push_back(mpc::decode_fixed(x, oblivious::covariance_fraction_bits));
    fit.null_likelihood = mpc::decode_fixed(cells.values[4][0], oblivious::likelihood_fraction_bits);
    fit.likelihood = mpc::decode_fixed(cells.values[5][0], oblivious::likelihood_fraction_bits);
    fit.steps = static_cast<std::size_t>(steps_);
    return model_.present(cells, "hidden", fit, "", error_bound);
  }

 private:
  static constexpr double error_bound = 1e-6;
  FineGrayModel model_;
  int steps_;
};

}  // namespace

std::unique_ptr<Analysis> make_fine_gray_hidden(const EntryContext& context) {
  return std::make_unique<FineGrayHidden>(context);
}

}  // namespace cohortium::statistics
