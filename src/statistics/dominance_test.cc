// The rule on the largest values, against plain arithmetic.
#include "statistics/dominance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "mpc/simulate.h"
#include "statistics/testing/run_analysis.h"

namespace cohortium::statistics {
namespace {

using mpc::DominanceRule;
using mpc::Engine;
using mpc::Shared;
using mpc::u128;

data::ColumnDeclaration column(double low, double high) { return {.name = "cost", .low = low, .high = high}; }

// The values of one group at each site.
using Sites = std::vector<std::vector<double>>;

bool dominated(const Sites& sites, const DominanceRule& rule) {
  std::vector<double> values;
  for (const auto& site : sites)
    for (const double value : site) values.push_back(std::abs(value));
  std::sort(values.rbegin(), values.rend());
  double top = 0, sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += values[i], top += i < rule.largest ? values[i] : 0;
  return top > rule.share * sum;
}

// All groups side by side: `groups` by group, each by site.
std::vector<bool> found(const char* protocol, const std::vector<Sites>& groups, const DominanceRule& rule,
                        const data::ColumnDeclaration& declared) {
  const std::size_t number = groups.front().size();
  const Dominance dominance(rule, declared, groups.size());
  std::vector<std::vector<u128>> shared;
  for (std::size_t s = 0; s < number; ++s) {
    data::Column values{.declaration = declared};
    std::vector<std::size_t> group_of;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      for (const double value : groups[g][s]) values.number.push_back(value), group_of.push_back(g);
    }
    // A row of no group, and a missing one.
    values.number.push_back(declared.high), group_of.push_back(groups.size());
    values.missing.assign(values.number.size(), 0);
    values.number.push_back(0), values.missing.push_back(1), group_of.push_back(0);
    shared.push_back(dominance.local(values, group_of));
    EXPECT_TRUE(is_within(dominance.bounds(), shared.back(), 1));
  }
  return mpc::simulate(protocol,
                       [&](Engine& engine) {
                         std::vector<Shared<u128>> parts;
                         for (const auto& part : shared)
                           parts.push_back(engine.share(0, std::span(part).first(engine.self() == 0 ? part.size() : 0),
                                                        part.size()));
                         Shared<u128> sums = slice(parts[0], 0, groups.size());
                         for (std::size_t s = 1; s < number; ++s) sums = add(sums, slice(parts[s], 0, groups.size()));
                         const auto words = engine.open_bits(dominance.veto(engine, sums, parts).bits);
                         std::vector<bool> bits;
                         for (std::size_t g = 0; g < groups.size(); ++g)
                           bits.push_back((words[g / 64] >> (g % 64)) & 1);
                         return bits;
                       })
      .front();
}

class DominanceTest : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Protocols, DominanceTest,
                         ::testing::Values("plaintext", "replicated3", "replicated3-malicious", "replicated4"),
                         [](const auto& protocol) {
                           std::string name = protocol.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(DominanceTest, EqualsPlainArithmetic) {
  std::mt19937_64 random(5);
  // Powers of two stand exactly, so that the sums at the edge are exact, too.
  const data::ColumnDeclaration declared = column(-64, 64);
  std::size_t closed = 0, all = 0;
  for (const std::size_t number : {1, 2, 3, 5, 8}) {
    for (const std::uint64_t largest : {1, 2, 3}) {
      for (const double share : {0.25, 0.5, 0.75, 1.0}) {
        std::vector<Sites> groups(40, Sites(number));
        for (Sites& sites : groups)
          for (auto& site : sites)
            for (std::size_t i = random() % 4; i-- > 0;)
              site.push_back((random() % 2 == 0 ? 1.0 : -1.0) *
                             static_cast<double>(random() % (random() % 4 == 0 ? 65 : 9)));
        const DominanceRule rule{.largest = largest, .share = share};
        const std::vector<bool> bits = found(GetParam(), groups, rule, declared);
        for (std::size_t g = 0; g < groups.size(); ++g, ++all) {
          EXPECT_EQ(bits[g], dominated(groups[g], rule))
              << number << " sites, group " << g << ", " << largest << " " << share;
          closed += bits[g];
        }
      }
    }
  }
  EXPECT_GT(closed, all / 10);
  EXPECT_LT(closed, all * 9 / 10);
}

TEST_P(DominanceTest, HasTheLargestRangeAndNobody) {
  const data::ColumnDeclaration wide = column(0, 1e15), narrow = column(1e-9, 2e-9);
  EXPECT_EQ(found(GetParam(), {{{1e15}, {1}}, {{1e15, 1e15}, {1e15}}, {{}, {}}}, {.largest = 1, .share = 0.9}, wide),
            (std::vector<bool>{true, false, false}));
  EXPECT_EQ(found(GetParam(), {{{1e-9, 1e-9}, {2e-9}}, {{1e-9}, {2e-9}}}, {.largest = 1, .share = 0.6}, narrow),
            (std::vector<bool>{false, true}));
}

// A mean of thirty bills of which one is 97%: the rule closes its group alone, at whichever site the bill is.
TEST_P(DominanceTest, ClosesTheGroupOfADescription) {
  std::vector<data::ColumnDeclaration> columns{column(0, 100000)};
  columns.push_back({.name = "arm", .type = data::ColumnType::kCategory, .levels = {{"a", "a"}, {"b", "b"}}});
  const AnalysisEntry entry{.id = "d", .kind = "describe", .column = "cost", .by = {"arm"}};
  const mpc::ReleaseRule rule{.minimum_cell = 3, .dominance = DominanceRule{.largest = 1, .share = 0.8}};
  const auto analysis = make_analysis(entry, "/analyses/0", columns, rule);
  const auto table_of = [&](const std::vector<double>& a, const std::vector<double>& b) {
    data::Table table{.rows = a.size() + b.size()};
    for (const auto& each : columns) table.columns.push_back({.declaration = each});
    for (const auto* values : {&a, &b}) {
      for (const double value : *values) {
        table.columns[0].number.push_back(value);
        table.columns[1].level.push_back(values == &b);
      }
    }
    return table;
  };
  const std::vector<data::Table> sites{table_of({100, 90, 80}, {100, 95}), table_of({70, 99999}, {90, 80, 110})};
  std::vector<std::vector<u128>> shared;
  for (const data::Table& table : sites) shared.push_back(analysis->local(table));
  const auto bits = mpc::simulate(GetParam(), [&](Engine& engine) {
    SiteInputs inputs;
    for (const auto& part : shared)
      inputs.by_site.push_back(
          engine.share(0, std::span(part).first(engine.self() == 0 ? part.size() : 0), part.size()));
    inputs.aggregate = add(inputs.by_site[0], inputs.by_site[1]);
    const mpc::SharedOutcome outcome = analysis->secure(engine, inputs);
    return engine.open_bits(outcome.cells->vetoes.at(0).bits)[0];
  });
  EXPECT_EQ(bits.front(), 1u);
}

}  // namespace
}  // namespace cohortium::statistics
