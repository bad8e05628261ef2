// Rank tests, rank correlations and quantiles of any number: against R's answers, and where there is little to rank.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.h"
#include "statistics/analysis.h"
#include "statistics/hypothesis/rank_distributions.h"
#include "statistics/hypothesis/rank_keys.h"
#include "statistics/testing/run_analysis.h"

namespace cohortium::statistics {
namespace {

using nlohmann::json;

std::vector<data::ColumnDeclaration> columns() {
  data::ColumnDeclaration x, y, group;
  x.name = "x", x.low = -100, x.high = 1000;
  y.name = "y", y.low = -100, y.high = 1000;
  group.name = "g", group.type = data::ColumnType::kCategory;
  group.levels = {{"a", "A"}, {"b", "B"}, {"c", "C"}};
  data::ColumnDeclaration two = group;
  two.name = "two";
  two.levels.pop_back();
  return {x, y, group, two};
}

struct Row {
  double x, y;
  std::uint16_t group = 0;
  bool missing = false;  // of x
};

data::Table table_of(const std::vector<Row>& rows) {
  data::Table table;
  table.rows = rows.size();
  for (const auto& declaration : columns()) table.columns.push_back({.declaration = declaration});
  for (const Row& row : rows) {
    table.columns[0].number.push_back(row.missing ? 0 : row.x);
    table.columns[0].missing.push_back(row.missing ? 1 : 0);
    table.columns[1].number.push_back(row.y);
    table.columns[2].level.push_back(row.group);
    table.columns[3].level.push_back(row.group % 2);
  }
  return table;
}

class RankTests : public ::testing::TestWithParam<const char*> {
 protected:
  // Rows spread over three sites, the last one empty, with somebody whose value is missing.
  json run(const AnalysisEntry& entry, const std::vector<Row>& rows) {
    const auto analysis = make_analysis(entry, "/analyses/0", columns(), {.minimum_cell = 1});
    const auto half = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
    std::vector<Row> second(half, rows.end());
    second.push_back({.x = 0, .y = 5, .group = 1, .missing = true});
    return run_analysis(GetParam(), *analysis, {table_of({rows.begin(), half}), table_of(second), table_of({})});
  }
};
INSTANTIATE_TEST_SUITE_P(Protocols, RankTests, ::testing::Values("plaintext", "replicated3"));

const std::vector<Row> plain{{1.1, 3, 0}, {2.2, 1, 1}, {0.5, 4, 0}, {7, 2, 1}, {3.3, 9, 0}, {4.4, 8, 1}, {9, 7, 1}};

TEST_P(RankTests, MannWhitneyWithoutTiesIsExact) {
  // wilcox.test(c(1.1, 0.5, 3.3), c(2.2, 7, 4.4, 9)): W = 1, p = 0.1142857
  const json result = run({.id = "t", .kind = "mann_whitney", .column = "x", .by = {"two"}}, plain);
  EXPECT_EQ(result["statistic"], 1);
  EXPECT_NEAR(result["p"].get<double>(), 4.0 / 35, 1e-14);
  EXPECT_EQ(result["groups"][1]["n"], 4);
}

TEST_P(RankTests, MannWhitneyWithTies) {
  // wilcox.test(c(1, 2, 2, 5), c(2, 5, 7), correct = FALSE): W = 2.5 of 12, ties 2 2 2 and 5 5.
  const std::vector<Row> rows{{1, 0, 0}, {2, 0, 0}, {2, 0, 0}, {5, 0, 0}, {2, 0, 1}, {5, 0, 1}, {7, 0, 1}};
  AnalysisEntry entry{.id = "t", .kind = "mann_whitney", .column = "x", .by = {"two"}};
  entry.continuity = false;
  const json result = run(entry, rows);
  EXPECT_EQ(result["statistic"], 2.5);
  const double variance = 4 * 3 / 12.0 * (8 - (24.0 + 6) / (7 * 6));
  EXPECT_NEAR(result["p"].get<double>(), std::erfc(3.5 / std::sqrt(variance) / std::sqrt(2.0)), 1e-14);
}

TEST_P(RankTests, KruskalWallis) {
  std::vector<Row> rows;
  for (std::uint16_t i = 0; i < 30; ++i) rows.push_back({double(i * 7 % 11), 0, std::uint16_t(i % 3)});
  const json result = run({.id = "t", .kind = "kruskal_wallis", .column = "x", .by = {"g"}}, rows);
  std::vector<double> sums(3), ranks;
  double ties = 0, h = 0;
  for (const Row& row : rows) {
    double below = 0, equal = 0;
    for (const Row& other : rows) {
      below += other.x < row.x;
      equal += other.x == row.x;
    }
    sums[row.group] += below + (equal + 1) / 2;
    ties += equal * equal - 1;
  }
  for (const double sum : sums) h += sum * sum / 10;
  h = (12 * h / (30 * 31) - 3 * 31) / (1 - ties / (27000 - 30));
  EXPECT_NEAR(result["statistic"].get<double>(), h, 1e-12);
  EXPECT_EQ(result["df"][0], 2);
}

TEST_P(RankTests, SignedRanks) {
  // wilcox.test(c(1.5, -2.5, 3.25, 4, -0.5, 6)): V = 2 + 4 + 5 + 6 = 17 of 21, p = 0.21875
  const std::vector<double> x{1.5, -2.5, 3.25, 4, -0.5, 6};
  std::vector<Row> rows;
  for (const double value : x) rows.push_back({value, 7.5 - value});
  const json one = run({.id = "t", .kind = "wilcoxon_signed_rank", .column = "x"}, rows);
  EXPECT_EQ(one["statistic"], 17);
  EXPECT_NEAR(one["p"].get<double>(), 0.21875, 1e-14);
  AnalysisEntry paired{.id = "t", .kind = "wilcoxon_signed_rank", .column = "x", .paired_with = "y"};
  paired.null_value = -7.5;  // x - y = 2 x - 7.5
  EXPECT_EQ(run(paired, rows)["statistic"], 17);
  rows.push_back({0, 7.5});  // leaves the approximation, as R does
  const json zero = run({.id = "t", .kind = "wilcoxon_signed_rank", .column = "x"}, rows);
  EXPECT_EQ(zero["statistic"], 17);
  EXPECT_NEAR(zero["p"].get<double>(), std::erfc(6 / std::sqrt(22.75) / std::sqrt(2.0)), 1e-14);
}

TEST_P(RankTests, KolmogorovSmirnov) {
  // ks.test(c(0.5, 1.1, 3.3), c(2.2, 4.4, 7, 9)): D = 0.75, p = 0.2285714 exactly 8 / 35
  const json result = run({.id = "t", .kind = "ks_test", .column = "x", .by = {"two"}}, plain);
  EXPECT_EQ(result["statistic"], 0.75);
  EXPECT_NEAR(result["p"].get<double>(), 8.0 / 35, 1e-12);
  const json tied = run({.id = "t", .kind = "ks_test", .column = "y", .by = {"two"}},
                        {{0, 1, 0}, {0, 2, 0}, {0, 2, 1}, {0, 3, 1}, {0, 1, 0}});
  EXPECT_NEAR(tied["statistic"].get<double>(), 2.0 / 3, 1e-15);
  EXPECT_TRUE(tied.contains("note"));
}

TEST_P(RankTests, CorrelationsOfRanks) {
  const json spearman =
      run({.id = "t", .kind = "correlation", .columns = {"x", "y"}, .method = "spearman"}, plain)["pairs"][0];
  // rank(x) = 2 3 1 6 4 5 7, rank(y) = 3 1 4 2 7 6 5: S = 1 + 4 + 9 + 16 + 9 + 1 + 4 = 44, rho = 1 - 6 44 / 336
  EXPECT_NEAR(spearman["r"].get<double>(), 1 - 264.0 / 336, 1e-15);
  EXPECT_NEAR(spearman["statistic"].get<double>(), 44, 1e-12);
  EXPECT_NEAR(spearman["p"].get<double>(), 0.6615079365079365, 1e-12);
  const json kendall =
      run({.id = "t", .kind = "correlation", .columns = {"x", "y"}, .method = "kendall"}, plain)["pairs"][0];
  EXPECT_NEAR(kendall["r"].get<double>(), 1.0 / 21, 1e-15);  // 11 concordant, 10 discordant
  EXPECT_EQ(kendall["statistic"], 11);
}

TEST_P(RankTests, KendallWithTies) {
  std::mt19937_64 random(9);
  std::vector<Row> rows;
  for (int i = 0; i < 40; ++i) rows.push_back({double(random() % 6), double(random() % 4), std::uint16_t(i % 3)});
  const json pair =
      run({.id = "t", .kind = "correlation", .columns = {"x", "y"}, .method = "kendall"}, rows)["pairs"][0];
  double difference = 0, x = 0, y = 0;
  for (const Row& a : rows) {
    for (const Row& b : rows) {
      difference += (a.x - b.x) * (a.y - b.y) > 0 ? 0.5 : (a.x - b.x) * (a.y - b.y) < 0 ? -0.5 : 0;
      x += a.x != b.x ? 0.5 : 0;
      y += a.y != b.y ? 0.5 : 0;
    }
  }
  EXPECT_NEAR(pair["r"].get<double>(), difference / std::sqrt(x * y), 1e-14);
}

TEST_P(RankTests, QuantilesOfAnyNumberOfNumbers) {
  const AnalysisEntry entry{.id = "q", .kind = "quantiles", .column = "x", .probabilities = {0, 0.25, 0.5, 0.9, 1}};
  std::vector<Row> rows;
  for (const double value : {0.1, 1000.0, -100.0, 7.7, 7.7, 1e-9}) {
    rows.push_back({value, 0});
    std::vector<double> sorted;
    for (const Row& row : rows) sorted.push_back(row.x);
    std::sort(sorted.begin(), sorted.end());
    const json group = run(entry, rows)["groups"][0];
    EXPECT_EQ(group["n"], rows.size());
    for (std::size_t i = 0; i < entry.probabilities.size(); ++i) {
      const double place = entry.probabilities[i] * static_cast<double>(sorted.size() - 1), lower = std::floor(place);
      const double low = sorted[static_cast<std::size_t>(lower)],
                   high = sorted[static_cast<std::size_t>(std::ceil(place))];
      EXPECT_NEAR(group["quantiles"][i].get<double>(), low + (high - low) * (place - lower), 1e-12) << i;
    }
  }
}

TEST_P(RankTests, QuantilesOfNumbersPerGroup) {
  std::vector<Row> rows;
  for (std::uint16_t i = 0; i < 21; ++i) rows.push_back({i * 0.5 + i % 2 * 100, 0, std::uint16_t(i % 2)});
  const json groups =
      run({.id = "q", .kind = "quantiles", .column = "x", .by = {"g"}, .probabilities = {0.5}}, rows)["groups"];
  EXPECT_EQ(groups[0]["quantiles"][0], 5);
  EXPECT_EQ(groups[1]["quantiles"][0], 105);
  EXPECT_EQ(groups[2]["n"], 0);
}

TEST_P(RankTests, TiesEverywhereAndNobody) {
  const std::vector<Row> equal(12, {5, 5, 0}), nobody;
  std::vector<Row> both = equal;
  for (std::size_t i = 0; i < 6; ++i) both[i].group = 1;
  for (const char* kind : {"mann_whitney", "kruskal_wallis"}) {
    const AnalysisEntry entry{.id = "t", .kind = kind, .column = "x", .by = {"two"}};
    for (const auto& rows : {both, equal, nobody, std::vector<Row>{{1, 1, 0}}}) {
      const json result = run(entry, rows);
      EXPECT_TRUE(result["p"].is_null()) << kind;
      EXPECT_TRUE(result.contains("note")) << kind;
    }
  }
  for (const char* kind : {"ks_test", "wilcoxon_signed_rank"})
    EXPECT_TRUE(run({.id = "t", .kind = kind, .column = "x", .by = {"two"}}, nobody)["p"].is_null()) << kind;
  EXPECT_EQ(run({.id = "t", .kind = "ks_test", .column = "x", .by = {"two"}}, both)["p"], 1);
  for (const char* method : {"spearman", "kendall"}) {
    for (const auto& rows : {both, nobody, std::vector<Row>{{1, 1, 0}}}) {
      const json pair =
          run({.id = "t", .kind = "correlation", .columns = {"x", "y"}, .method = method}, rows)["pairs"][0];
      EXPECT_TRUE(pair["r"].is_null()) << method;
    }
  }
}

TEST(RankKeys, KeepOrderAndValues) {
  const RankKeys keys(-100, 1000, "x", "/x");
  std::vector<double> values{-100, -99.99999, -1e-9, 0, 1e-9, 0.1, 0.1 + 1e-13, 0.3, 999.999, 1000};
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_NEAR(keys.value(keys.key(values[i])), values[i], 1e-15);
    EXPECT_LT(i == 0 ? 0 : keys.key(values[i - 1]), keys.key(values[i]));
  }
  EXPECT_EQ(keys.key(-100), 1);
  EXPECT_LT(keys.key(1000), mpc::u64{1} << rank_key_bits);
  EXPECT_EQ(RankKeys(0, 1, "x", "/x").value(RankKeys(0, 1, "x", "/x").key(0.1)), 0.1);
  EXPECT_FALSE(attempt([] { return RankKeys(1e30, 1e30 + 1e15, "x", "/x").key(1e30); }).ok());
}

TEST(RankDistributions, AtKnownPoints) {
  EXPECT_NEAR(mann_whitney_exact_p(0, 5, 5), 2.0 / 252, 1e-15);
  EXPECT_NEAR(mann_whitney_exact_p(25, 5, 5), 2.0 / 252, 1e-15);
  EXPECT_EQ(mann_whitney_exact_p(12, 5, 5), 1);
  EXPECT_NEAR(signed_rank_exact_p(0, 10), 2.0 / 1024, 1e-15);
  EXPECT_EQ(signed_rank_exact_p(5, 4), 1);
  EXPECT_NEAR(kendall_exact_p(0, 5), 2.0 / 120, 1e-15);
  EXPECT_NEAR(kendall_exact_p(10, 5), 2.0 / 120, 1e-15);
  EXPECT_NEAR(spearman_p(0, 5), 2.0 / 120, 1e-15);
  EXPECT_NEAR(spearman_p(40, 5), 2.0 / 120, 1e-15);
  EXPECT_NEAR(spearman_p(36, 10), 2 * 0.005825634, 1e-8);  // AS 89
  EXPECT_NEAR(kolmogorov_smirnov_exact_p(25, 5, 5), 2.0 / 252, 1e-15);
  EXPECT_NEAR(kolmogorov_limit_p(1.36 / std::sqrt(500.0), 1000, 1000), 0.0494858, 1e-6);
  for (const double t : {0.99999, 1.00001}) EXPECT_NEAR(kolmogorov_limit_p(t, 2, 2), 0.26999967, 2e-5);
}

}  // namespace
}  // namespace cohortium::statistics
