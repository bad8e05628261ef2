// Cumulative incidences and Gray's test against the formulas of their sources in plain double arithmetic, on random and on
// degenerate records.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.h"
#include "statistics/survival/incidence_curve.h"
#include "statistics/testing/run_analysis.h"

namespace cohortium::statistics {
namespace {

using mpc::u128;
using nlohmann::json;
using Matrix = std::vector<std::vector<double>>;

constexpr std::size_t grid = 25;
enum Kind : std::uint16_t { kCensored, kCause, kOther };

struct Person {
  std::uint16_t arm = 0;
  std::uint32_t days = 0;
  Kind kind = kCensored;
};
using People = std::vector<Person>;

std::vector<data::ColumnDeclaration> columns() {
  data::ColumnDeclaration days, end, arm;
  days.name = "days", days.type = data::ColumnType::kDuration, days.low = 0, days.high = grid - 1;
  end.name = "end", end.type = data::ColumnType::kCategory;
  end.levels = {{"0", "alive"}, {"1", "relapse"}, {"2", "death"}};
  arm.name = "arm", arm.type = data::ColumnType::kCategory;
  arm.levels = {{"a", "A"}, {"b", "B"}, {"c", "C"}};
  return {days, end, arm};
}

data::Table table_of(const People& people) {
  data::Table table;
  table.rows = people.size();
  for (const auto& declaration : columns()) table.columns.push_back({.declaration = declaration});
  for (const Person& person : people) {
    table.columns[0].grid.push_back(person.days);
    table.columns[1].level.push_back(person.kind);
    table.columns[2].level.push_back(person.arm);
  }
  return table;
}

People random_people(std::size_t count, unsigned seed, unsigned arms = 3) {
  std::mt19937 random(seed);
  People people(count);
  for (Person& person : people) {
    person.arm = static_cast<std::uint16_t>(random() % arms);
    person.days = static_cast<std::uint32_t>(random() % (person.arm == 0 ? 15 : grid));
    person.kind = static_cast<Kind>(random() % 3);
  }
  return people;
}

double number_of(const People& people, std::size_t arm, std::size_t time, Kind kind) {
  double count = 0;
  for (const Person& p : people) count += p.arm == arm && p.days == time && p.kind == kind ? 1 : 0;
  return count;
}

double at_risk_at(const People& people, std::size_t arm, std::size_t time) {
  double count = 0;
  for (const Person& p : people) count += p.arm == arm && p.days >= time ? 1 : 0;
  return count;
}

// Scores and covariance of all groups, by the recursion of the article (section 4), which adds up c, v2 and v3 in time.
struct GrayAnswer {
  std::vector<double> scores;
  Matrix variance;
};
GrayAnswer gray(const People& people, std::size_t m) {
  GrayAnswer answer{std::vector<double>(m), Matrix(m, std::vector<double>(m))};
  std::vector<double> s(m, 1), incidence(m, 0), v3(m, 0);
  Matrix c(m, std::vector<double>(m)), v2 = c;
  double before = 0;
  for (std::size_t t = 0; t < grid; ++t) {
    std::vector<double> n(m), d1(m), d2(m), h(m), after = s;
    double events = 0, others = 0, sum_h = 0, sum_r = 0;
    for (std::size_t g = 0; g < m; ++g) {
      n[g] = at_risk_at(people, g, t), d1[g] = number_of(people, g, t, kCause), d2[g] = number_of(people, g, t, kOther);
      events += d1[g], others += d2[g];
      if (n[g] == 0) continue;
      h[g] = n[g] / s[g];
      after[g] = s[g] * (n[g] - d1[g] - d2[g]) / n[g];
      sum_h += h[g], sum_r += h[g] * (1 - incidence[g]);
    }
    if (events + others == 0) continue;
    const double f = before + events / sum_h;
    Matrix a(m, std::vector<double>(m));
    for (std::size_t i = 0; i < m; ++i) {
      answer.scores[i] += d1[i] - events * h[i] * (1 - incidence[i]) / sum_r;
      for (std::size_t j = 0; j < m; ++j) {
        a[i][j] = h[i] * ((i == j ? 1 : 0) - h[j] / sum_h);
        c[i][j] += a[i][j] * events / (sum_h * (1 - before));
      }
    }
    for (std::size_t k = 0; k < m; ++k) {
      if (n[k] == 0) continue;
      const double t4 = after[k] > 0 ? 1 - (1 - f) / after[k] : 1;
      const double tied = events > 1 ? 1 - (events - 1) / (sum_h * s[k] - 1) : 1;
      const double t3 = events > 0 ? tied * s[k] * events / (sum_h * n[k]) : 0;
      const double other = after[k] > 0 ? (1 - f) / after[k] : 0;
      const double tied_others = d2[k] > 1 ? 1 - (d2[k] - 1) / (n[k] - 1) : 1;
      const double t6 = tied_others * s[k] * s[k] * d2[k] / (n[k] * n[k]);
      v3[k] += t4 * t4 * t3 + other * other * t6;
      for (std::size_t i = 0; i < m; ++i) {
        const double t1 = a[i][k] - t4 * c[i][k];
        v2[i][k] += t1 * t4 * t3 - other * c[i][k] * other * t6;
        for (std::size_t j = 0; j < m; ++j)
          answer.variance[i][j] += t1 * (a[j][k] - t4 * c[j][k]) * t3 + other * c[i][k] * other * c[j][k] * t6;
      }
    }
    for (std::size_t g = 0; g < m; ++g) {
      if (n[g] > 0) incidence[g] += s[g] * d1[g] / n[g];
    }
    s = after, before = f;
  }
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      for (std::size_t k = 0; k < m; ++k)
        answer.variance[i][j] += c[i][k] * c[j][k] * v3[k] + c[i][k] * v2[j][k] + c[j][k] * v2[i][k];
    }
  }
  return answer;
}

