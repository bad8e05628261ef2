// The cumulative hazard per group as Nelson and Aalen estimate it, with standard errors and limits.
//
// Local      events and censorings per group and point of the public time grid
// Under MPC  sums over sites and numbers at risk (local); for merged steps also H(t) = sum of d / n and the sum of
//            d / n^2, both in fixed point with 56 fraction bits
// Released   as in kaplan_meier.cc; in merged steps H and the sum of d / n^2 at their ends
// Error      exact: double rounding. Merged: H within 2 T, the sum of d / n^2 within 5 T units of 2^-56 on a grid of T
//            points; the root of a small sum multiplies its error, so the result knows a closer bound
// Source     Aalen (1978); variance and ties as R's survfit has them (ctype = 1: std.chaz)
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "statistics/curve_steps.h"
#include "statistics/distributions.h"
#include "statistics/entries.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;
using nlohmann::json;

constexpr int fraction_bits = survival_fraction_bits;

class NelsonAalen final : public Analysis {
 public:
  NelsonAalen(SurvivalColumns columns, mpc::ReleaseRule rule, double confidence)
      : columns_(std::move(columns)), rule_(rule), confidence_(confidence) {}

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes =
        "the cumulative hazard (Nelson-Aalen) of " + columns_.time.name + columns_.grouping.describe();
    declaration.analyst_learns = curve_leakage(rule_);
    declaration.columns = column_names(columns_);
    declaration.aggregate = columns_.key();
    declaration.aggregate_size = columns_.aggregate_size();
    const double z = quantile();
    declaration.error_bound = merged() ? (1 + z) * std::exp(z) * std::sqrt(sampling_error()) : 0;
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override { return count_locally(columns_, table); }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const SurvivalCounts counts = split_aggregate(columns_, inputs.aggregate);
    mpc::SharedOutcome outcome;
    outcome.curve = mpc::SharedCurve{.strata = columns_.strata(),
                                     .grid = columns_.grid(),
                                     .events = counts.events,
                                     .censored = counts.censored,
                                     .sampled = {}};
    if (!merged()) return outcome;
    // d / n and 1 / n in one go. Where nobody is at risk both are 0.
    const std::size_t size = counts.events.size;
    const std::vector<Shared<u128>> numerators{counts.events, oblivious::constant_fill(engine, size, u128{1})};
    const Shared<u128> quotients = oblivious::divide(engine, concatenate(std::span(numerators)),
                                                     tile(counts.at_risk, 2), mpc::count_bits, fraction_bits);
    const Shared<u128> hazard = slice(quotients, 0, size), inverse = slice(quotients, size, size);
    outcome.curve->sampled = {
        prefix_sum_blocks(hazard, columns_.grid()),
        prefix_sum_blocks(oblivious::multiply_fixed(engine, hazard, inverse, fraction_bits), columns_.grid())};
    return outcome;
  }

  json present(const mpc::ReleasedOutcome& outcome) const override {
    json strata = json::array();
    double error = 0;
    for (std::size_t s = 0; s < columns_.strata(); ++s) {
      const mpc::ReleasedStratum& stratum = (*outcome.curve)[s];
      const std::vector<CurveRow> rows = rows_of(stratum);
      strata.push_back(present_stratum(s, stratum, rows));
      if (!merged()) continue;
      for (const CurveRow& row : rows) error = std::max(error, error_at(row));
    }
    json out = curve_json(columns_, rule_, confidence_);
    out["error_bound"] = error;
    out["strata"] = std::move(strata);
    return out;
  }

 private:
  bool merged() const { return rule_.curve == mpc::CurveRule::kMerged; }
  double quantile() const { return normal_quantile((1 + confidence_) / 2); }
  // Of H and of the sum of d / n^2, anywhere on the grid.
  double sampling_error() const { return 5 * static_cast<double>(columns_.grid()) * std::ldexp(1.0, -fraction_bits); }

  double error_at(const CurveRow& row) const {
    const double e = sampling_error(), v = row.variance_hazard;
    const double error_of_root = v > 2 * e ? e / (2 * std::sqrt(v - e)) : std::sqrt(e);
    if (!(row.hazard > e)) return error_of_root;
    // The upper limit is H exp(r) with r = z root / H: it moves by exp(r) (1 - r) per unit of H, z exp(r) of the root.
    const double r = quantile() * std::sqrt(std::max(0.0, v)) / row.hazard;
    return std::exp(r) * ((1 + r) * e + quantile() * error_of_root);
  }

  std::vector<CurveRow> rows_of(const mpc::ReleasedStratum& stratum) const {
    std::vector<CurveRow> rows = rows_of_steps(columns_, stratum);
    if (!merged()) {
      estimate_from_counts(rows);
      return rows;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i].hazard = std::max(0.0, mpc::decode_fixed(stratum.steps[i].sampled[0], fraction_bits));
      rows[i].variance_hazard = mpc::decode_fixed(stratum.steps[i].sampled[1], fraction_bits);
    }
    return rows;
  }

  json present_stratum(std::size_t index, const mpc::ReleasedStratum& stratum,
                       const std::vector<CurveRow>& rows) const {
    json out = stratum_json(columns_, index, stratum);
    const HazardStatistics statistics = hazard_statistics(rows, confidence_);
    for (const char* name : {"cumhaz", "std_err_cumhaz", "lower", "upper"}) out[name] = json::array();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      out["cumhaz"].push_back(rows[i].hazard);
      out["std_err_cumhaz"].push_back(statistics.standard_error[i]);
      out["lower"].push_back(to_json(statistics.limits[i].lower));
      out["upper"].push_back(to_json(statistics.limits[i].upper));
    }
    return out;
  }

  SurvivalColumns columns_;
  mpc::ReleaseRule rule_;
  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_nelson_aalen(const EntryContext& context) {
  SurvivalColumns columns = survival_columns(context);
  check_survival_numbers(columns.grid(), context.path);
  return std::make_unique<NelsonAalen>(std::move(columns), context.rule, context.entry.confidence);
}

}  // namespace cohortium::statistics
