// The restricted mean survival time per group, the area under the Kaplan-Meier curve up to a public time, with standard
// errors, and the differences between groups.
//
// Local      events and censorings per group and point of the public time grid
// Under MPC  S as in kaplan_meier.cc; with A(t) the area under S from t to the end, the sum over t of A(t)^2 d/(n (n - d)):
//            areas are sums, hence local; their squares are taken in units of a power of two of grid steps
// Released   of a group with enough people of whom none or enough had the event before the end: the mean, its variance and
//            the number of these events; the number of people where those without the event are none or enough, too
// Error      with m grid steps up to the end: the mean within 2 m^2, the variance within 12 (m + 1) 4^ceil(log2 m) units of
//            2^-56, in squares of the step; the result says what that is for its standard errors
// Source     Irwin (1949), Meier (1975); as R's summary of survfit with rmean
#include <algorithm>
#include <bit>
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

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;
using nlohmann::json;

constexpr int fraction_bits = survival_fraction_bits;

struct Mean {
  double value = 0, variance = 0;
};

class RestrictedMean final : public Analysis {
 public:
  explicit RestrictedMean(const EntryContext& context)
      : columns_(survival_columns(context)),
        rule_(context.rule),
        confidence_(context.entry.confidence),
        until_(context.entry.until) {
    check_survival_numbers(columns_.grid(), context.path);
    const double steps = (until_ - columns_.time.low) / columns_.time.step;
    const bool on_grid = std::abs(steps - std::round(steps)) < 1e-9 * std::max(1.0, std::abs(steps));
    if (!on_grid || !(steps >= 1) || steps > static_cast<double>(columns_.grid() - 1)) {
      throw Failure({.code = "study.bad_time",
                     .message = "the restricted mean needs a time on the grid of \"" + columns_.time.name +
                                "\", after its beginning",
                     .where = context.at("until"),
                     .remedy = "choose the smallest time and a whole number of steps, within the declared range"});
    }
    steps_ = static_cast<std::size_t>(std::llround(steps));
    bits_ = static_cast<int>(std::bit_width(steps_ - 1));
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the restricted mean of " + columns_.time.name + " up to " + json(until_).dump() +
                           columns_.grouping.describe() + " (area under the Kaplan-Meier curve)";
    const std::string few = below_minimum(rule_);
    declaration.analyst_learns = {
        "per group of at least " + std::to_string(rule_.minimum_cell) +
            " people the mean, its standard error and the number of events before " + json(until_).dump() +
            ", over all sites together; nothing of a group in which some but " + few + " had the event by then",
        "per such group the number of people, unless some but " + few + " of them had no event by then"};
    declaration.columns = column_names(columns_);
    declaration.aggregate = columns_.key();
    declaration.aggregate_size = columns_.aggregate_size();
    declaration.error_bound = std::max(error_of_mean(), std::sqrt(error_of_variance()));
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override { return count_locally(columns_, table); }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const std::size_t groups = columns_.strata(), size = groups * steps_;
    const SurvivalCounts counts = split_aggregate(columns_, inputs.aggregate);
    const Shared<u128> events = before_the_end(counts.events), at_risk = before_the_end(counts.at_risk);
    // d / n and 1 / (n - d), which is 0 where everybody has the event: from then on there is no area.
    const std::vector<Shared<u128>> numerators{events, oblivious::constant_fill(engine, size, u128{1})};
    const std::vector<Shared<u128>> denominators{at_risk, subtract(at_risk, events)};
    const Shared<u128> quotients =
        oblivious::divide(engine, concatenate(std::span(numerators)), concatenate(std::span(denominators)),
                          mpc::count_bits, fraction_bits);
    const Shared<u128> hazard = slice(quotients, 0, size);
    const Shared<u128> staying = subtract(oblivious::constant_fill(engine, size, u128{1} << fraction_bits), hazard);
    const Shared<u128> survival = oblivious::prefix_product(engine, staying, steps_, fraction_bits);
    // Blocks run backwards when the whole vector does, so reversing twice sums each group's rest of the curve.
    const Shared<u128> area = reverse(prefix_sum_blocks(reverse(survival), steps_));
    const Shared<u128> scaled = bits_ == 0 ? area : engine.truncate(area, bits_);
    const std::vector<Shared<u128>> left{scaled, hazard}, right{scaled, slice(quotients, size, size)};
    const Shared<u128> products =
        oblivious::multiply_fixed(engine, concatenate(std::span(left)), concatenate(std::span(right)), fraction_bits);
    const Shared<u128> variance =
        oblivious::dot_fixed(engine, slice(products, 0, size), slice(products, size, size), steps_, fraction_bits);
    const Shared<u128> happened = sum_blocks(events, steps_);
    return {.cells = mpc::SharedCells{.people = counts.people,
                                      .values = {happened, sum_blocks(survival, steps_), variance},
                                      .events = happened},
            .curve = {}};
  }

