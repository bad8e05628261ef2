// Every place of a study through which a column can be read.
#include "policy/demand.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "policy/test_study.h"

namespace cohortium::policy {
namespace {

using nlohmann::json;

// "filter read", of trial.COLUMN; empty where the study does not ask for it.
std::string uses(const json& study, const std::string& column) {
  const Demand demand = demand_of(study);
  const auto found = demand.columns.find({"trial", column});
  std::set<std::string> names;
  if (found != demand.columns.end())
    for (const auto& [use, path] : found->second.uses) names.insert(name_of(use));
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

json with_column(const std::string& name, const json& column) {
  json study = test_study();
  study["data"]["columns"][name] = column;
  return study;
}

json with_analysis(const json& analysis) {
  json study = with_column("hiv", {{"type", "number"}, {"range", {0, 1}}});
  study["data"]["columns"]["x"] = {{"type", "number"}, {"range", {0, 1}}};
  study["analyses"].push_back(analysis);
  return study;
}

const json kNumber = {{"type", "number"}, {"range", {0, 1}}};
const json kLevels = {{"type", "category"}, {"levels", {"0", "1"}}};

TEST(Demand, OfAPlainStudy) {
  const Demand demand = demand_of(test_study());
  EXPECT_EQ(uses(test_study(), "time"), "read value");
  EXPECT_EQ(uses(test_study(), "arm"), "group read");
  EXPECT_EQ(demand.columns.size(), 3u);
  EXPECT_EQ(demand.columns.at({"trial", "arm"}).uses.at(Use::kGroup), "/analyses/0");
  EXPECT_EQ(demand.analyses.at(0).kind, "kaplan_meier");
  EXPECT_EQ(demand.protocol, "replicated3");
  EXPECT_EQ(demand.minimum_cell, 11u);
  EXPECT_FALSE(demand.exact_curves);
  EXPECT_FALSE(demand.privacy_loss);
}

TEST(Demand, FollowsAColumnThroughEveryPlace) {
  EXPECT_EQ(uses(with_column("hiv", kNumber), "hiv"), "read") << "declared columns are read, used or not";
  json study = with_column("hiv", kNumber);
  study["data"]["where"] = "CASE WHEN abs(hiv) > 0 THEN 1 ELSE 0 END = 1";
  EXPECT_EQ(uses(study, "hiv"), "filter read");
  study["data"]["where"] = "\"hiv\" = 1 OR arm = 'a'";
  EXPECT_EQ(uses(study, "arm"), "filter group read");
  EXPECT_EQ(
      uses(with_analysis({{"id", "m"}, {"kind", "linear"}, {"formula", "x ~ log(hiv + 1)"}, {"strength", "opened"}}),
           "hiv"),
      "read value");
  EXPECT_EQ(uses(with_analysis(
                     {{"id", "m"}, {"kind", "glm"}, {"family", "gaussian"}, {"formula", "x ~ arm"}, {"weight", "hiv"}}),
                 "hiv"),
            "read rows value");
  EXPECT_EQ(
      uses(with_analysis({{"id", "m"}, {"kind", "quantiles"}, {"column", "hiv"}, {"probabilities", {0.5}}}), "hiv"),
      "read rows value");
  study = with_column("hiv", kLevels);
  study["analyses"].push_back({{"id", "c"}, {"kind", "count"}, {"by", {"arm", "hiv"}}});
  EXPECT_EQ(uses(study, "hiv"), "group read");
  study = with_column("HIV", kLevels);
  EXPECT_EQ(uses(study, "hiv"), "read") << "whatever letters it is written in";
}

TEST(Demand, FollowsWhatHarmonisingReads) {
  json study = with_column("stay", {{"type", "number"},
                                    {"unit", "d"},
                                    {"range", {0, 99}},
                                    {"days", {{"from", "admission"}, {"until", "discharge"}}}});
  study["analyses"].push_back({{"id", "d"}, {"kind", "describe"}, {"column", "stay"}});
  EXPECT_EQ(uses(study, "admission"), "derive read value");
  EXPECT_EQ(uses(study, "discharge"), "derive read value");
  EXPECT_EQ(uses(study, "stay"), "") << "there is no such column at the site";
  study = with_column("lab", {{"type", "number"}, {"unit", "g/L"}, {"range", {0, 99}}, {"unit_column", "hiv"}});
  EXPECT_EQ(uses(study, "hiv"), "derive");
  study = test_study();
  study["data"]["same_row"] = {{"by", {"name"}}, {"latest", "hiv"}};
  EXPECT_EQ(uses(study, "name"), "match");
  EXPECT_EQ(uses(study, "hiv"), "match");
}

TEST(Demand, OfACohortIsOfTheTablesBehindIt) {
  json study = test_study();
  study["data"] = {{"cohort",
                    {{"sql",
                      "SELECT p.person_id AS subject_id, DATE '2020-01-01' AS cohort_start_date, DATE "
                      "'2020-02-01' AS cohort_end_date FROM person p WHERE p.hiv = 1"}}},
                   {"columns", {{"age", {{"type", "number"}, {"range", {0, 120}}}}}},
                   {"features", {{"age", {{"is", "age"}}}}}};
  study["data"]["where"] = "age > 17";
  study["analyses"] = {{{"id", "d"}, {"kind", "describe"}, {"column", "age"}}};
  Demand demand = demand_of(study);
  EXPECT_TRUE(demand.columns.at({"person", "hiv"}).uses.contains(Use::kCohort));
  const auto& birth = demand.columns.at({"person", "year_of_birth"}).uses;
  EXPECT_TRUE(birth.contains(Use::kValue) && birth.contains(Use::kFilter) && birth.contains(Use::kCohort));
  EXPECT_FALSE(demand.columns.at({"person", "person_id"}).uses.contains(Use::kValue)) << "it only joins";
  EXPECT_FALSE(demand.columns.contains({"cohort", "age"}));
  study["data"]["cohort"]["sql"] =
      "SELECT x.person_id AS subject_id, DATE '2020-01-01' AS cohort_start_date, DATE '2020-02-01' AS cohort_end_date "
      "FROM (SELECT * FROM person) x";
  demand = demand_of(study);
  EXPECT_TRUE(demand.columns.contains({"person", "*"})) << "what cannot be followed is the whole table";
}

TEST(Demand, KnowsOpenedModelsNoiseAndCurves) {
  const json opened = with_analysis(
      {{"id", "m"}, {"kind", "glm"}, {"family", "gaussian"}, {"formula", "x ~ arm"}, {"strength", "opened"}});
  EXPECT_TRUE(demand_of(opened).analyses.back().opened);
  for (const std::string strength : {"hidden", "opened"}) {
    const json cox = with_analysis({{"id", "m"},
                                    {"kind", "cox"},
                                    {"time", "time"},
                                    {"event", "event"},
                                    {"formula", "~ arm"},
                                    {"strength", strength}});
    EXPECT_EQ(demand_of(cox).analyses.back().opened, strength == "opened") << "though it asks no site anything";
  }
  json study = test_study();
  study["release"] = {{"minimum_cell", 30}, {"curve", "exact"}};
  EXPECT_TRUE(demand_of(study).exact_curves);
  EXPECT_EQ(demand_of(study).minimum_cell, 30u);
  study = test_study();
  study["analyses"] = {{{"id", "c"}, {"kind", "count"}, {"by", "arm"}}};
  study["release"] = {{"privacy", {{"rho", 0.25}}}};
  EXPECT_EQ(demand_of(study).privacy_loss, 0.25);
}

}  // namespace
}  // namespace cohortium::policy
