#include "harmonise/study_query.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "data/test_folder.h"

namespace cohortium::harmonise {
namespace {

using data::ColumnType;
using data::error_of;

class StudyQueryTest : public testing::Test {
 protected:
  data::Table load(const data::TableDeclaration& table, const StudyRules& study, const SiteRules& site = {}) {
    const auto source = data::open_source({.path = folder.path()});
    const StudyQuery query = table_query(*source, table, study, site);
    duplicates = query.duplicates;
    return data::load_query(*source, query.sql, table, {}, query.edit);
  }
  Error refusal(const data::TableDeclaration& table, const StudyRules& study, const SiteRules& site = {}) {
    return error_of([&] { load(table, study, site); });
  }
  // What may leave the site of it.
  std::string outward(const data::TableDeclaration& table, const StudyRules& study, const SiteRules& site = {}) {
    const Error error = data::without_values(refusal(table, study, site));
    return error.code + " " + error.where + " | " + error.rule;
  }
  static data::TableDeclaration table_of(const data::ColumnDeclaration& column) {
    return {.table = "lab", .columns = {column}};
  }
  static data::ColumnDeclaration number(const std::string& name, const std::string& unit) {
    return {.name = name, .type = ColumnType::kNumber, .unit = unit, .low = 0, .high = 1e6, .missing = {"", "-9"}};
  }
  data::TestFolder folder;
  std::int64_t duplicates = 0;
};

TEST_F(StudyQueryTest, ValuesComeInTheStudysUnitByTheUnitOfEachRow) {
  folder.write("lab.csv", "glucose,unit\n90,mg/dL\n0.9,g/L\n5,mmol/L\n-9,nonsense\n,\n");
  const StudyRules rules{.columns = {{"glucose", {.unit_column = "unit", .molar_mass = 180.156}}}};
  const data::Table table = load(table_of(number("glucose", "mg/dL")), rules);
  ASSERT_EQ(table.rows, 5u);
  EXPECT_EQ(table.columns[0].number[0], 90);
  EXPECT_EQ(table.columns[0].number[1], 90);
  EXPECT_NEAR(table.columns[0].number[2], 90.078, 1e-9);
  EXPECT_EQ(table.columns[0].missing, (std::vector<std::uint8_t>{0, 0, 0, 1, 1}));
}

TEST_F(StudyQueryTest, ASitesUnitOfAWholeColumnIsConvertedAndFiltersSeeTheResult) {
  folder.write("lab.csv", "weight\n70000\n52000\n");
  data::TableDeclaration table = table_of(number("weight", "kg"));
  table.where = "weight > 60";
  const SiteRules site{.columns = {{.table = "lab", .column = "weight", .unit = "g"}}};
  EXPECT_FALSE(needs_nothing(table, {}, site));
  EXPECT_TRUE(needs_nothing(table, {}, {}));
  EXPECT_EQ(load(table, {}, site).columns[0].number, (std::vector<double>{70}));
}

TEST_F(StudyQueryTest, UnitsThatDoNotConvertAreNamedAndValuesAreNot) {
  folder.write("lab.csv", "hb,unit\n13.57,g/dL\n13.57,Mrs Smith\n");
  const StudyRules by_row{.columns = {{"hb", {.unit_column = "unit"}}}};
  const data::TableDeclaration table = table_of(number("hb", "g/L"));
  const Error unknown = refusal(table, by_row);
  EXPECT_EQ(unknown.code, "harmonise.unknown_unit");
  EXPECT_EQ(unknown.where, "lab:row 2 (hb)");
  EXPECT_NE(unknown.message.find("Mrs Smith"), std::string::npos);
  EXPECT_EQ(unknown.text().find("13.57"), std::string::npos);
  EXPECT_EQ(outward(table, by_row), "harmonise.unknown_unit hb | unit of hb: g/L");
  folder.write("lab.csv", "hb,unit\n13.57,mm[Hg]\n");
  EXPECT_EQ(outward(table, by_row), "harmonise.different_dimensions hb | unit of hb: g/L; the site has mm[Hg]");
  folder.write("lab.csv", "hb,unit\n13.57,mmol/L\n");
  EXPECT_EQ(outward(table, by_row), "harmonise.missing_molar_mass hb | unit of hb: g/L; the site has mmol/L");
  // In braces UCUM lets anything stand.
  folder.write("lab.csv", "hb,unit\n13.57,{Mrs-Smith}/L\n");
  EXPECT_EQ(outward(table, by_row).find("Smith"), std::string::npos);
  const SiteRules site{.columns = {{.table = "lab", .column = "hb", .unit = "s"}}};
  EXPECT_EQ(outward(table, {}, site), "harmonise.different_dimensions hb | unit of hb: g/L; the site has s");
  EXPECT_EQ(refusal(table_of(number("hb", "")), {}, site).code, "harmonise.unknown_unit");
}

TEST_F(StudyQueryTest, DaysBetweenDatesOfTheDeclaredFormat) {
  folder.write("lab.csv", "came,went\n28.02.2020,2020-03-01\n01.12.2020,2020-12-01 10:30:00\n,2020-01-01\n");
  const StudyRules rules{.columns = {{"stay", {.days_from = "came", .days_until = "went"}}}};
  const data::TableDeclaration table = table_of(number("stay", "d"));
  const SiteRules site{.columns = {{.table = "lab", .column = "came", .date_format = "DD.MM.YYYY"}}};
  const data::Table loaded = load(table, rules, site);
  EXPECT_EQ(loaded.columns[0].number, (std::vector<double>{2, 0, 0}));
  EXPECT_EQ(loaded.columns[0].missing, (std::vector<std::uint8_t>{0, 0, 1}));
  EXPECT_EQ(outward(table, rules), "harmonise.ambiguous_date stay | dates are read as declared, and never guessed");
  const SiteRules american{.columns = {{.table = "lab", .column = "came", .date_format = "MM.DD.YYYY"}}};
  EXPECT_EQ(refusal(table, rules, american).code, "harmonise.bad_date");
  EXPECT_EQ(refusal(table, rules, american).text().find("28.02"), std::string::npos);
}

TEST_F(StudyQueryTest, RowsThatAreTheSameCountOnce) {
  folder.write("lab.csv", "id,day,x\n1,1,5\n1,1,5\n1,2,6\n,1,7\n,1,7\n2,1,\n2,1,\n");
  const StudyRules rules{.same_row = {"id", "day"}};
  const data::TableDeclaration table = table_of(number("x", ""));
  std::vector<double> values = load(table, rules).columns[0].number;
  std::sort(values.begin(), values.end());
  EXPECT_EQ(values, (std::vector<double>{0, 5, 6, 7, 7}));
  EXPECT_EQ(duplicates, 2);
}

TEST_F(StudyQueryTest, RowsThatAreTheSameAndDifferAreRefusedOrTheLatestCounts) {
  folder.write("lab.csv", "id,written,x\n1,2020-01-02,5\n1,2020-01-01,4\n2,2020-01-01,8\n1,,99\n");
  const data::TableDeclaration table = table_of(number("x", ""));
  EXPECT_EQ(outward(table, {.same_row = {"id"}}),
            "harmonise.conflicting_duplicates id | rows that are the same must agree, unless the study says which of "
            "them counts");
  std::vector<double> values = load(table, {.same_row = {"id"}, .latest = "written"}).columns[0].number;
  std::sort(values.begin(), values.end());
  EXPECT_EQ(values, (std::vector<double>{5, 8}));
  EXPECT_EQ(duplicates, 2);
}

TEST_F(StudyQueryTest, CodesBecomeConceptsByTheSitesMapAndTheVocabulary) {
  folder.write("concept.csv",
               "concept_id,concept_code,standard_concept\n0,None,\n7,74474003,S\n8,K92.2,\n11,DUP,\n12,DUP,\n");
  folder.write("concept_relationship.csv",
               "concept_id_1,concept_id_2,relationship_id,invalid_reason\n8,7,Maps to,\n11,7,Maps to,\n");
  folder.write("lab.csv", "diagnosis\nK92.2\nDUP\nbleed\n\n");
  folder.write("map.csv", "source_code,source_vocabulary_id,target_concept_id\nbleed,LOCAL,192671\nK92.2,LOCAL,99\n");
  const data::TableDeclaration table = table_of({.name = "diagnosis",
                                                 .type = ColumnType::kCategory,
                                                 .levels = {{"0", "none"}, {"7", "a"}, {"192671", "b"}, {"99", "c"}},
                                                 .missing = {""}});
  const StudyRules rules{.columns = {{"diagnosis", {.concepts = true}}}};
  const auto levels = [&](const SiteRules& site) {
    std::vector<std::uint16_t> found = load(table, rules, site).columns[0].level;
    std::sort(found.begin(), found.end());
    return found;
  };
  EXPECT_EQ(levels({.vocabulary = true}), (std::vector<std::uint16_t>{0, 0, 0, 1}));
  EXPECT_EQ(levels({.map = folder.path() / "map.csv", .vocabulary = true}), (std::vector<std::uint16_t>{0, 0, 2, 3}));
  // A site that maps nothing has concepts in this column already.
  EXPECT_EQ(refusal(table, rules).code, "data.unknown_level");
}

TEST_F(StudyQueryTest, ColumnsThatAreNamedMustBeThere) {
  folder.write("lab.csv", "x\n1\n");
  const data::TableDeclaration table = table_of(number("x", "mg"));
  EXPECT_EQ(refusal(table, {.columns = {{"x", {.unit_column = "unit"}}}}).code, "data.unknown_column");
  EXPECT_EQ(refusal(table, {.same_row = {"id"}}).code, "data.unknown_column");
  EXPECT_EQ(refusal({.table = "other", .columns = table.columns}, {.same_row = {"x"}}).code, "data.missing_table");
}

// A name that would end the quotation stays a name.
TEST_F(StudyQueryTest, NamesOfColumnsAreQuoted) {
  folder.write("lab.csv", "\"x\"\"; DROP TABLE lab; --\",id\n1,1\n");
  data::ColumnDeclaration column = number("x\"; DROP TABLE lab; --", "");
  EXPECT_EQ(load(table_of(column), {.same_row = {"id"}}).rows, 1u);
}

}  // namespace
}  // namespace cohortium::harmonise
