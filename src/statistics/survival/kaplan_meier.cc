// The Kaplan-Meier curve per group, with Greenwood's standard error, confidence limits, and quartiles.
//
// Local      events and censorings per group and point of the public time grid
// Under MPC  sums over sites and numbers at risk (local); for merged steps also S(t) = prod (1 - d/n) and Greenwood's
//            sum of d / (n (n - d)), both in fixed point with 56 fraction bits
// Released   exact: the times at which anyone leaves, with numbers at risk, of events and of censorings; everything
//            else follows from these. Merged: steps that each cover at least the minimum number of events, with S and
//            Greenwood's sum at their ends, and the other counts that pass
// Error      exact: double rounding. Merged: S within 3 T, Greenwood's sum within 5 T units of 2^-56 on a grid of T points;
//            a root of a small sum multiplies its error, so the bound of the standard errors and limits is known only
//            with the result, and at most the root of the sum's
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/prefix_product.h"
#include "statistics/distributions.h"
#include "statistics/entries.h"
#include "statistics/survival/curve_steps.h"
#include "statistics/survival/kinds.h"
#include "statistics/survival/survival_counts.h"
#include "statistics/survival/survival_curve.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

constexpr int fraction_bits = survival_fraction_bits;

class KaplanMeier final : public StepCurve {
 public:
  using StepCurve::StepCurve;

 private:
  std::string computes() const override {
    return "the Kaplan-Meier curve of " + columns_.time.name + columns_.grouping.describe();
  }

  // How much an error of the deviation of log(S) moves a limit. Log: z, since S exp(z deviation) is cut at 1. Log-log: at
  // most z exp(z deviation / -log(S)), and deviation / -log(S) is at most 1 / sqrt(events so far).
  double limit_slope() const {
    const double z = quantile();
    return z * std::exp(z / std::sqrt(static_cast<double>(rule_.minimum_cell)));
  }
  double largest_error() const override { return limit_slope() * std::sqrt(sampling_error()); }

  double error_at(const CurveRow& row) const override {
    // The root of v off by e is off by at most sqrt(e), and by at most e / (2 sqrt(v - e)) where v is larger than e.
    const double e = sampling_error(), v = row.variance_log;
    if (row.survival == 0) return e;
    return e / row.survival + limit_slope() * (v > 2 * e ? e / (2 * std::sqrt(v - e)) : std::sqrt(e));
  }

  // Survival and Greenwood's sum at every grid point.
  std::vector<Shared<u128>> estimate(mpc::Engine& engine, const SurvivalCounts& counts) const override {
    const std::size_t size = counts.events.size;
    const std::vector<u128> ones(size, 1);
    // d/n and 1/(n-d) in one go, so that they share their rounds. The second is 0 where everyone at risk has the event:
    // there S is 0 and Greenwood's sum has no meaning.
    const std::vector<Shared<u128>> numerators{counts.events, engine.constant(std::span<const u128>(ones))};
    const std::vector<Shared<u128>> denominators{counts.at_risk, subtract(counts.at_risk, counts.events)};
    const Shared<u128> quotients =
        oblivious::divide(engine, concatenate(std::span(numerators)), concatenate(std::span(denominators)),
                          mpc::count_bits, fraction_bits);
    const Shared<u128> hazard = slice(quotients, 0, size);
    const Shared<u128> inverse = slice(quotients, size, size);
    const std::vector<u128> one(size, u128{1} << fraction_bits);
    const Shared<u128> staying = subtract(engine.constant(std::span<const u128>(one)), hazard);
    return {oblivious::prefix_product(engine, staying, columns_.grid(), fraction_bits),
            prefix_sum_blocks(oblivious::multiply_fixed(engine, hazard, inverse, fraction_bits), columns_.grid())};
  }

  void take(const std::vector<u128>& sampled, CurveRow& row) const override {
    // Below 2^-40 the estimate is rounding noise around an exact zero: nobody is left.
    const double survival = mpc::decode_fixed(sampled[0], fraction_bits);
    row.survival = survival < std::ldexp(1.0, -40) ? 0 : std::min(survival, 1.0);
    row.variance_log = mpc::decode_fixed(sampled[1], fraction_bits);
  }

  void present_rows(const std::vector<CurveRow>& rows, nlohmann::json& out) const override {
    using nlohmann::json;
    const CurveStatistics statistics = curve_statistics(rows, confidence_);
    json survival = json::array(), error = json::array(), error_log = json::array();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      survival.push_back(rows[i].survival);
      error.push_back(to_json(statistics.standard_error[i]));
      error_log.push_back(to_json(statistics.standard_error_log[i]));
    }
    out["surv"] = std::move(survival);
    out["std_err_surv"] = std::move(error);
    out["std_err_log_surv"] = std::move(error_log);
    for (const auto& [scale, limits] :
         {std::pair("log", &statistics.log), {"loglog", &statistics.log_log}, {"plain", &statistics.plain}}) {
      json lower = json::array(), upper = json::array();
      for (const Limits& limit : *limits) {
        lower.push_back(to_json(limit.lower));
        upper.push_back(to_json(limit.upper));
      }
      out[std::string("lower_") + scale] = std::move(lower);
      out[std::string("upper_") + scale] = std::move(upper);
    }
    out["median"] = to_json(statistics.median);
    out["median_lower"] = to_json(statistics.median_lower);
    out["median_upper"] = to_json(statistics.median_upper);
    out["quartiles"] = json::array();
    for (const QuantileOfCurve& quartile : statistics.quartiles) {
      out["quartiles"].push_back({{"probability", quartile.probability},
                                  {"value", to_json(quartile.value)},
                                  {"lower", to_json(quartile.lower)},
                                  {"upper", to_json(quartile.upper)}});
    }
  }
};

}  // namespace

std::unique_ptr<Analysis> make_kaplan_meier(const EntryContext& context) {
  return std::make_unique<KaplanMeier>(context);
}

}  // namespace cohortium::statistics
