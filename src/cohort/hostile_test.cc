// What strangers may write as a definition: refused with a code and the JSON path, and nothing of it reaches SQL.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cohort/compiler.h"
#include "data/duckdb.h"

namespace cohortium::cohort {
namespace {

using Json = nlohmann::json;

Json good() {
  return Json::parse(R"({
    "ConceptSets": [{"id": 0, "name": "x", "expression": {"items": [{"concept": {"CONCEPT_ID": 1, "CONCEPT_NAME": "x"}}]}}],
    "PrimaryCriteria": {"CriteriaList": [{"ConditionOccurrence": {"CodesetId": 0}}],
                        "ObservationWindow": {"PriorDays": 0, "PostDays": 0}, "PrimaryCriteriaLimit": {"Type": "All"}},
    "InclusionRules": [{"name": "r", "expression": {"Type": "ALL", "CriteriaList": [
      {"Criteria": {"DrugExposure": {}},
       "StartWindow": {"Start": {"Days": 1, "Coeff": -1}, "End": {"Days": 1, "Coeff": 1}},
       "Occurrence": {"Type": 2, "Count": 1}}]}}]})");
}

std::string refusal(const Json& definition) {
  const auto result = attempt([&] { return parse_definition(definition, "/data/cohort"); });
  return result.ok() ? "accepted" : result.error().code + " " + result.error().where;
}

TEST(HostileDefinitions, AreRefusedWithTheirPath) {
  ASSERT_EQ(refusal(good()), "accepted");
  const std::string condition = "/PrimaryCriteria/CriteriaList/0/ConditionOccurrence";
  const std::vector<std::tuple<std::string, Json, std::string>> cases = {
      {"/Extra", 1, "cohort.not_supported /data/cohort/Extra"},
      {condition + "/Colour", 1, "cohort.not_supported /data/cohort" + condition + "/Colour"},
      {"/PrimaryCriteria/CriteriaList/0",
       {{"PayerPlanPeriod", Json::object()}},
       "cohort.not_supported /data/cohort/PrimaryCriteria/CriteriaList/0/PayerPlanPeriod"},
      {"/PrimaryCriteria/CriteriaList/0",
       {{"x; DROP TABLE person", Json::object()}},
       "cohort.not_supported /data/cohort/PrimaryCriteria/CriteriaList/0/x; DROP TABLE person"},
      {"/PrimaryCriteria/CriteriaList", Json::array(),
       "cohort.bad_definition /data/cohort/PrimaryCriteria/CriteriaList"},
      {"/PrimaryCriteria/CriteriaList", 7, "cohort.bad_definition /data/cohort/PrimaryCriteria/CriteriaList"},
      {"/PrimaryCriteria", "x", "cohort.bad_definition /data/cohort/PrimaryCriteria"},
      {"/PrimaryCriteria/ObservationWindow/PriorDays", -1,
       "cohort.bad_definition /data/cohort/PrimaryCriteria/ObservationWindow/PriorDays"},
      {"/PrimaryCriteria/ObservationWindow/PriorDays", 1e300,
       "cohort.bad_definition /data/cohort/PrimaryCriteria/ObservationWindow/PriorDays"},
      {"/PrimaryCriteria/ObservationWindow/PriorDays", 18446744073709551615u,
       "cohort.bad_definition /data/cohort/PrimaryCriteria/ObservationWindow/PriorDays"},
      {condition + "/CodesetId", 9, "cohort.unknown_concept_set /data/cohort" + condition + "/CodesetId"},
      {condition + "/CodesetId", "0 OR 1=1", "cohort.bad_definition /data/cohort" + condition + "/CodesetId"},
      {condition + "/First", "true", "cohort.bad_definition /data/cohort" + condition + "/First"},
      {condition + "/Age",
       {{"Op", "gte) OR (1=1"}, {"Value", 1}},
       "cohort.bad_definition /data/cohort" + condition + "/Age/Op"},
      {condition + "/Age",
       {{"Op", "gte"}, {"Value", "1; DROP TABLE person"}},
       "cohort.bad_definition /data/cohort" + condition + "/Age/Value"},
      {condition + "/OccurrenceStartDate",
       {{"Op", "gte"}, {"Value", "2010-02-30"}},
       "cohort.bad_definition /data/cohort" + condition + "/OccurrenceStartDate/Value"},
      {condition + "/OccurrenceStartDate",
       {{"Op", "gte"}, {"Value", "2010-01-01' OR '1'='1"}},
       "cohort.bad_definition /data/cohort" + condition + "/OccurrenceStartDate/Value"},
      {condition + "/Gender",
       {{{"CONCEPT_ID", "8507) OR (1=1"}}},
       "cohort.bad_definition /data/cohort" + condition + "/Gender/0/CONCEPT_ID"},
      {condition + "/StopReason",
       {{"Op", "contains"}, {"Text", std::string(5000, 'a')}},
       "cohort.bad_definition /data/cohort" + condition + "/StopReason/Text"},
      {"/ConceptSets/0/id", nullptr, "cohort.bad_definition /data/cohort/ConceptSets/0/id"},
      {"/ConceptSets/0/expression/items/0/concept/CONCEPT_ID", 9007199254740993,
       "cohort.bad_definition /data/cohort/ConceptSets/0/expression/items/0/concept/CONCEPT_ID"},
      {"/InclusionRules/0/expression/Type", "SOME",
       "cohort.bad_definition /data/cohort/InclusionRules/0/expression/Type"},
      {"/InclusionRules/0/expression/CriteriaList/0/Occurrence/Type", 3,
       "cohort.bad_definition /data/cohort/InclusionRules/0/expression/CriteriaList/0/Occurrence/Type"},
      {"/InclusionRules/0/expression/CriteriaList/0/StartWindow/Start/TimeUnit", "hour",
       "cohort.not_supported /data/cohort/InclusionRules/0/expression/CriteriaList/0/StartWindow/Start/TimeUnit"},
      {"/EndStrategy",
       {{"CustomEra", {{"GapDays", 1}}}},
       "cohort.bad_definition /data/cohort/EndStrategy/CustomEra/DrugCodesetId"},
      {"/CensorWindow", {{"StartDate", "yesterday"}}, "cohort.bad_definition /data/cohort/CensorWindow/StartDate"},
  };
  for (const auto& [where, value, expected] : cases) {
    Json definition = good();
    definition[Json::json_pointer(where)] = value;
    EXPECT_EQ(refusal(definition), expected) << where << " = " << value.dump().substr(0, 80);
  }
}

TEST(HostileDefinitions, AreBoundedInDepthAndNumber) {
  Json group = {{"Type", "ALL"}};
  for (int i = 0; i < 9; ++i) group = {{"Type", "ALL"}, {"Groups", {group}}};
  Json deep = good();
  deep["AdditionalCriteria"] = group;
  EXPECT_EQ(refusal(deep).substr(0, 21), "cohort.bad_definition");

  Json many = good();
  many["PrimaryCriteria"]["CriteriaList"] = Json(501, Json{{"Death", Json::object()}});
  EXPECT_EQ(refusal(many), "cohort.bad_definition /data/cohort/PrimaryCriteria/CriteriaList/500");

  Json rules = good();
  rules["InclusionRules"] = Json(61, Json{{"name", "x"}, {"expression", {{"Type", "ALL"}}}});
  EXPECT_EQ(refusal(rules), "cohort.bad_definition /data/cohort/InclusionRules/60");

  Json items = good();
  items["ConceptSets"][0]["expression"]["items"] = Json(10'001, good()["ConceptSets"][0]["expression"]["items"][0]);
  EXPECT_EQ(refusal(items), "cohort.bad_definition /data/cohort/ConceptSets/0/expression/items");
}

TEST(HostileDefinitions, TextReachesSqlInQuotesOnlyAndNamesNotAtAll) {
  Json definition = good();
  definition["Title"] = "DROP TABLE person";
  definition["ConceptSets"][0]["name"] = "DROP TABLE person";
  definition["ConceptSets"][0]["expression"]["items"][0]["concept"]["CONCEPT_NAME"] = "DROP TABLE person";
  definition["InclusionRules"][0]["name"] = "DROP TABLE person";
  Json& condition = definition["PrimaryCriteria"]["CriteriaList"][0]["ConditionOccurrence"];
  condition["StopReason"] = {{"Op", "!contains"}, {"Text", "x' OR '1'='1"}};
  const std::string sql = cohort_query(parse_definition(definition, ""), data::sql_name).sql;
  EXPECT_EQ(sql.find("DROP"), std::string::npos);
  EXPECT_NE(sql.find("NOT (position('x'' OR ''1''=''1' IN CAST(c.stop_reason AS VARCHAR)) > 0)"), std::string::npos);
}

}  // namespace
}  // namespace cohortium::cohort