  json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    const double z = quantile();
    std::vector<std::optional<Mean>> means(columns_.strata());
    json groups = json::array();
    double error = 0;
    for (std::size_t g = 0; g < means.size(); ++g) {
      json group = {{"group", columns_.grouping.code(g)},
                    {"label", columns_.grouping.label(g)},
                    {"n", count_json(cells.people[g])},
                    {"events", nullptr},
                    {"value", nullptr},
                    {"standard_error", nullptr},
                    {"lower", nullptr},
                    {"upper", nullptr}};
      if (cells.passed[g]) {
        means[g] = mean_of(cells, g);
        group["events"] = static_cast<std::uint64_t>(cells.values[0][g]);
        add_estimate(*means[g], z, group);
        error = std::max(error, error_of(*means[g]));
      }
      groups.push_back(std::move(group));
    }
    json out = {{"measure", "restricted mean survival time"},
                {"outcome", columns_.time.name + " up to " + json(until_).dump()},
                {"unit", columns_.time.unit},
                {"by", names_of(columns_.grouping.columns())},
                {"per", 1},
                {"until", until_},
                {"confidence", confidence_},
                {"error_bound", error},
                {"groups", std::move(groups)},
                {"differences", differences(means, z)}};
    return out;
  }

 private:
  double quantile() const { return normal_quantile((1 + confidence_) / 2); }
  double error_of_mean() const {
    const auto m = static_cast<double>(steps_);
    return columns_.time.step * 2 * m * m * std::ldexp(1.0, -fraction_bits);
  }
  double error_of_variance() const {
    const double step = columns_.time.step;
    return step * step * 12 * static_cast<double>(steps_ + 1) * std::ldexp(1.0, 2 * bits_ - fraction_bits);
  }
  double error_of(const Mean& mean) const {
    const double e = error_of_variance(), v = mean.variance;
    return error_of_mean() + quantile() * (v > 2 * e ? e / (2 * std::sqrt(v - e)) : std::sqrt(e));
  }

  // Of each group, the points before the end: what happens at the end and later leaves the area as it is.
  Shared<u128> before_the_end(const Shared<u128>& on_grid) const {
    std::vector<Shared<u128>> parts;
    for (std::size_t g = 0; g < columns_.strata(); ++g) parts.push_back(slice(on_grid, g * columns_.grid(), steps_));
    return concatenate(std::span<const Shared<u128>>(parts));
  }

  Mean mean_of(const mpc::ReleasedCells& cells, std::size_t group) const {
    const double step = columns_.time.step;
    const double variance = mpc::decode_fixed(cells.values[2][group], fraction_bits);
    return {.value = columns_.time.low + step * mpc::decode_fixed(cells.values[1][group], fraction_bits),
            .variance = cells.values[0][group] == 0 ? 0 : std::max(0.0, step * step * std::ldexp(variance, 2 * bits_))};
  }

  static void add_estimate(const Mean& mean, double z, json& out) {
    const double error = std::sqrt(mean.variance);
    out["value"] = mean.value;
    out["standard_error"] = error;
    out["lower"] = mean.value - z * error;
    out["upper"] = mean.value + z * error;
  }

  // Of every two groups that are shown, the later minus the earlier.
  json differences(const std::vector<std::optional<Mean>>& means, double z) const {
    json all = json::array();
    if (means.size() > 12) return all;
    for (std::size_t i = 0; i < means.size(); ++i) {
      for (std::size_t j = i + 1; j < means.size(); ++j) {
        if (!means[i] || !means[j]) continue;
        const Mean mean{means[j]->value - means[i]->value, means[i]->variance + means[j]->variance};
        json entry = {{"first", columns_.grouping.label(i)}, {"second", columns_.grouping.label(j)}};
        add_estimate(mean, z, entry);
        entry["p"] = mean.variance > 0 ? json(normal_two_sided(mean.value / std::sqrt(mean.variance))) : json(nullptr);
        all.push_back(std::move(entry));
      }
    }
    return all;
  }

  SurvivalColumns columns_;
  mpc::ReleaseRule rule_;
  double confidence_, until_;
  std::size_t steps_ = 0;
  int bits_ = 0;  // areas are below 2^bits grid steps, or just that
};

}  // namespace

std::unique_ptr<Analysis> make_restricted_mean(const EntryContext& context) {
  return std::make_unique<RestrictedMean>(context);
}

}  // namespace cohortium::statistics
