// Exact tests and adjusted p-values against enumeration and R.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "statistics/adjustment.h"
#include "statistics/analysis.h"
#include "statistics/distributions.h"
#include "statistics/hypothesis/exact_table.h"
#include "statistics/hypothesis/hypergeometric.h"
#include "statistics/testing/columns.h"

namespace cohortium::statistics {
namespace {

using nlohmann::json;

double log_probability(const std::vector<double>& counts) {
  double log = 0;
  for (const double count : counts) log -= std::lgamma(count + 1);
  return log;
}

// All tables of 3 x 3 with the margins of `counts`, one by one.
double enumerated(const std::vector<double>& counts) {
  std::vector<double> down(3), across(3);
  for (std::size_t i = 0; i < 9; ++i) {
    down[i / 3] += counts[i];
    across[i % 3] += counts[i];
  }
  const double limit = log_probability(counts) + std::log1p(1e-7);
  double all = 0, extreme = 0;
  std::vector<double> t(9);
  for (t[0] = 0; t[0] <= down[0]; ++t[0])
    for (t[1] = 0; t[0] + t[1] <= down[0]; ++t[1])
      for (t[3] = 0; t[3] <= down[1]; ++t[3])
        for (t[4] = 0; t[3] + t[4] <= down[1]; ++t[4]) {
          t[2] = down[0] - t[0] - t[1];
          t[5] = down[1] - t[3] - t[4];
          for (std::size_t j = 0; j < 3; ++j) t[6 + j] = across[j] - t[j] - t[3 + j];
          if (t[6] < 0 || t[7] < 0 || t[8] < 0) continue;
          all += std::exp(log_probability(t));
          if (log_probability(t) <= limit) extreme += std::exp(log_probability(t));
        }
  return extreme / all;
}

TEST(ExactTable, EqualsEnumeration) {
  for (const std::vector<double>& counts : {std::vector<double>{3, 1, 2, 0, 4, 1, 2, 2, 5},
                                            {0, 0, 5, 0, 5, 0, 5, 0, 0},
                                            {7, 7, 7, 7, 7, 7, 7, 7, 7},
                                            {1, 0, 0, 0, 1, 0, 0, 0, 1},
                                            {12, 3, 0, 2, 9, 4, 1, 1, 8},
                                            {0, 0, 0, 3, 4, 5, 6, 2, 1}}) {
    EXPECT_NEAR(*exact_table_p(counts, 3) / enumerated(counts), 1, 1e-11);
  }
}

TEST(ExactTable, EqualsTheTestOfTwoByTwo) {
  for (const TwoByTwo& t : {TwoByTwo{86, 29, 44, 30}, {125, 52, 5, 7}, {0, 5, 5, 5}, {3, 0, 4, 0}})
    EXPECT_NEAR(*exact_table_p({t.a, t.b, t.c, t.d}, 2), exact_test(t, 0.95).p, 1e-12);
}

TEST(ExactTable, GivesUpOnWhatIsTooLarge) {
  EXPECT_FALSE(exact_table_p(std::vector<double>(25, 100), 5).has_value());
  EXPECT_FALSE(exact_table_p({1e6, 1e6, 1e6, 1e6, 1e6, 1e6}, 3).has_value());
  EXPECT_EQ(exact_table_p(std::vector<double>(6, 0), 3), 1);
}

TEST(Adjustment, OfTheExampleOfBenjaminiAndHochberg) {
  const std::vector<std::optional<double>> p{0.03, 0.01, 0.02};
  auto values = [&](const char* method) {
    std::vector<double> all;
    for (const auto& value : adjust_p(method, p)) all.push_back(*value);
    return all;
  };
  const std::vector<double> bonferroni{0.09, 0.03, 0.06}, holm{0.04, 0.03, 0.04}, bh{0.03, 0.03, 0.03};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(values("bonferroni")[i], bonferroni[i], 1e-15);
    EXPECT_NEAR(values("holm")[i], holm[i], 1e-15);
    EXPECT_NEAR(values("bh")[i], bh[i], 1e-15);
    EXPECT_NEAR(values("by")[i], bh[i] * (1 + 1.0 / 2 + 1.0 / 3), 1e-15);
  }
}

TEST(Adjustment, EqualsR) {
  const std::vector<std::optional<double>> p{0.0001, 0.004, 0.019,  0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                                             0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759,  1.0};
  const std::vector<std::pair<const char*, std::vector<double>>> golden{
      {"bonferroni", {0.0015, 0.06, 0.285, 0.1425, 0.3015, 0.417, 0.447, 0.516, 0.6885, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0}},
      {"holm",
       {0.0015, 0.056, 0.22799999999999998, 0.1235, 0.22799999999999998, 0.27799999999999997, 0.27799999999999997,
        0.27799999999999997, 0.32130000000000003, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0}},
      {"bh",
       {0.0015, 0.03, 0.0603, 0.0475, 0.0603, 0.06385714285714286, 0.06385714285714286, 0.0645, 0.07650000000000001,
        0.486, 0.5811818181818181, 0.7148749999999999, 0.7532307692307693, 0.8132142857142857, 1.0}},
      {"by",
       {0.00497734348984349, 0.0995468697968698, 0.2000892082917083, 0.1576158771783772, 0.2000892082917083,
        0.21189262285333715, 0.21189262285333715, 0.21402577006327006, 0.253844517982018, 1.0, 1.0, 1.0, 1.0, 1.0,
        1.0}}};
  for (const auto& [method, expected] : golden) {
    const auto adjusted = adjust_p(method, p);
    for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(*adjusted[i] / expected[i], 1, 1e-14) << method << " " << i;
  }
}

TEST(Adjustment, CountsAWithheldTest) {
  const auto adjusted = adjust_p("holm", {0.01, std::nullopt, 0.6});
  EXPECT_NEAR(*adjusted[0], 0.03, 1e-15);
  EXPECT_FALSE(adjusted[1].has_value());
  EXPECT_EQ(*adjusted[2], 1);
}

TEST(Binomial, AtKnownPoints) {
  EXPECT_NEAR(binomial_at_most(2, 4, 0.5), 11.0 / 16, 1e-15);
  EXPECT_NEAR(binomial_at_least(3, 4, 0.5), 5.0 / 16, 1e-15);
  EXPECT_EQ(binomial_at_least(0, 4, 0.5), 1);
  EXPECT_EQ(binomial_at_most(4, 4, 0.5), 1);
  EXPECT_EQ(binomial_at_most(-1, 4, 0.5), 0);
  EXPECT_NEAR(binomial_upper_limit(0, 10, 0.025), 1 - std::pow(0.025, 0.1), 1e-14);
  EXPECT_NEAR(binomial_lower_limit(10, 10, 0.025), std::pow(0.025, 0.1), 1e-14);
}

// As released with a minimum of 1.
json presented(const AnalysisEntry& entry, const std::vector<double>& counts) {
  const auto analysis = make_analysis(
      entry, "/analyses/0", {category("arm", {"a", "b"}), category("dead", {"no", "yes"})}, {.minimum_cell = 1});
  mpc::ReleasedCells cells;
  for (const double count : counts) cells.people.emplace_back(static_cast<mpc::u128>(count));
  cells.passed.assign(counts.size(), true);
  return analysis->present({.cells = cells, .curve = {}});
}

TEST(Proportions, AreTestedAsInR) {
  const AnalysisEntry two{.id = "t", .kind = "prop_test", .by = {"arm"}, .outcome = "dead", .positive = {"yes"}};
  // prop.test(c(15, 25), c(50, 50))
  const json groups = presented(two, {15, 35, 25, 25});
  EXPECT_NEAR(groups["statistic"].get<double>(), 3.375, 1e-12);
  EXPECT_NEAR(groups["p"].get<double>(), 0.06619257972219346, 1e-12);
  EXPECT_NEAR(groups["estimates"][0]["lower"].get<double>(), -0.4076, 1e-3);
  EXPECT_TRUE(presented(two, {0, 35, 0, 25})["p"].is_null());
  EXPECT_TRUE(presented(two, {0, 0, 10, 25})["p"].is_null());
  EXPECT_TRUE(presented(two, {0, 0, 0, 0}).contains("note"));
  AnalysisEntry one{.id = "t", .kind = "prop_test", .outcome = "dead", .positive = {"yes"}};
  // prop.test(83, 100, p = 0.75, correct = FALSE): chi-square 3.4133
  one.null_value = 0.75;
  one.continuity = false;
  EXPECT_NEAR(presented(one, {83, 17})["statistic"].get<double>(), 64.0 / 18.75, 1e-12);
}

TEST(Proportions, AreTestedExactlyAsInR) {
  AnalysisEntry entry{.id = "t", .kind = "binom_test", .outcome = "dead", .positive = {"yes"}};
  EXPECT_NEAR(presented(entry, {7, 3})["p"].get<double>(), 0.34375, 1e-14);  // binom.test(7, 10)
  EXPECT_NEAR(presented(entry, {3, 7})["p"].get<double>(), 0.34375, 1e-14);
  EXPECT_EQ(presented(entry, {5, 5})["p"], 1);
  EXPECT_TRUE(presented(entry, {0, 0})["p"].is_null());
  entry.null_value = 0.75;  // binom.test(682, 925, p = 0.75)
  EXPECT_NEAR(presented(entry, {682, 243})["p"].get<double>(), 0.3824915, 1e-6);
  EXPECT_EQ(presented(entry, {0, 8})["estimates"][0]["lower"], 0);
}

}  // namespace
}  // namespace cohortium::statistics
