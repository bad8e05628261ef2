// The log-rank test of two or more groups.
//
// Local      events and censorings per group and point of the public time grid
// Under MPC  observed O_g = sum_t d_gt; expected E_g = sum_t D_t n_gt / N_t; covariance V_gh = sum_t D_t (N_t - D_t) /
//            (N_t - 1) * n_gt / N_t * (delta_gh - n_ht / N_t), in fixed point with 52 fraction bits; grid points at
//            which nobody has the event add exactly 0 because every term carries the factor D_t
// Released   O, E and V when every group has enough people and none or enough events, else nothing, and n where those
//            without the event are none or enough, too; chi-square and p follow from O, E and V
// Error      E and V within 16 (g - 1)^2 units of 2^-56 per event
// Source     Kalbfleisch and Prentice (2002), 1.5; as R's survdiff with rho = 0
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "statistics/distributions.h"
#include "statistics/entries.h"
#include "statistics/log_rank_statistic.h"
#include "statistics/survival_counts.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

constexpr int fraction_bits = survival_fraction_bits;

class LogRank final : public Analysis {
 public:
  LogRank(SurvivalColumns columns, mpc::ReleaseRule rule, const std::string& path)
      : columns_(std::move(columns)), rule_(rule) {
    if (groups() < 2) {
      throw Failure({.code = "study.too_few_groups",
                     .message = "a log-rank test compares two or more groups",
                     .where = path + "/by",
                     .remedy = "name a column with at least two levels"});
    }
    if (groups() > 64) {
      throw Failure({.code = "study.too_many_groups",
                     .message = "a log-rank test compares at most 64 groups",
                     .where = path + "/by",
                     .remedy = "group by fewer levels"});
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the log-rank test of " + columns_.time.name + columns_.grouping.describe();
    const std::string few = below_minimum(rule_);
    declaration.analyst_learns = {
        "per group the observed and the expected number of events, and their covariance over all sites together, hence "
        "chi-square and p; nothing when one of the groups has " +
            few + ", or has some but " + few + " with the event",
        "per group the number of people, unless some but " + few + " of them were censored"};
    declaration.columns = {columns_.time.name, columns_.event.name};
    for (const auto& column : columns_.grouping.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate = columns_.key();
    declaration.aggregate_size = columns_.aggregate_size();
    declaration.error_bound = error_bound(std::ldexp(1.0, mpc::count_bits));  // the result knows the number of events
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override { return count_locally(columns_, table); }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const std::size_t g = groups(), grid = columns_.grid();
    const SurvivalCounts counts = split_aggregate(columns_, inputs.aggregate);
    const Shared<u128> deaths = total_over_groups(counts.events);
    const Shared<u128> at_risk = total_over_groups(counts.at_risk);
    // n_gt / N_t for all groups but the last, and (N_t - D_t) / (N_t - 1), in one division so that they share their
    // rounds. Where D_t is 0 the last may divide by 0 or -1: whatever it yields is multiplied by D_t.
    const std::vector<u128> ones(grid, 1);
    const Shared<u128> first_groups = slice(counts.at_risk, 0, (g - 1) * grid);
    const std::vector<Shared<u128>> numerators{first_groups, subtract(at_risk, deaths)};
    const std::vector<Shared<u128>> denominators{tile(at_risk, g - 1),
                                                 subtract(at_risk, engine.constant(std::span<const u128>(ones)))};
    const Shared<u128> quotients =
        oblivious::divide(engine, concatenate(std::span(numerators)), concatenate(std::span(denominators)),
                          mpc::count_bits, fraction_bits);
    const Shared<u128> share_of_risk = slice(quotients, 0, (g - 1) * grid);
    const Shared<u128> correction = slice(quotients, (g - 1) * grid, grid);

    const Shared<u128> weighted =
        oblivious::multiply_fixed(engine, share_of_risk, tile(correction, g - 1), fraction_bits);
    // All products weighted_g * share_h for g <= h, then every sum over time in one dot product:
    // E_1 .. E_{g-1}, sum D weighted_g, sum D weighted_g share_h.
    std::vector<Shared<u128>> left, right;
    for (std::size_t a = 0; a + 1 < g; ++a) {
      for (std::size_t b = a; b + 1 < g; ++b) {
        left.push_back(slice(weighted, a * grid, grid));
        right.push_back(slice(share_of_risk, b * grid, grid));
      }
    }
    const Shared<u128> products =
        oblivious::multiply_fixed(engine, concatenate(std::span<const Shared<u128>>(left)),
                                  concatenate(std::span<const Shared<u128>>(right)), fraction_bits);
    const std::vector<Shared<u128>> terms{share_of_risk, weighted, products};
    const Shared<u128> all = concatenate(std::span(terms));
    const Shared<u128> observed = sum_blocks(counts.events, grid);
    const Shared<u128> sums = engine.dot(all, tile(deaths, all.size / grid), grid);
    return {
        .cells =
            mpc::SharedCells{.people = counts.people, .values = {observed, sums}, .together = true, .events = observed},
        .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const std::size_t g = groups();
    nlohmann::json names = nlohmann::json::array();
    nlohmann::json labels = nlohmann::json::array();
    for (std::size_t i = 0; i < g; ++i) {
      names.push_back(columns_.grouping.code(i));
      labels.push_back(columns_.grouping.label(i));
    }
    nlohmann::json out = {{"groups", names},     {"labels", labels},    {"n", nullptr},
                          {"observed", nullptr}, {"expected", nullptr}, {"variance", nullptr},
                          {"chisq", nullptr},    {"df", nullptr},       {"p", nullptr}};
    if (!outcome.cells->passed.front()) return out;
    const LogRankSums sums = sums_of(*outcome.cells);
    nlohmann::json n = nlohmann::json::array();
    for (const auto& people : outcome.cells->people) {
      n.push_back(people ? nlohmann::json(static_cast<std::uint64_t>(*people)) : nlohmann::json(nullptr));
    }
    const LogRankTest test = log_rank_test(sums);
    out["n"] = n;
    out["observed"] = sums.observed;
    out["expected"] = sums.expected;
    out["variance"] = sums.variance;
    out["df"] = test.degrees_of_freedom;
    out["error_bound"] = error_bound(std::accumulate(sums.observed.begin(), sums.observed.end(), 0.0));
    out["chisq"] = to_json(test.chi_square);
    out["p"] = to_json(test.p);
    return out;
  }

 private:
  std::size_t groups() const { return columns_.strata(); }
  // Every event adds at most 13 units to an entry of V and 2 to one of E; the last group's follow from (g - 1)^2 others.
  double error_bound(double events) const {
    const auto others = static_cast<double>(groups() - 1);
    return events * others * others * std::ldexp(1.0, 4 - fraction_bits);
  }

  Shared<u128> total_over_groups(const Shared<u128>& per_group) const {
    Shared<u128> total = slice(per_group, 0, columns_.grid());
    for (std::size_t i = 1; i < groups(); ++i)
      total = add(total, slice(per_group, i * columns_.grid(), columns_.grid()));
    return total;
  }

  // The rows and columns of the last group follow: expected events add up to the observed, rows of V add up to 0.
  LogRankSums sums_of(const mpc::ReleasedCells& cells) const {
    const std::size_t g = groups();
    LogRankSums sums{.observed = {}, .expected = std::vector<double>(g), .variance = {g, std::vector<double>(g)}};
    double total = 0;
    for (u128 count : cells.values[0]) sums.observed.push_back(to_double(count));
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
  mpc::ReleaseRule rule_;
};

}  // namespace

std::unique_ptr<Analysis> make_log_rank(const EntryContext& context) {
  SurvivalColumns columns = survival_columns(context);
  check_survival_numbers(columns.grid(), context.path);
  return std::make_unique<LogRank>(std::move(columns), context.rule, context.path);
}

}  // namespace cohortium::statistics
