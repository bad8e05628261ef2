// What noise has to know of the analyses that take it, held to what rows really do; and what they present.
#include "statistics/noisy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "statistics/testing/columns.h"
#include "statistics/testing/run_analysis.h"

namespace cohortium::statistics {
namespace {

using mpc::i128;
using mpc::u128;

struct Row {
  double age, time;
  std::uint16_t arm, ill;
  std::uint8_t missing;
};

std::vector<data::ColumnDeclaration> declared(double low = 18, double high = 101) {
  std::vector<data::ColumnDeclaration> columns{number("age", low, high), number("time", 0, 3650.5),
                                               category("arm", {"a", "b"}), category("ill", {"no", "yes"})};
  columns[0].missing = {""};
  return columns;
}

data::Table table_of(const std::vector<Row>& rows, const std::vector<data::ColumnDeclaration>& columns) {
  data::Table table{.rows = rows.size()};
  for (const auto& column : columns) table.columns.push_back({.declaration = column});
  for (const Row& row : rows) {
    table.columns[0].number.push_back(row.missing ? 0 : row.age);
    table.columns[0].missing.push_back(row.missing);
    table.columns[1].number.push_back(row.time);
    table.columns[2].level.push_back(row.arm);
    table.columns[3].level.push_back(row.ill);
  }
  return table;
}

std::unique_ptr<NoisyAnalysis> make(const std::string& kind, const std::vector<data::ColumnDeclaration>& columns) {
  AnalysisEntry entry{.id = "x", .kind = kind, .by = {"arm"}};
  if (kind == "describe" || kind == "histogram") entry.column = "age";
  if (kind == "histogram") entry.breaks = {18, 40, 60, 101};
  if (kind == "rate") entry.time = "time";
  if (kind == "rate" || kind == "proportion" || kind == "prevalence") entry.outcome = "ill", entry.positive = {"yes"};
  return make_noisy_analysis(entry, "/analyses/0", columns, {.minimum_cell = 1});
}

const std::vector<std::string> kinds{"count", "table", "histogram", "proportion", "prevalence", "rate", "describe"};

Row random_row(std::mt19937_64& random, const data::ColumnDeclaration& age) {
  const auto uniform = [&](double low, double high) { return std::uniform_real_distribution(low, high)(random); };
  const auto one_of = [&](int n) { return static_cast<std::uint16_t>(random() % static_cast<unsigned>(n)); };
  // Ends of ranges often: there a row adds most.
  const auto within = [&](double low, double high) {
    const auto which = one_of(3);
    return which == 0 ? low : which == 1 ? high : uniform(low, high);
  };
  return {within(age.low, age.high), within(0, 3650.5), one_of(2), one_of(2),
          static_cast<std::uint8_t>(one_of(8) == 0)};
}

// Brute force over rows: one more row changes every part in one element at most, by at most what is declared, and up to it.
TEST(NoisyAnalyses, ARowAddsNoMoreThanIsDeclared) {
  for (const std::string& kind : kinds) {
    for (const auto& [low, high] : {std::pair(18.0, 101.0), {0.0, 1.0}, {-1e-3, 3e-3}, {-5e6, 7e8}, {0.1, 0.3}}) {
      if (kind == "histogram" && low != 18) continue;
      const auto columns = declared(low, high);
      const auto analysis = make(kind, columns);
      const std::vector<AggregatePart> parts = analysis->parts();
      std::vector<double> largest(parts.size());
      std::mt19937_64 random(3);
      for (int trial = 0; trial < 300; ++trial) {
        const auto sums = analysis->local(table_of({random_row(random, columns[0])}, columns));
        std::size_t at = 0;
        for (std::size_t part = 0; part < parts.size(); ++part) {
          int changed = 0;
          for (std::size_t end = at + parts[part].size; at < end; ++at) {
            const auto change = static_cast<i128>(sums[at]);
            changed += change != 0;
            EXPECT_LE(change < 0 ? -change : change, static_cast<i128>(parts[part].most)) << kind << ' ' << part;
            if (parts[part].people) {
              EXPECT_GE(change, 0);
            }
            largest[part] = std::max(largest[part], std::abs(static_cast<double>(change)));
          }
          EXPECT_LE(changed, 1) << kind << ' ' << part;
        }
        EXPECT_EQ(at, sums.size());
      }
      for (std::size_t part = 0; part < parts.size(); ++part) {
        EXPECT_EQ(largest[part], static_cast<double>(parts[part].most)) << kind << ' ' << part;
        EXPECT_LE(parts[part].most, 4096u);
      }
    }
  }
}

TEST(NoisyAnalyses, OtherKindsTakeNone) {
  const std::string path = "/analyses/0";
  for (const std::string& kind : analysis_kinds()) {
    if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) continue;
    EXPECT_EQ(make_noisy_analysis({.kind = kind}, path, declared(), {}), nullptr) << kind;
  }
}

mpc::ReleasedOutcome released(const NoisyAnalysis& analysis, const std::vector<u128>& aggregate) {
  const auto opened = mpc::simulate("plaintext", [&](mpc::Engine& engine) {
    return open_cells(engine, *analysis.secure(engine, {.aggregate = engine.constant(std::span(aggregate))}).cells);
  });
  return {.cells = opened[0], .curve = {}};
}

// Sums of coarse units are near enough, and what noise does to a mean and a standard deviation stays within what is said.
TEST(NoisyAnalyses, ErrorsOfMeansHoldAsOftenAsTheySay) {
  const auto columns = declared();
  const auto analysis = make("describe", columns);
  std::mt19937_64 random(4);
  std::vector<Row> rows;
  double sum = 0, squares = 0;
  for (int i = 0; i < 2000; ++i) {
    rows.push_back({std::clamp(std::normal_distribution(70.0, 12.0)(random), 18.0, 101.0), 1, 0, 0, 0});
    sum += rows.back().age;
    squares += rows.back().age * rows.back().age;
  }
  const double mean = sum / 2000, sd = std::sqrt((squares - 2000 * mean * mean) / 1999);
  const std::vector<u128> exact = analysis->local(table_of(rows, columns));
  const auto parts = analysis->parts();
  const nlohmann::json clean = analysis->present(released(*analysis, exact))["groups"][0];
  EXPECT_NEAR(clean["mean"].get<double>(), mean, 83.0 / 8192);
  EXPECT_NEAR(clean["sd"].get<double>(), sd, 0.05);
  EXPECT_EQ(clean["mean_error"], 0);

  constexpr double deviation = 8;
  std::vector<AddedNoise> noise;
  for (const auto& part : parts) noise.push_back({.deviation = deviation * static_cast<double>(part.most)});
  int of_mean = 0, of_sd = 0;
  constexpr int times = 3000;
  for (int i = 0; i < times; ++i) {
    std::vector<u128> noisy = exact;
    std::size_t at = 0;
    for (std::size_t part = 0; part < parts.size(); ++part) {
      for (std::size_t end = at + parts[part].size; at < end; ++at) {
        const double with = static_cast<double>(static_cast<i128>(noisy[at])) +
                            std::round(std::normal_distribution(0.0, noise[part].deviation)(random));
        noisy[at] = static_cast<u128>(static_cast<i128>(parts[part].people ? std::max(0.0, with) : with));
      }
    }
    const nlohmann::json group = analysis->present_noisy(released(*analysis, noisy), noise)["groups"][0];
    of_mean += std::abs(group["mean"].get<double>() - mean) <= group["mean_error"].get<double>();
    of_sd += std::abs(group["sd"].get<double>() - sd) <= group["sd_error"].get<double>();
  }
  for (const int held : {of_mean, of_sd}) {
    EXPECT_GE(held, 0.935 * times);
    EXPECT_LE(held, 0.97 * times);
  }
}

TEST(NoisyAnalyses, RatesAndProportionsFollowFromTheirCounts) {
  const auto columns = declared();
  const std::vector<Row> rows{{50, 100, 0, 1, 0}, {50, 300, 0, 0, 0}, {50, 600, 0, 0, 0}, {50, 3650.5, 1, 1, 0}};
  const auto rate = make("rate", columns);
  const nlohmann::json rates =
      rate->present_noisy(released(*rate, rate->local(table_of(rows, columns))), std::vector<AddedNoise>(2))["groups"];
  EXPECT_EQ(rates[0]["n"], 3);
  EXPECT_EQ(rates[0]["events"], 1);
  EXPECT_NEAR(rates[0]["person_time"].get<double>(), 1000, 3 * 0.5);
  EXPECT_NEAR(rates[1]["person_time"].get<double>(), 3650.5, 0.5);
  const auto proportion = make("proportion", columns);
  const nlohmann::json shares = proportion->present_noisy(
      released(*proportion, proportion->local(table_of(rows, columns))), std::vector<AddedNoise>(1))["groups"];
  EXPECT_DOUBLE_EQ(shares[0]["value"].get<double>(), 1.0 / 3);
}

}  // namespace
}  // namespace cohortium::statistics
