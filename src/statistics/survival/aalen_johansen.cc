// The cumulative incidence of each of several competing causes, per group, with standard errors and limits.
//
// Local      per group and point of the public time grid: people who leave by each cause, and who are censored
// Under MPC  sums over sites and numbers at risk (local); for merged steps, with n at risk, d events of which e of the cause,
//            S = prod (1 - d/n): F(t) = sum S(u-) e/n, and the variance sum over u of c + b D + a D^2 with D = F(t) - F(u),
//            c = S^2 e (n - e) / n^3, b = -2 S e / n^2, a = d / (n (n - d)), from three running sums; 56 fraction bits
// Released   exact: per group the times at which anyone leaves, with the numbers at risk, of events of each cause and of
//            censorings; everything else follows. Merged: per group and cause, steps that each cover at least the minimum number
//            of events of this cause, with F and its variance at their ends; of the numbers of events of each cause, of
//            censorings, and of people in a group, those that pass, but no number at risk, since steps of two causes end
//            at different times
// Error      exact: double rounding. Merged: F within 8 T, its variance within 60 T units of 2^-56 on a grid of T points
// Source     Aalen and Johansen (1978); variance as R's survfit for several states; statistics/survival/incidence_curve.h
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/prefix_product.h"
#include "statistics/distributions.h"
#include "statistics/survival/competing_counts.h"
#include "statistics/survival/incidence_curve.h"
#include "statistics/survival/kinds.h"
#include "statistics/survival/survival_counts.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;
using nlohmann::json;

constexpr int fraction_bits = survival_fraction_bits;

Shared<u128> join(const std::vector<Shared<u128>>& parts) { return concatenate(std::span(parts)); }

// One step of a curve, as it is shown.
struct Step {
  double from = 0, to = 0;
  Incidence incidence;
};

class AalenJohansen final : public Analysis {
 public:
  explicit AalenJohansen(const EntryContext& context)
      : columns_(context), rule_(context.rule), confidence_(context.entry.confidence) {
    check_survival_numbers(columns_.grid(), context.path);
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the cumulative incidence of each cause over " + columns_.time().name +
                           columns_.grouping().describe() + " (Aalen-Johansen)";
    const std::string minimum = std::to_string(rule_.minimum_cell);
    if (merged()) {
      declaration.analyst_learns = {
          "for every group and cause with at least " + minimum +
              " events, the curve at the ends of time steps that each cover at least " + minimum +
              " events of this cause over all sites together, with the number of events of each step; its value "
              "depends "
              "on the order of events inside a step",
          "per group the numbers of events of each cause and of censorings that are at least " + minimum +
              ", and the number of people unless it would show one that is withheld"};
    } else {
      declaration.analyst_learns = {
          "for every group of at least " + minimum +
          " people, each time at which anyone had an event or was censored, with the numbers "
          "at risk, of events of each cause and of censorings over all sites together: single "
          "events show"};
    }
    declaration.columns = columns_.names();
    declaration.aggregate = columns_.key();
    declaration.aggregate_size = columns_.aggregate_size();
    declaration.error_bound = merged() ? std::sqrt(error_of_variance()) : 0;
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override { return columns_.count(table); }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const std::size_t causes = columns_.causes().size(), groups = columns_.groups(), grid = columns_.grid();
    const CompetingCounts counts = split_aggregate(columns_, inputs.aggregate);
    mpc::SharedOutcome outcome;
    mpc::SharedCurve curve{
        .strata = causes * groups, .grid = grid, .events = join(counts.events), .censored = {}, .sampled = {}};
    if (!merged()) {
      curve.censored = subtract(tile(add(counts.all_events, counts.censored), causes), curve.events);
      outcome.curve = std::move(curve);
      return outcome;
    }
    // Steps go by the events of the cause alone, so nobody else is counted here.
    curve.censored = subtract(curve.events, curve.events);
    curve.sampled = estimate(engine, counts);
    outcome.curve = std::move(curve);
    outcome.cells =
        mpc::SharedCells{.people = sum_blocks(inputs.aggregate, grid), .values = {}, .totals = {causes + 1}};
    return outcome;
  }

