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

TEST(Study, ReleaseRulesHaveSafeDefaults) {
  const auto rule = [](const json& release) {
    json study = example();
    study["release"] = release;
    return parse_study(study.dump(), "study.json").release;
  };
  EXPECT_EQ(rule(json::object()).people_per_parameter(), 3);
  EXPECT_EQ(rule({{"minimum_cell", 2}}).people_per_parameter(), 3);
  EXPECT_EQ(rule({{"minimum_cell", 1}}).people_per_parameter(), 0);
  EXPECT_EQ(rule({{"minimum_cell", 1}, {"rows_per_parameter", 2.5}}).people_per_parameter(), 2.5);
  EXPECT_EQ(rule({{"rows_per_parameter", 0}}).people_per_parameter(), 0);
  EXPECT_EQ(rule(json::object()).round_to, 1u);
  // The minimum is the first number from which on all that round alike may show.
  EXPECT_EQ(rule({{"minimum_cell", 7}, {"round_to", 5}}).minimum_cell, 8u);
  EXPECT_EQ(rule({{"round_to", 5}}).minimum_cell, 13u);
  EXPECT_EQ(rule({{"minimum_cell", 5}}).minimum_cell, 5u);
}

TEST(Study, SitesAreProtectedWhereThatCanBeDecided) {
  json study = example();
  study["release"] = {{"protect_sites", true}};
  EXPECT_EQ(refusal(study.dump()), "study.no_site_protection /analyses/0/kind");
  study["analyses"] =
      json::parse(R"([{"id": "c", "kind": "count", "by": "sex"}, {"id": "d", "kind": "describe", "column": "age"}])");
  EXPECT_EQ(refusal(study.dump()), "accepted");
  const Plan plan(parse_study(study.dump(), "study.json"));
  EXPECT_TRUE(plan.by_site());
  EXPECT_NE(check_text(plan).find("fewer than 11, are of one site"), std::string::npos);
  // Noise protects from sites, too, so nothing is compared.
  study["release"]["privacy"] = {{"rho", 0.1}};
  EXPECT_FALSE(Plan(parse_study(study.dump(), "study.json")).by_site());
}

TEST(Study, DominanceIsLimitedWhereItIsCompared) {
  json study = example();
  study["release"] = {{"dominance", {{"largest", 2}, {"share", 0.8}}}};
  study["analyses"] =
      json::parse(R"([{"id": "d", "kind": "describe", "column": "age"}, {"id": "c", "kind": "count"}])");
  EXPECT_EQ(refusal(study.dump()), "accepted");
  const Plan plan(parse_study(study.dump(), "study.json"));
  EXPECT_TRUE(plan.by_site());
  EXPECT_NE(check_text(plan).find("the 2 largest values of a group make up at most 80% of its sum"), std::string::npos);
  study["analyses"][1] = json::parse(R"({"id": "m", "kind": "linear", "formula": "age ~ sex"})");
  EXPECT_EQ(refusal(study.dump()), "study.no_dominance /analyses/1/kind");
  for (const json& bad :
       {json{{"largest", 4}, {"share", 0.5}}, json{{"largest", 1}, {"share", 1.5}}, json{{"largest", 1}}})
    EXPECT_TRUE(
        refusal_after("/release", {{"dominance", bad}}).starts_with("study.not_as_declared /release/dominance"));
}

TEST(Study, NumbersAreRoundedWhereNothingElseIsShown) {
  json study = example();
  study["release"] = {{"round_to", 5}};
  EXPECT_EQ(refusal(study.dump()), "study.no_rounding /analyses/0/kind");
  study["analyses"] = json::parse(R"([{"id": "c", "kind": "count", "by": "sex"}])");
  EXPECT_EQ(refusal(study.dump()), "accepted");
  EXPECT_NE(check_text(Plan(parse_study(study.dump(), "study.json"))).find("nearest multiple of 5"), std::string::npos);
  study["release"]["privacy"] = {{"rho", 0.1}};
  EXPECT_EQ(refusal(study.dump()), "study.no_rounding /release/round_to");
  for (const json& bad : {json(1), json(0), json(101), json(2.5), json("5")})
    EXPECT_EQ(refusal_after("/release", {{"round_to", bad}}), "study.not_as_declared /release/round_to");
  for (const json& bad : {json(-1), json(1001), json("3")})
    EXPECT_EQ(refusal_after("/release", {{"rows_per_parameter", bad}}),
              "study.not_as_declared /release/rows_per_parameter");
}

