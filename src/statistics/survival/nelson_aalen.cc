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
#include "statistics/distributions.h"
#include "statistics/entries.h"
#include "statistics/survival/curve_steps.h"
#include "statistics/survival/kinds.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;
using nlohmann::json;

constexpr int fraction_bits = survival_fraction_bits;

class NelsonAalen final : public StepCurve {
 public:
  using StepCurve::StepCurve;

 private:
  std::string computes() const override {
    return "the cumulative hazard (Nelson-Aalen) of " + columns_.time.name + columns_.grouping.describe();
  }

  // H and the sum of d / n^2.
  std::vector<Shared<u128>> estimate(mpc::Engine& engine, const SurvivalCounts& counts) const override {
    // d / n and 1 / n in one go. Where nobody is at risk both are 0.
    const std::size_t size = counts.events.size;
    const std::vector<Shared<u128>> numerators{counts.events, oblivious::constant_fill(engine, size, u128{1})};
    const Shared<u128> quotients = oblivious::divide(engine, concatenate(std::span(numerators)),
                                                     tile(counts.at_risk, 2), mpc::count_bits, fraction_bits);
    const Shared<u128> hazard = slice(quotients, 0, size), inverse = slice(quotients, size, size);
    return {prefix_sum_blocks(hazard, columns_.grid()),
            prefix_sum_blocks(oblivious::multiply_fixed(engine, hazard, inverse, fraction_bits), columns_.grid())};
  }

  double largest_error() const override {
    return (1 + quantile()) * std::exp(quantile()) * std::sqrt(sampling_error());
  }

  double error_at(const CurveRow& row) const override {
    const double e = sampling_error(), v = row.variance_hazard;
    const double error_of_root = v > 2 * e ? e / (2 * std::sqrt(v - e)) : std::sqrt(e);
    if (!(row.hazard > e)) return error_of_root;
    // The upper limit is H exp(r) with r = z root / H: it moves by exp(r) (1 - r) per unit of H, z exp(r) of the root.
    const double r = quantile() * std::sqrt(std::max(0.0, v)) / row.hazard;
    return std::exp(r) * ((1 + r) * e + quantile() * error_of_root);
  }

  void take(const std::vector<u128>& sampled, CurveRow& row) const override {
    row.hazard = std::max(0.0, mpc::decode_fixed(sampled[0], fraction_bits));
    row.variance_hazard = mpc::decode_fixed(sampled[1], fraction_bits);
  }

  void present_rows(const std::vector<CurveRow>& rows, json& out) const override {
    const HazardStatistics statistics = hazard_statistics(rows, confidence_);
    for (const char* name : {"cumhaz", "std_err_cumhaz", "lower", "upper"}) out[name] = json::array();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      out["cumhaz"].push_back(rows[i].hazard);
      out["std_err_cumhaz"].push_back(statistics.standard_error[i]);
      out["lower"].push_back(to_json(statistics.limits[i].lower));
      out["upper"].push_back(to_json(statistics.limits[i].upper));
    }
  }
};

}  // namespace

std::unique_ptr<Analysis> make_nelson_aalen(const EntryContext& context) {
  return std::make_unique<NelsonAalen>(context);
}

}  // namespace cohortium::statistics
