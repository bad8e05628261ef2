#include "harmonise/coverage.h"

#include <gtest/gtest.h>

#include "data/test_folder.h"

namespace cohortium::harmonise {
namespace {

using data::error_of;

class CoverageTest : public testing::Test {
 protected:
  CoverageTest() {
    folder.write("person.csv", "person_id\n1\n");
    // 7 is standard; 8 and 9 map to it; 10 maps to what is no longer valid; "DUP" stands in two vocabularies.
    folder.write("concept.csv",
                 "concept_id,concept_code,vocabulary_id,standard_concept\n"
                 "0,No matching concept,None,\n7,74474003,SNOMED,S\n8,K92.2,ICD10CM,\n9,578.9,ICD9CM,\n10,OLD,ICD9CM,\n"
                 "11,DUP,ICD9CM,\n12,DUP,ICD10CM,\n8840,mg/dL,UCUM,S\n8636,g/L,UCUM,S\n8753,mmol/L,UCUM,S\n");
    folder.write("concept_relationship.csv",
                 "concept_id_1,concept_id_2,relationship_id,invalid_reason\n"
                 "8,7,Maps to,\n9,7,Maps to,\n10,7,Maps to,D\n11,7,Maps to,\n12,7,Maps to,\n8,9,Is a,\n");
    folder.write(
        "condition_occurrence.csv",
        "condition_occurrence_id,condition_concept_id,condition_source_value,condition_source_concept_id\n"
        "1,7,K92.2,8\n2,0,x,8\n3,0,x,8\n4,0,578.9,0\n5,,578.9,\n6,0,OLD,10\n7,0,DUP,0\n8,0,local,0\n9,0,local,0\n"
        "10,0,local,0\n11,0,,0\n");
    folder.write("measurement.csv",
                 "measurement_id,measurement_concept_id,value_as_number,unit_concept_id,unit_source_value\n"
                 "1,5,90,8840,\n2,5,91,8840,mg%\n3,5,0.9,8636,\n4,5,5,8753,\n5,5,90,0,mgdl\n6,5,,8753,\n7,6,1,0,\n");
  }
  CodeCoverage coverage(const SiteMap& map = {}) const {
    return code_coverage(*data::open_source({.path = folder.path()}), map);
  }
  static std::string line(const UnmappedCode& code) {
    return code.code + " " + std::to_string(code.rows) + " " + std::to_string(code.concept_id) + " " + name_of(code.by);
  }
  static std::vector<std::string> lines(const CodeCoverage& coverage) {
    std::vector<std::string> result;
    for (const UnmappedCode& code : coverage.codes) {
      if (code.table == "condition_occurrence") result.push_back(line(code));
    }
    return result;
  }
  data::TestFolder folder;
};
using Lines = std::vector<std::string>;

TEST_F(CoverageTest, CodesMapByTheirConceptOrByTheOnlyConceptOfTheirName) {
  const CodeCoverage found = coverage();
  EXPECT_EQ(lines(found), (Lines{"local 3 0 nothing", "578.9 2 7 vocabulary", "x 2 7 vocabulary", " 1 0 nothing",
                                 "DUP 1 0 nothing", "OLD 1 0 nothing"}));
  ASSERT_EQ(found.tables.size(), 2u);
  const TableCoverage& conditions = found.tables[0];
  EXPECT_EQ(conditions.table, "condition_occurrence");
  EXPECT_EQ(conditions.rows, 11);
  EXPECT_EQ(conditions.mapped, 1);
  EXPECT_EQ(conditions.by_vocabulary, 4);
  EXPECT_EQ(conditions.by_site_map, 0);
  EXPECT_EQ(conditions.codes_not_looked_at, 0);
}

TEST_F(CoverageTest, TheSitesMapGoesFirst) {
  const CodeCoverage found = coverage({{"local", {14, 13}}, {"578.9", {15}}});
  EXPECT_EQ(lines(found)[0], "local 3 13 site map");
  EXPECT_EQ(lines(found)[1], "578.9 2 15 site map");
  EXPECT_EQ(found.tables[0].by_site_map, 5);
  EXPECT_EQ(found.tables[0].by_vocabulary, 2);
}

TEST_F(CoverageTest, WithoutAVocabularyTheSitesMapAloneSays) {
  std::filesystem::remove(folder.path() / "concept.csv");
  EXPECT_EQ(coverage({{"local", {13}}}).tables[0].by_site_map, 3);
  EXPECT_EQ(coverage().tables[0].by_vocabulary, 0);
}

TEST_F(CoverageTest, UnitsOfAMeasurementConvertIntoItsMostFrequentOne) {
  Lines found;
  for (const MeasuredUnit& unit : measured_units(*data::open_source({.path = folder.path()})))
    found.push_back(std::to_string(unit.concept_id) + " " + unit.unit + " " + std::to_string(unit.rows) + " " +
                    unit.into + " " + unit.fault);
  EXPECT_EQ(found, (Lines{"5 mg/dL 2 mg/dL ", "5 g/L 1 mg/dL ", "5 mgdl 1 mg/dL harmonise.unknown_unit",
                          "5 mmol/L 1 mg/dL harmonise.missing_molar_mass", "6  1  harmonise.unknown_unit"}));
}

TEST(SiteMapTest, ReadsRowsThatAreValid) {
  data::TestFolder folder;
  folder.write("map.csv",
               "source_code,source_vocabulary_id,target_concept_id,invalid_reason\n"
               "a,LOCAL,5,\na,LOCAL,6,\nb,LOCAL,7,D\n\"c,1\",LOCAL,8,\nd,LOCAL,0,\n");
  EXPECT_EQ(read_site_map(folder.path() / "map.csv"), (SiteMap{{"a", {5, 6}}, {"c,1", {8}}}));
}

TEST(SiteMapTest, RefusesWhatItCannotRead) {
  data::TestFolder folder;
  const auto fault = [&](const std::string& text) {
    folder.write("map.csv", text);
    const Error error = error_of([&] { read_site_map(folder.path() / "map.csv"); });
    return error.code + " " + error.where;
  };
  const std::string header = "source_code,source_vocabulary_id,target_concept_id\n";
  EXPECT_EQ(fault("source_code,target_concept_id\n"), "harmonise.bad_map map.csv:1");
  EXPECT_EQ(fault(header + "a,L,5\na,L,5x\n"), "harmonise.bad_map map.csv:3");
  EXPECT_EQ(fault(header + "a,L,-5\n"), "harmonise.bad_map map.csv:2");
  EXPECT_EQ(fault(header + ",L,5\n"), "harmonise.bad_map map.csv:2");
  EXPECT_EQ(fault(header + "a,L,5\na,L,5\n"), "harmonise.bad_map map.csv:3");
  EXPECT_EQ(fault(header + "a,L\n"), "data.unreadable_file map.csv:2");
}

}  // namespace
}  // namespace cohortium::harmonise