TEST(Study, MalformedJsonIsRefusedWithLineAndColumn) {
  EXPECT_EQ(refusal("{\n  \"cohortium\": 1,,\n}"), "study.bad_json study.json:2:18");
  EXPECT_EQ(refusal("{\"a\": 1, \"a\": 2}"), "study.bad_json study.json");
  EXPECT_EQ(refusal(std::string(100, '[')), "study.bad_json study.json");
  EXPECT_EQ(refusal("{\"a\": 1e309}"), "study.bad_json study.json");
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
  EXPECT_EQ(refusal_after("/data/cohort", json::object()), "study.not_as_declared /data");
  EXPECT_EQ(refusal_after("/data", {{"columns", {{"age", {{"type", "number"}, {"range", {0, 120}}}}}},
                                    {"cohort", {{"sql", "DELETE FROM person"}}},
                                    {"features", {{"age", {{"is", "age"}}}}}}),
            "cohort.bad_sql /data/cohort/sql");
}

json funnel_study() {
  return json::parse(R"({"cohortium": 1, "title": "t", "purpose": "p", "sites": ["north", "west"],
    "data": {"cohort": {"PrimaryCriteria": {"CriteriaList": [{"VisitOccurrence": {}}]},
                        "InclusionRules": [{"name": "women", "expression": {"Type": "ALL"}}]},
             "members": "entry", "features": {"step": {"is": "steps"}, "sex": {"is": "sex"}},
             "columns": {"step": {"type": "category", "levels": "steps"}, "sex": {"type": "category", "levels": [8507]}}},
    "analyses": [{"id": "f", "kind": "funnel", "column": "step"}]})");
}

TEST(Study, StepsOfACohortHaveTheirNames) {
  const Study study = parse_study(funnel_study().dump(), "study.json");
  std::vector<std::string> labels;
  for (const auto& level : study.data.columns[1].levels) labels.push_back(level.code + " " + level.label);
  EXPECT_EQ(labels, (std::vector<std::string>{"0 entry events", "1 women", "2 final cohort"}));
  json other = funnel_study();
  other["data"]["columns"]["sex"]["levels"] = "steps";
  EXPECT_EQ(refusal(other.dump()), "study.not_as_declared /data/columns/sex/levels");
  EXPECT_EQ(refusal_after("/data/columns/sex/levels", "steps"), "study.not_as_declared /data/columns/sex/levels");
}

TEST(Study, PeopleDividedOverTimeCountOnce) {
  json study = json::parse(R"({"cohortium": 1, "title": "t", "purpose": "p", "sites": ["north", "west"],
    "data": {"cohort": {"events": {"ObservationPeriod": {}}},
             "time_at_risk": {"years": {"from": 2010, "to": 2011}, "ages": [0, 65]},
             "features": {"year": {"is": "index_year"}, "age": {"is": "age_band"}},
             "columns": {"year": {"type": "category", "levels": [2010, 2011]},
                         "age": {"type": "category", "levels": [0, 65]}}},
    "analyses": [{"id": "n", "kind": "count", "by": ["year", "age"]}]})");
  EXPECT_EQ(refusal(study.dump()), "accepted");
  study["analyses"][0]["by"] = "year";
  EXPECT_EQ(refusal(study.dump()), "study.divided_people /analyses/0/by");
  study["data"]["time_at_risk"].erase("ages");
  study["data"]["features"]["age"]["borders"] = {0, 65};
  EXPECT_EQ(refusal(study.dump()), "accepted");
  study["analyses"][0].erase("by");
  EXPECT_EQ(refusal(study.dump()), "study.divided_people /analyses/0/by");
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

TEST(Leakage, OpenedStepsAreToldToThoseWhoSeeThem) {
  auto says = [](const std::vector<std::string>& sentences) {
    return std::any_of(sentences.begin(), sentences.end(),
                       [](const std::string& s) { return s.find("of every step") != std::string::npos; });
  };
  for (const char* strength : {"opened", "hidden"}) {
    json study = example();
    study["data"]["columns"]["age"] = {{"type", "number"}, {"range", {18, 95}}};
    study["analyses"] = {
        {{"id", "m"}, {"kind", "glm"}, {"family", "poisson"}, {"formula", "age ~ 1"}, {"strength", strength}}};
    const Leakage leakage = leakage_statement(Plan(parse_study(study.dump(), "study.json")));
    EXPECT_EQ(says(leakage.compute_party), strength == std::string("opened"));
    EXPECT_EQ(says(leakage.site), strength == std::string("opened"));
  }
}

TEST(Leakage, TwoSitesAreToldThatTheyCanSubtract) {
  const Plan plan(parse_study(example().dump(), "study.json"));
  EXPECT_NE(leakage_statement(plan).site[1].find("with two sites nothing prevents it"), std::string::npos);
  EXPECT_NE(check_text(plan).find("What each role will learn"), std::string::npos);
}

}  // namespace
}  // namespace cohortium::study
