// Which columns stand behind SQL cohorts and features; what must not hide a column.
#include "cohort/columns_read.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cohortium::cohort {
namespace {

using nlohmann::json;

CohortTable table_of(const json& data) {
  std::vector<std::string> columns;
  for (const auto& [name, feature] : data["features"].items()) columns.push_back(name);
  return parse_cohort_table(data, "/data", columns);
}

ColumnsRead of_sql(const std::string& select) {
  return columns_read(table_of({{"cohort", {{"sql", select}}}, {"features", {{"sex", {{"is", "sex"}}}}}}));
}

// Whether the SQL reads it, by name or as part of the whole table.
bool reads(const std::string& sql, const std::string& column) {
  const auto all = of_sql(sql);
  return all.contains("person") && (all.at("person").contains(column) || all.at("person").contains("*"));
}

constexpr const char* kDates = ", DATE '2020-01-01' AS cohort_start_date, DATE '2020-02-01' AS cohort_end_date FROM ";

TEST(ColumnsRead, OfSqlThatNamesItsColumns) {
  const ColumnsRead all = of_sql(
      "WITH first AS (SELECT c.person_id, min(c.condition_start_date) AS d FROM condition_occurrence c WHERE "
      "c.condition_concept_id = 7 GROUP BY c.person_id) SELECT f.person_id AS subject_id, f.d AS cohort_start_date, "
      "f.d + 30 AS cohort_end_date FROM first f JOIN person p ON p.person_id = f.person_id WHERE p.year_of_birth < "
      "1980");
  EXPECT_EQ(all.at("condition_occurrence"),
            (std::set<std::string>{"condition_concept_id", "condition_start_date", "person_id"}));
  EXPECT_EQ(all.at("person"), (std::set<std::string>{"gender_concept_id", "person_id", "year_of_birth"}));
}

TEST(ColumnsRead, NoSpellingHidesAColumn) {
  const std::string dates = kDates;
  for (const std::string& sql : {
           "SELECT person_id AS subject_id" + dates + "person WHERE hiv = 1",
           "SELECT person_id AS subject_id" + dates + "person WHERE HIV = 1",
           "SELECT p.person_id AS subject_id" + dates + "person p WHERE p.hiv = 1",
           "SELECT person.person_id AS subject_id" + dates + "person WHERE person.hiv = 1",
           "SELECT p.person_id AS subject_id" + dates + "person p WHERE CASE WHEN p.hiv > 0 THEN 1 ELSE 0 END = 1",
           "SELECT x.a AS subject_id" + dates + "(SELECT person_id AS a, hiv AS b FROM person) x WHERE x.b = 1",
           "WITH x AS (SELECT person_id AS a, hiv AS b FROM person) SELECT a AS subject_id" + dates + "x WHERE b = 1",
           "SELECT p.person_id AS subject_id" + dates + "person p ORDER BY p.hiv LIMIT 5",
           "SELECT p.person_id AS subject_id" + dates + "person p GROUP BY p.person_id HAVING max(p.hiv) = 1",
           "SELECT p.person_id AS subject_id" + dates +
               "person p WHERE EXISTS (SELECT 1 FROM death d WHERE d.person_id = p.person_id AND p.hiv = 1)",
           "SELECT d.person_id AS subject_id" + dates +
               "death d WHERE d.person_id IN (SELECT person_id FROM person WHERE hiv = 1)",
           "SELECT d.person_id AS subject_id" + dates +
               "death d WHERE 1 = (SELECT hiv FROM person WHERE person_id = d.person_id)",
           "SELECT d.person_id AS subject_id" + dates + "death d JOIN person p USING (hiv)",
           "SELECT death.person_id AS subject_id" + dates +
               "death UNION ALL SELECT hiv, DATE '2020-01-01', DATE '2020-01-01' FROM person",
           "SELECT p.person_id AS subject_id" + dates +
               "(SELECT person_id, row_number() OVER (ORDER BY hiv) AS n FROM person) p WHERE p.n < 5",
           // The whole table, where nobody can tell.
           "SELECT x.person_id AS subject_id" + dates + "(SELECT * FROM person) x",
           "SELECT x.person_id AS subject_id" + dates + "(SELECT p.* FROM person p) x",
           "SELECT d.person_id AS subject_id" + dates + "death d NATURAL JOIN person p",
           "SELECT p.a AS subject_id" + dates + "person AS p(a, b, c, d) WHERE p.d = 1",
           "SELECT p.person_id AS subject_id" + dates + "person p WHERE CAST(p AS VARCHAR) LIKE '%positive%'",
           "SELECT p.person_id AS subject_id" + dates + "person p WHERE count(p) > 1",
       })
    EXPECT_TRUE(reads(sql, "hiv")) << sql;
}

TEST(ColumnsRead, ATableThatIsRenamedByOurOwnStatementIsNotReadInWhole) {
  const ColumnsRead all = of_sql(std::string("SELECT count(*) AS subject_id") + kDates + "person p");
  EXPECT_EQ(all.at("person"), (std::set<std::string>{"gender_concept_id", "person_id"}));
}

TEST(ColumnsRead, OfADefinitionAndItsFeatures) {
  const json data = {
      {"cohort", {{"events", {{"ConditionOccurrence", {{"CodesetId", 1}}}}}}},
      {"concept_sets", json::parse(R"([{"id": 1, "name": "x", "expression": {"items": [
                        {"concept": {"CONCEPT_ID": 7}, "includeDescendants": true}]}}])")},
      {"features",
       {{"age", {{"is", "age"}}},
        {"lab",
         {{"is", "last_value"}, {"events", {{"Measurement", {{"CodesetId", 1}}}}}, {"from", -365}, {"to", 0}}}}}};
  const CohortTable table = table_of(data);
  const ColumnsRead all = columns_read(table);
  EXPECT_TRUE(all.at("condition_occurrence").contains("condition_concept_id"));
  EXPECT_TRUE(all.at("person").contains("year_of_birth"));
  EXPECT_TRUE(all.at("measurement").contains("value_as_number"));
  for (const auto& [name, columns] : all) EXPECT_FALSE(columns.contains("*")) << name;
  const ColumnsRead age = columns_read_by_feature(table, 0), lab = columns_read_by_feature(table, 1);
  EXPECT_TRUE(age.at("person").contains("year_of_birth"));
  EXPECT_FALSE(age.contains("measurement"));
  EXPECT_TRUE(lab.at("measurement").contains("value_as_number"));
  EXPECT_FALSE(lab.contains("condition_occurrence"));
}

}  // namespace
}  // namespace cohortium::cohort
