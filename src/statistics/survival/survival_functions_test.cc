// Restricted means and log-rank tests, weighted and within strata, against the same formulas in plain double arithmetic,
// on random and on degenerate records.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.h"
#include "statistics/survival/log_rank_statistic.h"
#include "statistics/testing/run_analysis.h"

namespace cohortium::statistics {
namespace {

using nlohmann::json;

struct Person {
  std::uint16_t arm = 0, stage = 0;
  std::uint32_t days = 0;
  bool died = false;
};
using People = std::vector<Person>;

constexpr std::size_t grid = 31;

std::vector<data::ColumnDeclaration> columns() {
  data::ColumnDeclaration days{.name = "days", .type = data::ColumnType::kDuration, .low = 0, .high = 30};
  data::ColumnDeclaration died{.name = "died", .type = data::ColumnType::kEvent, .event = {"1"}, .censored = {"0"}};
  data::ColumnDeclaration arm{.name = "arm", .type = data::ColumnType::kCategory};
  data::ColumnDeclaration stage{.name = "stage", .type = data::ColumnType::kCategory};
  arm.levels = {{"a", "a"}, {"b", "b"}};
  stage.levels = {{"1", "1"}, {"2", "2"}, {"3", "3"}};
  return {days, died, arm, stage};
}

data::Table table_of(const People& people, std::size_t site = 0, std::size_t sites = 1) {
  data::Table table;
  table.rows = people.size();
  table.site = site;
  table.sites = sites;
  for (const auto& declaration : columns()) table.columns.push_back({.declaration = declaration});
  for (const Person& person : people) {
    table.columns[0].grid.push_back(person.days);
    table.columns[1].event.push_back(person.died);
    table.columns[2].level.push_back(person.arm);
    table.columns[3].level.push_back(person.stage);
  }
  return table;
}

People random_people(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  People people(count);
  for (Person& person : people) {
    person = {.arm = std::uint16_t(random() % 2), .stage = std::uint16_t(random() % 3)};
    person.days = static_cast<std::uint32_t>(random() % (person.arm == 0 ? 20 : grid));
    person.died = random() % 3 != 0;
  }
  return people;
}

LogRankSums plain_sums(const std::vector<People>& strata, const LogRankWeights& weights) {
  std::vector<std::vector<double>> events(2, std::vector<double>(grid * strata.size())), at_risk = events;
  for (std::size_t s = 0; s < strata.size(); ++s) {
    for (const Person& person : strata[s]) {
      if (person.died) events[person.arm][s * grid + person.days] += 1;
      for (std::size_t t = 0; t <= person.days; ++t) at_risk[person.arm][s * grid + t] += 1;
    }
  }
  return log_rank_sums(events, at_risk, grid, weights);
}

void expect_sums(const json& result, const LogRankSums& sums) {
  for (std::size_t g = 0; g < 2; ++g) {
    EXPECT_NEAR(result["observed"][g].get<double>(), sums.observed[g], 1e-11);
    EXPECT_NEAR(result["expected"][g].get<double>(), sums.expected[g], 1e-11);
    for (std::size_t h = 0; h < 2; ++h) EXPECT_NEAR(result["variance"][g][h].get<double>(), sums.variance[g][h], 1e-11);
  }
  EXPECT_LT(result["error_bound"].get<double>(), 1e-11);
}

class SurvivalFunctions : public ::testing::TestWithParam<const char*> {
 protected:
  json run(const AnalysisEntry& entry, const std::vector<data::Table>& tables) {
    const auto analysis = make_analysis(entry, "/analyses/0", columns(), {.minimum_cell = 1});
    return run_analysis(GetParam(), *analysis, tables);
  }
  AnalysisEntry mean_until(double until) {
    return {.id = "m", .kind = "restricted_mean", .time = "days", .event = "died", .by = {"arm"}, .until = until};
  }
  AnalysisEntry log_rank() { return {.id = "t", .kind = "log_rank", .time = "days", .event = "died", .by = {"arm"}}; }
};
INSTANTIATE_TEST_SUITE_P(Protocols, SurvivalFunctions, ::testing::Values("plaintext", "replicated3"));

TEST_P(SurvivalFunctions, LogRankWithinStrataOfColumnsAndSites) {
  const People all = random_people(90, 5);
  std::vector<People> strata(6);  // stage by site
  std::vector<People> sites(2);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].stage == 1 && i % 2 == 1) continue;  // one stratum stays empty
    sites[i % 2].push_back(all[i]);
    strata[all[i].stage * 2 + i % 2].push_back(all[i]);
  }
  AnalysisEntry entry = log_rank();
  entry.strata = {"stage"};
  entry.by_site = true;
  entry.sites = 2;
  for (const LogRankWeights weights : {LogRankWeights{0, 0}, {1, 0}, {0, 1}, {2, 1}}) {
    entry.rho = weights.rho;
    entry.gamma = weights.gamma;
    expect_sums(run(entry, {table_of(sites[0], 0, 2), table_of(sites[1], 1, 2)}), plain_sums(strata, weights));
  }
}