  json present(const mpc::ReleasedOutcome& outcome) const override {
    json strata = json::array();
    double error = 0;
    for (std::size_t s = 0; s < columns_.causes().size() * columns_.groups(); ++s)
      strata.push_back(present_stratum(outcome, s, error));
    return {{"time", {{"column", columns_.time().name}, {"unit", columns_.time().unit}}},
            {"by", names_of(columns_.grouping().columns())},
            {"curve", merged() ? "merged" : "exact"},
            {"confidence", confidence_},
            {"error_bound", merged() ? error : 0},
            {"strata", std::move(strata)}};
  }

 private:
  bool merged() const { return rule_.curve == mpc::CurveRule::kMerged; }
  double units(double count) const {
    return count * static_cast<double>(columns_.grid()) * std::ldexp(1.0, -fraction_bits);
  }
  double error_of_variance() const { return units(60); }

  // F and its variance at every grid point, cause by cause and group by group.
  std::vector<Shared<u128>> estimate(mpc::Engine& engine, const CompetingCounts& counts) const {
    const std::size_t causes = columns_.causes().size(), grid = columns_.grid(), size = counts.at_risk.size;
    auto times = [&](const Shared<u128>& a, const Shared<u128>& b) {
      return oblivious::multiply_fixed(engine, a, b, fraction_bits);
    };
    // e/n for each cause, (n - d)/n, 1/n and 1/(n - d), which is 0 where nobody remains: there F no longer changes.
    const Shared<u128> remaining = subtract(counts.at_risk, counts.all_events);
    const Shared<u128> one = oblivious::constant_fill(engine, size, u128{1});
    const Shared<u128> quotients =
        oblivious::divide(engine, join({join(counts.events), remaining, one, one}),
                          join({tile(counts.at_risk, causes + 2), remaining}), mpc::count_bits, fraction_bits);
    const Shared<u128> hazards = slice(quotients, 0, causes * size);
    const Shared<u128> staying = slice(quotients, causes * size, size);
    const Shared<u128> per_person = slice(quotients, (causes + 1) * size, size);
    const Shared<u128> whole = scale(one, u128{1} << fraction_bits);
    const Shared<u128> survival =
        just_before(oblivious::prefix_product(engine, staying, grid, fraction_bits), grid, slice(whole, 0, 1));

    const Shared<u128> first = times(join({tile(survival, causes), subtract(whole, staying)}),
                                     join({hazards, slice(quotients, (causes + 2) * size, size)}));
    const Shared<u128> rises = slice(first, 0, causes * size);  // S e / n
    const Shared<u128> square = tile(slice(first, causes * size, size), causes);
    const Shared<u128> incidence = prefix_sum_blocks(rises, grid);
    const std::size_t all = incidence.size;
    const Shared<u128> second = times(join({rises, incidence}), join({tile(per_person, causes), square}));
    const Shared<u128> cross = slice(second, 0, all), bent = slice(second, all, all);  // S e / n^2, F a
    const Shared<u128> third =
        times(join({cross, incidence, incidence}), join({subtract(tile(survival, causes), rises), cross, bent}));
    auto sum = [&](const Shared<u128>& terms) { return prefix_sum_blocks(terms, grid); };
    const Shared<u128> constant =
        sum(add(slice(third, 0, all), add(scale(slice(third, all, all), u128{2}), slice(third, 2 * all, all))));
    const Shared<u128> linear = scale(sum(add(cross, bent)), u128{2});
    const Shared<u128> curved = subtract(times(incidence, sum(square)), linear);
    return {incidence, add(constant, times(incidence, curved))};
  }

