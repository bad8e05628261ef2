// The log-rank test of two or more groups, optionally within strata and with Fleming and Harrington's weights.
//
// Local      events and censorings per group, stratum and point of the public time grid; the site may be the stratum
// Under MPC  with w_t = S(t-)^rho (1 - S(t-))^gamma from the curve of all groups together, per stratum: observed O_g =
//            sum_t w_t d_gt; expected E_g = sum_t w_t D_t n_gt / N_t; covariance V_gh = sum_t w_t^2 D_t (N_t - D_t) /
//            (N_t - 1) * n_gt / N_t * (delta_gh - n_ht / N_t), in fixed point with 56 fraction bits, summed over strata;
//            grid points at which nobody has the event add exactly 0 because every term carries the factor D_t
// Released   O, E and V over all strata when every group has enough people and none or enough events, else nothing, and n
//            where those without the event are none or enough, too; chi-square and p follow from O, E and V
// Error      E and V within 16 (g - 1)^2 units of 2^-56 per event; with weights, 8 (rho + gamma) (T + 1) (g - 1)^2 more
//            for every event on a grid of T points
// Source     Kalbfleisch and Prentice (2002), 1.5; Harrington and Fleming (1982); as R's survdiff
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
#include "statistics/survival/log_rank_statistic.h"
#include "statistics/survival/survival_counts.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

constexpr int fraction_bits = survival_fraction_bits;

