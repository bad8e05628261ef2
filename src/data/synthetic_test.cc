#include "data/synthetic.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "data/table.h"
#include "data/test_folder.h"

namespace cohortium::data {
namespace {

TableDeclaration trial() {
  TableDeclaration table{.table = "trial", .columns = {}, .where = ""};
  table.columns.push_back(
      {.name = "arm", .type = ColumnType::kCategory, .levels = {{"control", ""}, {"treatment", ""}}});
  table.columns.push_back({.name = "time", .type = ColumnType::kDuration, .low = 1, .high = 1500});
  table.columns.push_back({.name = "event", .type = ColumnType::kEvent, .event = {"1"}, .censored = {"0"}});
  table.columns.push_back({.name = "age", .low = 18, .high = 95});
  table.columns.push_back({.name = "sex", .type = ColumnType::kCategory, .levels = {{"F", ""}, {"M", ""}}});
  table.columns.push_back(
      {.name = "stage", .type = ColumnType::kCategory, .levels = {{"I", ""}, {"II", ""}, {"III", ""}, {"IV", ""}}});
  return table;
}

TEST(Synthetic, TheTruthIsRecovered) {
  const TestFolder folder;
  const SyntheticTrial options{.sites = {{"north", 120000}, {"south", 80000}}, .hazard_ratio = 0.75};
  write_synthetic_trial(folder.path(), options);
  double events[2] = {}, days[2] = {};
  std::size_t rows = 0;
  for (const SyntheticSite& site : options.sites) {
    const Table table = load_table(folder.path() / site.name, trial());
    EXPECT_EQ(table.rows, site.rows);
    rows += table.rows;
    for (std::size_t i = 0; i < table.rows; ++i) {
      const auto arm = table.column("arm").level[i];
      events[arm] += table.column("event").event[i];
      days[arm] += table.column("time").grid[i] + 0.5;  // grid 0 is day 1; a day's events fall in its middle
    }
  }
  // Rates per day are the maximum-likelihood estimates of an exponential model.
  const double log_ratio = std::log(events[1] / days[1] / (events[0] / days[0]));
  const double standard_error = std::sqrt(1 / events[0] + 1 / events[1]);
  EXPECT_NEAR(log_ratio, std::log(0.75), 4 * standard_error);
  EXPECT_NEAR(std::log(2.0) / (events[0] / days[0]), options.median_days, 6);
  EXPECT_NEAR(1 - (events[0] + events[1]) / static_cast<double>(rows), options.censored_fraction, 0.005);

  const auto truth = nlohmann::json::parse(read_file(folder.path() / "truth.json"));
  EXPECT_EQ(truth["hazard_ratio"], 0.75);
  EXPECT_EQ(truth["sites"][0]["events"].get<double>() + truth["sites"][1]["events"].get<double>(),
            events[0] + events[1]);
}

TEST(Synthetic, TheSeedDecidesEverything) {
  const TestFolder a, b, c;
  SyntheticTrial options{.sites = {{"x", 500}, {"y", 500}}, .seed = 7};
  write_synthetic_trial(a.path(), options);
  write_synthetic_trial(b.path(), options);
  options.seed = 8;
  write_synthetic_trial(c.path(), options);
  const auto content = [](const TestFolder& folder) { return read_file(folder.path() / "x" / "trial.csv"); };
  EXPECT_EQ(content(a), content(b));
  EXPECT_NE(content(a), content(c));
  EXPECT_TRUE(content(a).starts_with("patient_id,arm,time,event,age,sex,stage\nx-0000001,"));
}

TEST(Synthetic, ImpossibleTrialsAreRefused) {
  const TestFolder folder;
  const auto code = [&](auto change) {
    SyntheticTrial options{.sites = {{"x", 5}}};
    change(options);
    return error_of([&] { write_synthetic_trial(folder.path(), options); }).code;
  };
  EXPECT_EQ(code([](auto&) {}), "none");
  EXPECT_EQ(code([](auto& o) { o.censored_fraction = 0.05; }), "data.bad_synthetic_trial");
  EXPECT_EQ(code([](auto& o) { o.hazard_ratio = 0; }), "data.bad_synthetic_trial");
  EXPECT_EQ(code([](auto& o) { o.sites.clear(); }), "data.bad_synthetic_trial");
  EXPECT_EQ(code([](auto& o) { o.sites = {{"../x", 5}}; }), "data.bad_synthetic_trial");
  EXPECT_EQ(code([](auto& o) { o.sites = {{"x", 5}, {"x", 5}}; }), "data.bad_synthetic_trial");
}

TEST(Synthetic, IsQuick) {
  const TestFolder folder;
  const auto start = std::chrono::steady_clock::now();
  write_synthetic_trial(folder.path(), {.sites = {{"x", 500000}}});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("synthetic trial: %.2f million rows per second\n", 0.5 / took.count());
}

}  // namespace
}  // namespace cohortium::data