  json present_stratum(const mpc::ReleasedOutcome& outcome, std::size_t index, double& error) const {
    const std::size_t cause = index / columns_.groups(), group = index % columns_.groups();
    const mpc::ReleasedStratum& stratum = (*outcome.curve)[index];
    const data::Level& level = columns_.causes()[cause];
    const Grouping& grouping = columns_.grouping();
    json out = {{"stratum", grouping.code(group)},
                {"cause", level.code},
                {"label", (grouping.columns().empty() ? "" : grouping.label(group) + ", ") + level.label},
                {"withheld", !stratum.passed},
                {"n", count_json(stratum.people)},
                {"events", count_json(stratum.events)}};
    if (merged()) out["n"] = count_json(outcome.cells->totals[0][group]);
    for (const char* name : {"time_from", "time", "n_event", "cuminc", "std_err", "lower", "upper"})
      out[name] = json::array();
    for (const mpc::ReleasedStep& step : stratum.steps)
      out["n_event"].push_back(static_cast<std::uint64_t>(step.events));
    const std::vector<Step> steps = merged() ? merged_steps(stratum) : exact_steps(outcome, cause, group);
    if (!merged()) add_exact_counts(stratum, steps, out);
    for (const Step& step : steps) {
      const Limits limits = incidence_limits(step.incidence.value, step.incidence.variance, confidence_);
      out["time_from"].push_back(step.from);
      out["time"].push_back(step.to);
      out["cuminc"].push_back(step.incidence.value);
      out["std_err"].push_back(std::sqrt(std::max(0.0, step.incidence.variance)));
      out["lower"].push_back(to_json(limits.lower));
      out["upper"].push_back(to_json(limits.upper));
      error = std::max(error, error_at(step.incidence));
    }
    return out;
  }

  // Of F, its standard error and its limits, which move by at most 2 z errors of the standard error where F log F is not
  // small; where it is, limits are cut at 0.
  double error_at(const Incidence& incidence) const {
    const double e = error_of_variance(), v = incidence.variance;
    const double error_of_root = v > 2 * e ? e / (2 * std::sqrt(v - e)) : std::sqrt(e);
    return units(8) + 2 * normal_quantile((1 + confidence_) / 2) * error_of_root;
  }

  std::vector<Step> merged_steps(const mpc::ReleasedStratum& stratum) const {
    std::vector<Step> steps;
    for (const mpc::ReleasedStep& step : stratum.steps) {
      const double value = mpc::decode_fixed(step.sampled[0], fraction_bits);
      steps.push_back(
          {columns_.time_at(step.from),
           columns_.time_at(step.to),
           {.value = std::clamp(value, 0.0, 1.0), .variance = mpc::decode_fixed(step.sampled[1], fraction_bits)}});
    }
    return steps;
  }

  // All causes of a group show the same times, so everything follows from this cause's counts and the others'.
  std::vector<Step> exact_steps(const mpc::ReleasedOutcome& outcome, std::size_t cause, std::size_t group) const {
    const std::size_t groups = columns_.groups();
    std::vector<Step> steps;
    std::vector<IncidenceRow> rows;
    const mpc::ReleasedStratum& own = (*outcome.curve)[cause * groups + group];
    for (std::size_t i = 0; i < own.steps.size(); ++i) {
      IncidenceRow row{.at_risk = to_double(*own.steps[i].at_risk), .of_cause = to_double(own.steps[i].events)};
      for (std::size_t other = 0; other < columns_.causes().size(); ++other) {
        if (other != cause) row.of_others += to_double((*outcome.curve)[other * groups + group].steps[i].events);
      }
      rows.push_back(row);
      steps.push_back({columns_.time_at(own.steps[i].from), columns_.time_at(own.steps[i].to), {}});
    }
    const std::vector<Incidence> curve = cumulative_incidence(rows);
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i].incidence = curve[i];
    return steps;
  }

  static void add_exact_counts(const mpc::ReleasedStratum& stratum, const std::vector<Step>& steps, json& out) {
    out["n_risk"] = json::array();
    out["variance_gray"] = json::array();
    for (const mpc::ReleasedStep& step : stratum.steps) out["n_risk"].push_back(count_json(step.at_risk));
    for (const Step& step : steps) out["variance_gray"].push_back(step.incidence.variance_gray);
  }

  CompetingColumns columns_;
  mpc::ReleaseRule rule_;
  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_aalen_johansen(const EntryContext& context) {
  return std::make_unique<AalenJohansen>(context);
}

}  // namespace cohortium::statistics
