#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "study/check_text.h"
#include "study/forecast.h"
#include "study/plan.h"

namespace cohortium::study {
namespace {

using nlohmann::json;

json example() {
  return json::parse(R"({"cohortium": 1, "title": "t", "purpose": "p", "sites": ["north", "west"],
    "data": {"table": "lung", "columns": {
      "time": {"type": "duration", "unit": "d", "range": [0, 50]},
      "status": {"type": "event", "event": [2], "censored": [1]},
      "sex": {"type": "category", "levels": {"1": "male", "2": "female"}},
      "age": {"type": "number", "range": [18, 110]}}, "where": "age >= 40"},
    "analyses": [{"id": "km", "kind": "kaplan_meier", "time": "time", "event": "status", "by": "sex"},
                 {"id": "lr", "kind": "log_rank", "time": "time", "event": "status", "by": "sex"}]})");
}

std::string refusal(const std::string& text) {
  const auto parsed = attempt([&] { return Plan(parse_study(text, "study.json")).aggregate_size(); });
  return parsed.ok() ? "accepted" : parsed.error().code + " " + parsed.error().where;
}

std::string refusal_after(const std::string& pointer, const json& value) {
  json study = example();
  study[json::json_pointer(pointer)] = value;
  return refusal(study.dump());
}

TEST(Study, ExampleIsAcceptedAndHashedByContent) {
  const Study study = parse_study(example().dump(2), "study.json");
  EXPECT_EQ(study.hash, parse_study(example().dump(), "other.json").hash);
  EXPECT_EQ(study.release.minimum_cell, 11u);
  EXPECT_EQ(study.data.columns[2].name, "status");
  EXPECT_EQ(study.data.columns[2].event, std::vector<std::string>{"2"});
  json other = example();
  other["title"] = "u";
  EXPECT_NE(study.hash, parse_study(other.dump(), "study.json").hash);
}

TEST(Study, MalformedJsonIsRefusedWithLineAndColumn) {
  EXPECT_EQ(refusal("{\n  \"cohortium\": 1,,\n}"), "study.bad_json study.json:2:18");
  EXPECT_EQ(refusal("{\"a\": 1, \"a\": 2}"), "study.bad_json study.json");
  EXPECT_EQ(refusal(std::string(100, '[')), "study.bad_json study.json");
  EXPECT_EQ(refusal(""), "study.bad_json study.json:1:1");
  EXPECT_EQ(refusal("\xff\xfe"), "study.bad_json study.json:1:1");
}

TEST(Study, ContentIsRefusedWithItsJsonPath) {
  EXPECT_EQ(refusal_after("/sites", json::array({"north", "north"})), "study.duplicate_site /sites/1");
  EXPECT_EQ(refusal_after("/sites", json::array({"north"})), "study.not_as_declared /sites");
  EXPECT_EQ(refusal_after("/surprise", 1), "study.not_as_declared /");
  EXPECT_EQ(refusal_after("/data/columns/age/range", json::array({110, 18})),
            "study.bad_range /data/columns/age/range");
  EXPECT_EQ(refusal_after("/data/columns/time/range", json::array({0, 1e9})),
            "study.bad_range /data/columns/time/range");
  EXPECT_EQ(refusal_after("/data/columns/status/censored", json::array({2})),
            "study.duplicate_code /data/columns/status/censored");
  EXPECT_EQ(refusal_after("/analyses/1/id", "km"), "study.duplicate_analysis /analyses/1");
  EXPECT_EQ(refusal_after("/analyses/0/time", "when"), "study.unknown_column /analyses/0/time");
  EXPECT_EQ(refusal_after("/analyses/0/by", "age"), "study.wrong_column_type /analyses/0/by");
  EXPECT_EQ(refusal_after("/release", {{"minimum_cell", 0}}), "study.not_as_declared /release/minimum_cell");
  EXPECT_TRUE(refusal_after("/data/where", "age > (SELECT 1)").starts_with("data.bad_filter"));
}

TEST(Plan, AnalysesOfTheSameCountsShareTheirAggregate) {
  const Plan plan(parse_study(example().dump(), "study.json"));
  EXPECT_EQ(plan.aggregate_size(), 2u * 2 * 51);
}

TEST(Forecast, BytesAndRoundsAreThoseOfTheDeclaredKernels) {
  const Plan plan(parse_study(example().dump(), "study.json"));
  const Forecast lan = forecast(plan, network_named("lan")), wan = forecast(plan, network_named("wan"));
  EXPECT_GT(lan.rounds, 0u);
  EXPECT_GE(lan.rounds, wan.rounds);  // far apart, fewer rounds may be worth more bytes
  EXPECT_GT(wan.seconds, lan.seconds);
  EXPECT_THROW(network_named("moon"), Failure);
}

TEST(Leakage, TwoSitesAreToldThatTheyCanSubtract) {
  const Plan plan(parse_study(example().dump(), "study.json"));
  EXPECT_NE(leakage_statement(plan).site[1].find("with two sites nothing prevents it"), std::string::npos);
  EXPECT_NE(check_text(plan).find("What each role will learn"), std::string::npos);
}

}  // namespace
}  // namespace cohortium::study