TEST_P(SurvivalFunctions, LogRankOfTiesEverywhereOneEventAndNone) {
  AnalysisEntry entry = log_rank();
  entry.rho = 1;
  People people(20, {.days = 7, .died = true});
  for (std::size_t i = 0; i < people.size(); ++i) people[i].arm = i % 2;
  expect_sums(run(entry, {table_of(people)}), plain_sums({people}, {1, 0}));
  for (Person& person : people) person.died = false;
  EXPECT_TRUE(run(entry, {table_of(people)})["chisq"].is_null());
  people[3].died = true;
  expect_sums(run(entry, {table_of(people)}), plain_sums({people}, {1, 0}));
}

TEST_P(SurvivalFunctions, RestrictedMeanOfKnownCurves) {
  // a: 4 people, of whom one dies at 10 and one at 20; b: all die at 5.
  People people(6, {.arm = 0, .days = 30});
  people[0] = {.arm = 0, .days = 10, .died = true};
  people[1] = {.arm = 0, .days = 20, .died = true};
  people[4] = people[5] = {.arm = 1, .days = 5, .died = true};
  const json result = run(mean_until(30), {table_of(people)});
  const json a = result["groups"][0], b = result["groups"][1];
  EXPECT_NEAR(a["value"].get<double>(), 10 + 7.5 + 5, 1e-12);
  // Areas to the end are 12.5 at 10 and 5 at 20; Greenwood's terms 1/(4 3) and 1/(3 2).
  EXPECT_NEAR(a["standard_error"].get<double>(), std::sqrt(12.5 * 12.5 / 12 + 25.0 / 6), 1e-12);
  EXPECT_NEAR(b["value"].get<double>(), 5, 1e-12);
  EXPECT_NEAR(b["standard_error"].get<double>(), 0, 1e-6);
  EXPECT_NEAR(result["differences"][0]["value"].get<double>(), -17.5, 1e-12);
  // What happens at the end or later does not matter.
  const json early = run(mean_until(10), {table_of(people)})["groups"][0];
  EXPECT_NEAR(early["value"].get<double>(), 10, 1e-12);
  EXPECT_EQ(early["standard_error"].get<double>(), 0);
  EXPECT_EQ(early["events"], 0);
}

TEST_P(SurvivalFunctions, RestrictedMeanOfNobodyIsTheWholeTime) {
  const json result = run(mean_until(30), {table_of({})});
  EXPECT_NEAR(result["groups"][0]["value"].get<double>(), 30, 1e-12);
  EXPECT_EQ(result["groups"][0]["n"], 0);
}

TEST(RestrictedMean, EndsOnTheGrid) {
  auto code = [](double until) {
    const AnalysisEntry entry{.id = "m", .kind = "restricted_mean", .time = "days", .event = "died", .until = until};
    const auto made = attempt([&] { return make_analysis(entry, "/analyses/0", columns(), {}); });
    return made.ok() ? "" : made.error().code + " " + made.error().where;
  };
  EXPECT_EQ(code(1), "");
  EXPECT_EQ(code(30), "");
  for (const double until : {0.0, -1.0, 10.5, 31.0}) EXPECT_EQ(code(until), "study.bad_time /analyses/0/until");
}

}  // namespace
}  // namespace cohortium::statistics