class LogRank final : public Analysis {
 public:
  explicit LogRank(const EntryContext& context)
      : columns_(log_rank_columns(context)),
        by_(context.grouping()),
        strata_(context.grouping("strata", context.entry.strata)),
        rule_(context.rule),
        rho_(context.entry.rho),
        gamma_(context.entry.gamma) {
    check_survival_numbers(columns_.grid(), context.path);
    if (groups() < 2) {
      throw Failure({.code = "study.too_few_groups",
                     .message = "a log-rank test compares two or more groups",
                     .where = context.at("by"),
                     .remedy = "name a column with at least two levels"});
    }
    if (groups() > 64) {
      throw Failure({.code = "study.too_many_groups",
                     .message = "a log-rank test compares at most 64 groups",
                     .where = context.at("by"),
                     .remedy = "group by fewer levels"});
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes =
        "the log-rank test of " + columns_.time.name + by_.describe() + within() + weights_in_words();
    const std::string few = below_minimum(rule_);
    declaration.analyst_learns = {std::string("per group the observed and the expected number of events") +
                                      (weighted() ? ", both weighted and the observed also as it is" : "") +
                                      ", and their covariance over all sites" + (stratified() ? " and strata" : "") +
                                      " together, hence chi-square and p; nothing when one of the groups has " + few +
                                      ", or has some but " + few + " with the event",
                                  "per group the number of people, unless some but " + few + " of them were censored"};
    declaration.columns = column_names(columns_);
    declaration.aggregate = columns_.key();
    declaration.aggregate_size = columns_.aggregate_size();
    declaration.error_bound = error_bound(std::ldexp(1.0, mpc::count_bits));  // the result knows the number of events
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override { return count_locally(columns_, table); }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    // Strata stand one after the other along the grid, so what follows runs over `points` of all of them.
    const std::size_t g = groups(), points = points_per_group();
    const SurvivalCounts counts = split_aggregate(columns_, inputs.aggregate);
    const Shared<u128> deaths = total_over_groups(counts.events);
    const Shared<u128> at_risk = total_over_groups(counts.at_risk);
    // n_gt / N_t for all groups but the last, (N_t - D_t) / (N_t - 1), and D_t / N_t where weights need it, in one
    // division so that they share their rounds. Where D_t is 0 the second may divide by 0 or -1: whatever it yields is
    // multiplied by D_t.
    const Shared<u128> first_groups = slice(counts.at_risk, 0, (g - 1) * points);
    std::vector<Shared<u128>> numerators{first_groups, subtract(at_risk, deaths)};
    std::vector<Shared<u128>> denominators{tile(at_risk, g - 1),
                                           subtract(at_risk, oblivious::constant_fill(engine, points, u128{1}))};
    if (weighted()) {
      numerators.push_back(deaths);
      denominators.push_back(at_risk);
    }
    const Shared<u128> quotients =
        oblivious::divide(engine, concatenate(std::span<const Shared<u128>>(numerators)),
                          concatenate(std::span<const Shared<u128>>(denominators)), mpc::count_bits, fraction_bits);
    const Shared<u128> share_of_risk = slice(quotients, 0, (g - 1) * points);
    const Shared<u128> correction = slice(quotients, (g - 1) * points, points);

    // All products corrected_g * share_h for g <= h.
    const Shared<u128> corrected =
        oblivious::multiply_fixed(engine, share_of_risk, tile(correction, g - 1), fraction_bits);
    std::vector<Shared<u128>> left, right;
    for (std::size_t a = 0; a + 1 < g; ++a) {
      for (std::size_t b = a; b + 1 < g; ++b) {
        left.push_back(slice(corrected, a * points, points));
        right.push_back(slice(share_of_risk, b * points, points));
      }
    }
    const Shared<u128> products =
        oblivious::multiply_fixed(engine, concatenate(std::span<const Shared<u128>>(left)),
                                  concatenate(std::span<const Shared<u128>>(right)), fraction_bits);
    // Every sum over time in one dot product: E_1 .. E_{g-1}, sum D corrected_g, sum D corrected_g share_h.
    const std::vector<Shared<u128>> terms{share_of_risk, corrected, products};
    Shared<u128> all = concatenate(std::span(terms));
    const Shared<u128> events = sum_blocks(counts.events, points);
    Shared<u128> observed = events;
    if (weighted()) {
      const Shared<u128> weight = weights(engine, slice(quotients, g * points, points));
      const Shared<u128> square = oblivious::multiply_fixed(engine, weight, weight, fraction_bits);
      const std::vector<Shared<u128>> factors{tile(weight, g - 1), tile(square, all.size / points - (g - 1))};
      all = oblivious::multiply_fixed(engine, all, concatenate(std::span(factors)), fraction_bits);
      observed = engine.dot(counts.events, tile(weight, g), points);
    }
    const Shared<u128> sums = engine.dot(all, tile(deaths, all.size / points), points);
    std::vector<Shared<u128>> released{observed, sums};
    if (weighted()) released.push_back(events);
    return {.cells = mpc::SharedCells{.people = sum_blocks(counts.people, strata()),
                                      .values = std::move(released),
                                      .together = true,
                                      .events = events},
            .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const std::size_t g = groups();
    nlohmann::json names = nlohmann::json::array();
    nlohmann::json labels = nlohmann::json::array();
    for (std::size_t i = 0; i < g; ++i) {
      names.push_back(by_.code(i));
      labels.push_back(by_.label(i));
    }
    nlohmann::json out = {{"groups", names},     {"labels", labels},    {"n", nullptr},
                          {"observed", nullptr}, {"expected", nullptr}, {"variance", nullptr},
                          {"chisq", nullptr},    {"df", nullptr},       {"p", nullptr}};
    if (stratified()) {
      out["strata"] = names_of(strata_.columns());
      if (columns_.sites > 1) out["strata"].push_back("(site)");
    }
    if (weighted()) out["weights"] = {{"rho", rho_}, {"gamma", gamma_}};
    if (!outcome.cells->passed.front()) return out;
    const LogRankSums sums = sums_of(*outcome.cells);
    nlohmann::json n = nlohmann::json::array();
    for (const auto& people : outcome.cells->people) n.push_back(count_json(people));
    const LogRankTest test = log_rank_test(sums);
    out["n"] = n;
    out["observed"] = sums.observed;
    out["expected"] = sums.expected;
    out["variance"] = sums.variance;
    out["df"] = test.degrees_of_freedom;
    double events = 0;
    for (u128 count : outcome.cells->values[weighted() ? 2 : 0]) events += to_double(count);
    out["error_bound"] = error_bound(events);
    out["chisq"] = to_json(test.chi_square);
    out["p"] = to_json(test.p);
    return out;
  }

 private:
  // Groups come first, the strata within them, so that every group's strata stand side by side.
  static SurvivalColumns log_rank_columns(const EntryContext& context) {
    std::vector<std::string> names = context.entry.by;
    names.insert(names.end(), context.entry.strata.begin(), context.entry.strata.end());
    SurvivalColumns columns = survival_columns(context);
    columns.grouping = context.grouping("strata", names);
    if (context.entry.by_site) columns.sites = context.entry.sites;
    return columns;
  }

  std::size_t groups() const { return by_.size(); }
  std::size_t strata() const { return columns_.strata() / groups(); }
  std::size_t points_per_group() const { return strata() * columns_.grid(); }
  bool weighted() const { return rho_ > 0 || gamma_ > 0; }
  bool stratified() const { return !strata_.columns().empty() || columns_.sites > 1; }
  std::string within() const {
    if (!stratified()) return "";
    const std::string site = columns_.sites > 1 ? (strata_.columns().empty() ? " by site" : " and site") : "";
    return " within strata" + strata_.describe() + site;
  }
  std::string weights_in_words() const {
    if (!weighted()) return "";
    return ", weighted by S^" + std::to_string(rho_) + " (1 - S)^" + std::to_string(gamma_);
  }

  // Every event adds at most 13 units to an entry of V and 2 to one of E; the last group's follow from (g - 1)^2 others.
  // A weight is off by at most 3 T units for each of its factors, its square by twice that.
  double error_bound(double events) const {
    const auto others = static_cast<double>(groups() - 1);
    const double weights = 8.0 * (rho_ + gamma_) * static_cast<double>(columns_.grid() + 1);
    return events * others * others * (16 + weights) * std::ldexp(1.0, -fraction_bits);
  }

  // S(t-)^rho (1 - S(t-))^gamma from the hazard D / N of all groups together, stratum by stratum.
  Shared<u128> weights(mpc::Engine& engine, const Shared<u128>& hazard) const {
    const std::size_t points = points_per_group(), grid = columns_.grid();
    const Shared<u128> one = oblivious::constant_fill(engine, points, u128{1} << fraction_bits);
    const Shared<u128> after = oblivious::prefix_product(engine, subtract(one, hazard), grid, fraction_bits);
    const Shared<u128> survival = just_before(after, grid, slice(one, 0, 1));
    std::optional<Shared<u128>> weight;
    for (const auto& [base, exponent] : {std::pair(survival, rho_), {subtract(one, survival), gamma_}}) {
      for (int i = 0; i < exponent; ++i)
        weight = weight ? oblivious::multiply_fixed(engine, *weight, base, fraction_bits) : base;
    }
    return *weight;
  }

  Shared<u128> total_over_groups(const Shared<u128>& per_group) const {
    const std::size_t points = points_per_group();
    Shared<u128> total = slice(per_group, 0, points);
    for (std::size_t i = 1; i < groups(); ++i) total = add(total, slice(per_group, i * points, points));
    return total;
  }

  // The rows and columns of the last group follow: expected events add up to the observed, rows of V add up to 0.
  LogRankSums sums_of(const mpc::ReleasedCells& cells) const {
    const std::size_t g = groups();
    LogRankSums sums{.observed = {}, .expected = std::vector<double>(g), .variance = {g, std::vector<double>(g)}};
    double total = 0;
    for (u128 count : cells.values[0])
      sums.observed.push_back(mpc::decode_fixed(count, weighted() ? fraction_bits : 0));
    for (double count : sums.observed) total += count;
    auto value = [&](std::size_t i) { return mpc::decode_fixed(cells.values[1][i], fraction_bits); };
    std::size_t next = 2 * (g - 1);
    for (std::size_t a = 0; a + 1 < g; ++a) {
      sums.expected[a] = value(a);
      total -= sums.expected[a];
      for (std::size_t b = a; b + 1 < g; ++b, ++next) {
        const double entry = (a == b ? value(g - 1 + a) : 0) - value(next);
        sums.variance[a][b] = sums.variance[b][a] = entry;
      }
    }
    sums.expected[g - 1] = total;
    for (std::size_t a = 0; a + 1 < g; ++a) {
      double row = 0;
      for (std::size_t b = 0; b + 1 < g; ++b) row += sums.variance[a][b];
      sums.variance[a][g - 1] = sums.variance[g - 1][a] = -row;
      sums.variance[g - 1][g - 1] += row;
    }
    return sums;
  }

  SurvivalColumns columns_;
  Grouping by_, strata_;
  mpc::ReleaseRule rule_;
  int rho_, gamma_;
};

}  // namespace

std::unique_ptr<Analysis> make_log_rank(const EntryContext& context) { return std::make_unique<LogRank>(context); }

}  // namespace cohortium::statistics