double estimate(const json& result, const std::string& name) {
  for (const json& entry : result["estimates"]) {
    if (entry["name"] == name) return entry["value"].get<double>();
  }
  ADD_FAILURE() << name;
  return 0;
}

class Competing : public ::testing::TestWithParam<const char*> {
 protected:
  json run_gray(const People& people) {
    const AnalysisEntry entry{.id = "g",
                              .kind = "gray_test",
                              .time = "days",
                              .event = "end",
                              .by = {"arm"},
                              .positive = {"1"},
                              .censored = {"0"}};
    const auto analysis = make_analysis(entry, "/analyses/0", columns(), {.minimum_cell = 1});
    return run_analysis(GetParam(), *analysis, {table_of(people)});
  }
  void expect_gray(const People& people) {
    const json result = run_gray(people);
    const GrayAnswer plain = gray(people, 3);
    for (std::size_t g = 0; g < 3; ++g)
      EXPECT_NEAR(estimate(result, "score, " + columns()[2].levels[g].label), plain.scores[g], 1e-11);
    for (std::size_t g = 0; g < 2; ++g) {
      EXPECT_NEAR(estimate(result, "variance of the score, " + columns()[2].levels[g].label), plain.variance[g][g],
                  1e-9 * (1 + plain.variance[g][g]));
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Protocols, Competing, ::testing::Values("plaintext", "replicated3"));

TEST_P(Competing, GrayOfRandomRecords) {
  for (unsigned seed = 1; seed < 4; ++seed) expect_gray(random_people(120, seed));
}

TEST_P(Competing, GrayWithAnEmptyGroupOneEventAndEverybodyAtOnce) {
  expect_gray(random_people(60, 4, 2));
  People people = random_people(50, 5);
  for (Person& person : people) person.kind = person.kind == kCause ? kOther : person.kind;
  people[7].kind = kCause;
  expect_gray(people);
  for (Person& person : people) person.days = 9;
  people[8].kind = people[9].kind = kCause;
  expect_gray(people);
}

TEST_P(Competing, GrayWithoutEventsHasNoStatistic) {
  People people = random_people(30, 6);
  for (Person& person : people) person.kind = person.kind == kCause ? kOther : person.kind;
  for (const People& records : {people, People{}}) {
    const json result = run_gray(records);
    EXPECT_TRUE(result["p"].is_null());
    EXPECT_TRUE(result.contains("note"));
  }
}

TEST_P(Competing, MergedCurvesSampleTheExactOnes) {
  People people = random_people(150, 7);
  for (Person& person : people) {
    if (person.arm == 1 && person.days >= 20) person.kind = kOther;  // nobody of b is left at the end
  }
  const AnalysisEntry entry{
      .id = "i", .kind = "aalen_johansen", .time = "days", .event = "end", .by = {"arm"}, .censored = {"0"}};
  const auto analysis =
      make_analysis(entry, "/analyses/0", columns(), {.minimum_cell = 11, .curve = mpc::CurveRule::kMerged});
  const std::vector<u128> aggregate = analysis->local(table_of(people));
  const auto sampled =
      mpc::simulate(GetParam(), [&](mpc::Engine& engine) {
        const auto mine = std::span(aggregate).first(engine.self() == 0 ? aggregate.size() : 0);
        const mpc::SharedOutcome outcome =
            analysis->secure(engine, {.aggregate = engine.share(0, mine, aggregate.size())});
        return std::vector{engine.open(outcome.curve->sampled[0]), engine.open(outcome.curve->sampled[1])};
      }).front();
  for (std::size_t arm = 0; arm < 3; ++arm) {
    for (const Kind cause : {kCause, kOther}) {
      std::vector<IncidenceRow> rows;
      for (std::size_t t = 0; t < grid; ++t)
        rows.push_back({at_risk_at(people, arm, t), number_of(people, arm, t, cause),
                        number_of(people, arm, t, cause == kCause ? kOther : kCause)});
      const std::vector<Incidence> exact = cumulative_incidence(rows);
      for (std::size_t t = 0; t < grid; ++t) {
        const std::size_t at = ((cause - 1u) * 3 + arm) * grid + t;
        const double unit = std::ldexp(1.0, -56);
        EXPECT_NEAR(mpc::decode_fixed(sampled[0][at], 56), exact[t].value, 8 * grid * unit + 1e-15);
        EXPECT_NEAR(mpc::decode_fixed(sampled[1][at], 56), exact[t].variance, 60 * grid * unit + 1e-15);
      }
    }
  }
}

TEST(CompetingColumns, RefuseUnknownLevelsAndNoCause) {
  auto code = [](AnalysisEntry entry) {
    entry.time = "days", entry.event = "end", entry.by = {"arm"};
    const auto made = attempt([&] { return make_analysis(entry, "/analyses/0", columns(), {}); });
    return made.ok() ? "" : made.error().code + " " + made.error().where;
  };
  EXPECT_EQ(code({.kind = "aalen_johansen", .censored = {"0"}}), "");
  EXPECT_EQ(code({.kind = "aalen_johansen", .censored = {"9"}}), "study.bad_causes /analyses/0/censored");
  EXPECT_EQ(code({.kind = "aalen_johansen", .censored = {"0", "1", "2"}}), "study.bad_causes /analyses/0/censored");
  EXPECT_EQ(code({.kind = "gray_test", .censored = {"0"}}), "study.bad_causes /analyses/0/positive");
  EXPECT_EQ(code({.kind = "gray_test", .positive = {"0"}, .censored = {"0"}}), "study.bad_causes /analyses/0/positive");
}

}  // namespace
}  // namespace cohortium::statistics
