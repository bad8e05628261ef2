#include "harmonise/agreement.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "data/test_folder.h"
#include "harmonise/study_query.h"

namespace cohortium::harmonise {
namespace {

// A site as the OMOP tables of a folder, in which single things can differ from one site to the next.
struct Site {
  data::TestFolder folder;
  SiteRules rules = {};

  Site() {
    folder.write("person.csv", "person_id,year_of_birth,gender_concept_id\n1,1950,8507\n2,1960,8532\n");
    folder.write("observation_period.csv",
                 "observation_period_id,person_id,observation_period_start_date,observation_period_end_date\n"
                 "1,1,2015-01-01,2020-12-31\n2,2,2015-02-01,2020-12-31\n");
    folder.write("concept_ancestor.csv", "ancestor_concept_id,descendant_concept_id\n7,7\n7,8\n");
    folder.write("concept.csv",
                 "concept_id,concept_code,standard_concept\n0,None,\n7,74474003,S\n8,K92,S\n9,578.9,\n8636,g/L,S\n");
    folder.write("concept_relationship.csv",
                 "concept_id_1,concept_id_2,relationship_id,invalid_reason\n9,7,Maps to,\n");
    folder.write("vocabulary.csv", "vocabulary_id,vocabulary_version\nNone,v5.0 2024\nSNOMED,x\n");
    conditions("7,x,0", "0,bleed,0");
    measurements("g/L");
  }
  void conditions(const std::string& first, const std::string& second, const char* day = "2016-03-04") const {
    folder.write("condition_occurrence.csv",
                 "condition_occurrence_id,person_id,condition_concept_id,condition_source_value,"
                 "condition_source_concept_id,condition_start_date,condition_end_date,visit_occurrence_id\n1,1," +
                     first + "," + day + ",2016-03-05,\n2,2," + second + ",2017-03-04,2017-03-04,\n");
  }
  void measurements(const std::string& unit) const {
    folder.write("measurement.csv",
                 "measurement_id,person_id,measurement_concept_id,measurement_source_value,measurement_date,"
                 "value_as_number,unit_concept_id,unit_source_value,visit_occurrence_id\n1,1,5,hb,2016-03-06,140,0," +
                     unit + ",\n2,2,5,hb,2017-03-06,13.5,0,g/dL,\n");
  }
};

class AgreementItemsTest : public testing::Test {
 protected:
  AgreementItemsTest() {
    study.agreement.emplace();
    cohort = cohort::parse_cohort_table(nlohmann::json::parse(R"({
      "cohort": {"ConceptSets": [{"id": 1, "name": "x", "expression": {"items": [
                   {"concept": {"CONCEPT_ID": 7, "CONCEPT_NAME": "x"}, "includeDescendants": true}]}},
                 {"id": 2, "name": "y", "expression": {"items": [{"concept": {"CONCEPT_ID": 5, "CONCEPT_NAME": "y"}}]}}],
        "PrimaryCriteria": {"CriteriaList": [{"ConditionOccurrence": {"CodesetId": 1}}],
          "ObservationWindow": {"PriorDays": 0, "PostDays": 0}, "PrimaryCriteriaLimit": {"Type": "All"}}},
      "features": {"hb": {"is": "last_value", "events": {"Measurement": {"CodesetId": 2}}}}})"),
                                        "/data", {"hb"});
    table = {.table = "cohort", .columns = {{.name = "hb", .unit = "g/L", .low = 0, .high = 300, .missing = {""}}}};
  }
  std::map<std::string, AgreementValue> measured(const Site& site) const {
    const auto source = data::open_source({.path = site.folder.path()});
    std::map<std::string, AgreementValue> values;
    for (const AgreementItem& item : agreement_items(table, &*cohort, study))
      values[item.name] = item.measure(*source, site.rules);
    return values;
  }
  // The items in which two sites disagree.
  std::vector<std::string> differing(const Site& one, const Site& other) const {
    const auto a = measured(one), b = measured(other);
    std::vector<std::string> names;
    for (const AgreementItem& item : agreement_items(table, &*cohort, study)) {
      const AgreementValue &x = a.at(item.name), &y = b.at(item.name);
      const auto apart = static_cast<std::uint64_t>(std::llabs(static_cast<long long>(x.low - y.low)));
      if (item.same ? !(x == y) : apart > item.within) names.push_back(item.name);
    }
    return names;
  }
  using Names = std::vector<std::string>;
  std::optional<cohort::CohortTable> cohort;
  data::TableDeclaration table;
  StudyRules study;
};

TEST_F(AgreementItemsTest, WhatDiffersIsFoundItemByItem) {
  const Site plain, alike;
  EXPECT_EQ(differing(plain, alike), Names{});
  Site other;
  other.folder.write("vocabulary.csv", "vocabulary_id,vocabulary_version\nNone,v5.0 2019\n");
  EXPECT_EQ(differing(plain, other), Names{"vocabulary version"});
  Site codes;
  codes.folder.write("concept_ancestor.csv", "ancestor_concept_id,descendant_concept_id\n7,7\n");
  EXPECT_EQ(differing(plain, codes), Names{"vocabulary concept set 1"});
  Site units;
  units.measurements("mmol/L");
  EXPECT_EQ(differing(plain, units), Names{"units of hb"});
  Site years;
  years.conditions("7,x,0", "0,bleed,0", "2014-03-04");
  EXPECT_EQ(differing(plain, years), Names{"time of condition_occurrence, first day"});
  Site mapped;
  mapped.conditions("7,x,0", "7,y,0");
  EXPECT_EQ(differing(plain, mapped), Names{"coverage of condition_occurrence"});
  Site schema;
  schema.folder.write("person.csv",
                      "person_id,year_of_birth,gender_concept_id,race_concept_id,more\n1,1950,8507,0,x\n");
  EXPECT_EQ(differing(plain, schema), Names{"schema of person"});
}

TEST_F(AgreementItemsTest, CoverageIsThatOfTheMappedTables) {
  Site plain, mapped;
  mapped.folder.write("map.csv", "source_code,source_vocabulary_id,target_concept_id\nbleed,LOCAL,7\n");
  mapped.rules.map = mapped.folder.path() / "map.csv";
  EXPECT_EQ(measured(plain).at("coverage of condition_occurrence").low, 500u);
  EXPECT_EQ(measured(mapped).at("coverage of condition_occurrence").low, 1000u);
}

TEST_F(AgreementItemsTest, OnlyWhatIsAskedAndInOneOrder) {
  study.agreement->about = {"vocabulary"};
  Names names;
  for (const AgreementItem& item : agreement_items(table, &*cohort, study)) names.push_back(item.name);
  EXPECT_EQ(names, (Names{"vocabulary version", "vocabulary concept set 1", "vocabulary concept set 2"}));
}

// A cohort at a site with local codes: who they are follows from the map and the vocabulary, and the tables stay as they are.
TEST_F(AgreementItemsTest, ACohortSeesMappedConcepts) {
  Site site;
  site.conditions("0,bleed,0", "0,other,9");
  const auto source = data::open_source({.path = site.folder.path()});
  const auto values = [&](const SiteRules& rules) {
    const StudyQuery query = cohort_query(*source, table, *cohort, study, rules);
    const data::Table rows = data::load_query(*source, query.sql, table, {}, query.edit);
    return rows.columns.at(0).number;
  };
  site.folder.write("map.csv", "source_code,source_vocabulary_id,target_concept_id\nbleed,LOCAL,8\n");
  const auto map = site.folder.path() / "map.csv";
  EXPECT_EQ(values({}), std::vector<double>{});
  EXPECT_EQ(values({.map = map}), (std::vector<double>{140}));
  EXPECT_EQ(values({.vocabulary = true}), (std::vector<double>{13.5}));
  EXPECT_EQ(values({.map = map, .vocabulary = true}), (std::vector<double>{140, 13.5}));
  EXPECT_EQ(data::query_integer(*source, "SELECT sum(condition_concept_id) FROM condition_occurrence"), 0);
}

TEST_F(AgreementItemsTest, ACohortsValuesComeInTheStudysUnit) {
  Site site;
  site.conditions("7,x,0", "7,x,0");
  cohort->features[0].with_unit = true;
  study.columns["hb"].convert = true;
  const auto source = data::open_source({.path = site.folder.path()});
  const StudyQuery query = cohort_query(*source, table, *cohort, study, {});
  EXPECT_EQ(data::load_query(*source, query.sql, table, {}, query.edit).columns.at(0).number,
            (std::vector<double>{140, 135}));
  site.measurements("mm[Hg]");
  const auto again = data::open_source({.path = site.folder.path()});
  EXPECT_EQ(data::error_of([&] { data::load_query(*again, query.sql, table, {}, query.edit); }).code,
            "harmonise.different_dimensions");
}

}  // namespace
}  // namespace cohortium::harmonise
