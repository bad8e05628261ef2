// SQL cohorts that must be refused, and features against values worked out by hand on a few persons.
#include "cohort/features.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cohort/sql_cohort.h"
#include "data/duckdb_source.h"

namespace cohortium::cohort {
namespace {

using Json = nlohmann::json;

TEST(SqlCohort, IsOneSelectOverOmopTables) {
  const std::string good =
      "WITH first AS (SELECT c.person_id, min(c.condition_start_date) AS d FROM condition_occurrence c WHERE "
      "c.condition_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id = 1) "
      "GROUP BY "
      "c.person_id) SELECT f.person_id AS subject_id, f.d AS cohort_start_date, least(f.d + 30, DATE '2020-01-01') AS "
      "cohort_end_date FROM first f JOIN person p ON p.person_id = f.person_id WHERE extract(year FROM f.d) - "
      "p.year_of_birth >= 18 AND NOT EXISTS (SELECT 1 FROM death x WHERE x.person_id = f.person_id) UNION ALL SELECT "
      "person_id, observation_period_start_date, observation_period_end_date FROM observation_period";
  EXPECT_EQ(check_sql_cohort(good, ""), (std::set<std::string>{"concept_ancestor", "condition_occurrence", "death",
                                                               "observation_period", "person"}));
}

TEST(SqlCohort, CannotLeaveOrWrite) {
  for (const std::string sql : {
           "DELETE FROM person",
           "SELECT 1; SELECT 2",
           "SELECT * FROM person; DROP TABLE person",
           "SELECT * FROM read_csv('/etc/passwd')",
           "SELECT * FROM '/etc/passwd.csv'",
           "SELECT * FROM pg_catalog.pg_authid",
           "SELECT * FROM pg_authid",
           "SELECT * FROM information_schema.tables",
           "SELECT * FROM main.person",
           "SELECT * FROM duckdb_settings()",
           "SELECT pg_read_file('/etc/passwd') FROM person",
           "SELECT lo_import('/etc/passwd') FROM person",
           "SELECT ('/etc/passwd').pg_read_file FROM person",
           "SELECT current_setting('x') FROM person",
           "SELECT current_user FROM person",
           "SELECT set_config('a', 'b', false) FROM person",
           "SELECT getenv('HOME') FROM person",
           "SELECT CAST('pg_authid' AS regclass) FROM person",
           "SELECT nextval('s') FROM person",
           "SELECT * INTO copy FROM person",
           "COPY person TO '/tmp/x'",
           "ATTACH 'x.db'",
           "SET threads = 1",
           "PRAGMA database_list",
           "SELECT person_id FROM person -- comment",
           "SELECT person_id /* comment */ FROM person",
           "SELECT E'\\'' FROM person",
           "SELECT e'a' FROM person",
           "SELECT $$a$$ FROM person",
           "SELECT \"person_id\" FROM person",
           "SELECT person_id FROM person WHERE 'a",
           "SELECT list_transform([1], x -> x) FROM person",
           "SELECT * FROM person TABLESAMPLE 10%",
           "SELECT * FROM Person",
           "SELECT * FROM generate_series(1, 10)",
           "SELECT COLUMNS('a') FROM person",
           "WITH x AS (SELECT * FROM pg_authid) SELECT * FROM x",
           "WITH x AS (SELECT * FROM pg_authid), pg_authid AS (SELECT 1 AS a) SELECT * FROM x",
           "SELECT a.* FROM pg_authid a, (WITH pg_authid AS (SELECT 1 AS b) SELECT b FROM pg_authid) z",
           "SELECT (SELECT pg_read_file('x')) FROM person",
           "SELECT 1 FROM person WHERE person_id IN (VALUES (lo_import('x')))",
           "SELECT count(*) FILTER (WHERE pg_sleep(1) IS NULL) FROM person",
           "SELECT row_number() OVER (ORDER BY pg_sleep(1)) FROM person",
           "SELECT 1 FROM person ORDER BY pg_sleep(1)",
           "SELECT 1 FROM person LIMIT (SELECT pg_sleep(1))",
           "WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r) SELECT a FROM r",
           "",
       }) {
    const auto result = attempt([&] { return check_sql_cohort(sql, "/data/cohort/sql"); });
    ASSERT_FALSE(result.ok()) << sql;
    EXPECT_EQ(result.error().code + " " + result.error().where, "cohort.bad_sql /data/cohort/sql") << sql;
  }
}

// Two persons: one with heart failure twice, diabetes, and measurements; one with nothing.
std::unique_ptr<data::Source> two_persons() {
  auto database = std::make_unique<data::Database>(data::Database::Limits{});
  for (const char* sql : {
           "CREATE TABLE person AS SELECT * FROM (VALUES (1, 8507, 1950, 8527), (9223372036854775807, 8532, 1980, 0)) "
           "AS p "
           "(person_id, gender_concept_id, year_of_birth, race_concept_id)",
           "CREATE TABLE observation_period AS SELECT * FROM (VALUES (1, DATE '2000-01-01', DATE '2012-12-31'), "
           "(9223372036854775807, DATE '2005-01-01', DATE '2010-06-30')) AS o (person_id, "
           "observation_period_start_date, "
           "observation_period_end_date)",
           "CREATE TABLE condition_occurrence AS SELECT * FROM (VALUES (1, 1, 11, DATE '2005-03-01'), (2, 1, 11, DATE "
           "'2006-03-01'), (3, 1, 12, DATE '2009-12-31'), (4, 1, 13, DATE '2010-01-31')) AS c "
           "(condition_occurrence_id, "
           "person_id, condition_concept_id, condition_start_date)",
           "ALTER TABLE condition_occurrence ADD COLUMN condition_end_date DATE",
           "ALTER TABLE condition_occurrence ADD COLUMN visit_occurrence_id BIGINT",
           "CREATE TABLE concept_ancestor AS SELECT * FROM (VALUES (316139, 11), (201820, 12), (443767, 12), (443767, "
           "13), "
           "(432851, 14)) AS a (ancestor_concept_id, descendant_concept_id)",
           "CREATE TABLE measurement AS SELECT * FROM (VALUES (1, 1, 21, DATE '2009-12-01', 7.5), (2, 1, 21, DATE "
           "'2009-12-31', NULL), (3, 1, 21, DATE '2009-12-30', 8.25), (4, 1, 21, DATE '2010-02-01', 9.0)) AS m "
           "(measurement_id, person_id, measurement_concept_id, measurement_date, value_as_number)",
           "ALTER TABLE measurement ADD COLUMN visit_occurrence_id BIGINT",
       })
    database->execute(sql);
  return data::make_duckdb_source(std::move(database), "", "test");
}

// One line per row, its fields ended by bars.
std::vector<std::string> lines_of(data::Source& source, const Json& data) {
  std::vector<std::string> columns, lines;
  for (const auto& [name, feature] : data["features"].items()) columns.push_back(name);
  const Query query = feature_query(parse_cohort_table(data, "/data", columns),
                                    [&](const std::string& name) { return source.table_name(name); });
  const auto rows = source.query(query.sql);
  data::Batch batch;
  while (rows->next(batch)) {
    for (std::size_t row = 0; row < batch.rows; ++row) {
      lines.emplace_back();
      for (const auto& column : batch.columns) lines.back() += column.text(row) + "|";
    }
  }
  return lines;
}

Json set_of(int id, int concept_id) {
  return {{"id", id}, {"expression", {{"items", {{{"concept", {{"CONCEPT_ID", concept_id}}}}}}}}};
}

TEST(Features, AreWhatOneWorksOutByHand) {
  const Json lab = {{"Measurement", {{"CodesetId", 1}}}}, complication = {{"ConditionOccurrence", {{"CodesetId", 2}}}};
  const Json data = {{"cohort",
                      {{"sql",
                        "SELECT person_id AS subject_id, DATE '2010-01-01' AS cohort_start_date, DATE '2010-12-31' AS "
                        "cohort_end_date FROM person"}}},
                     {"concept_sets", {set_of(1, 21), set_of(2, 13)}},
                     {"features",
                      {{"a", {{"is", "age"}}},
                       {"b", {{"is", "sex"}}},
                       {"c", {{"is", "observed_days"}}},
                       {"d", {{"is", "cohort_days"}}},
                       {"e", {{"is", "charlson"}, {"to", 0}}},
                       {"f", {{"is", "charlson"}}},
                       {"g", {{"is", "first_value"}, {"events", lab}, {"from", -365}, {"to", 0}}},
                       {"h", {{"is", "last_value"}, {"events", lab}, {"from", -365}, {"to", 0}}},
                       {"i", {{"is", "count"}, {"events", lab}, {"during_cohort", true}}},
                       {"j", {{"is", "first_day"}, {"events", complication}}},
                       {"k", {{"is", "follow_up_days"}, {"outcome", complication}, {"to", 365}}},
                       {"l", {{"is", "follow_up_event"}, {"outcome", complication}, {"to", 365}}},
                       {"m", {{"is", "follow_up_event"}, {"outcome", complication}, {"to", 29}}},
                       {"n", {{"is", "race"}}}}}};
  const std::vector<std::string> lines = lines_of(*two_persons(), data);
  // Heart failure counts once (1), diabetes 1 and, being complicated too, 2; the complication alone comes later.
  EXPECT_EQ(lines, (std::vector<std::string>{"60|8507|3653|364|4|4|7.5|8.25|1|30|30|1|0|8527|",
                                             "30|8532|1826|364|0|0|||0||180|0|0|0|"}));
}

// Three persons observed for some years, one of them twice; the first has the outcome, the second had it before.
std::unique_ptr<data::Source> observed_persons() {
  auto database = std::make_unique<data::Database>(data::Database::Limits{});
  for (const char* sql : {
           "CREATE TABLE person AS SELECT * FROM (VALUES (1, 8507, 1960, 2, 29), (2, 8532, 1980, NULL, NULL), (3, "
           "8532, "
           "2000, 7, 1)) AS p (person_id, gender_concept_id, year_of_birth, month_of_birth, day_of_birth)",
           "CREATE TABLE observation_period AS SELECT * FROM (VALUES (1, 1, DATE '2009-12-31', DATE '2012-06-30'), (2, "
           "2, "
           "DATE '2010-01-01', DATE '2010-12-31'), (3, 3, DATE '2010-03-01', DATE '2010-03-31'), (4, 3, DATE "
           "'2010-07-01', DATE '2011-01-01')) AS o (observation_period_id, person_id, observation_period_start_date, "
           "observation_period_end_date)",
           "ALTER TABLE observation_period ADD COLUMN period_type_concept_id INTEGER",
           "CREATE TABLE condition_occurrence AS SELECT * FROM (VALUES (1, 1, 11, DATE '2010-05-15'), (2, 2, 11, DATE "
           "'2009-03-01')) AS c (condition_occurrence_id, person_id, condition_concept_id, condition_start_date)",
           "ALTER TABLE condition_occurrence ADD COLUMN condition_end_date DATE",
           "ALTER TABLE condition_occurrence ADD COLUMN visit_occurrence_id BIGINT",
           "CREATE TABLE visit_occurrence AS SELECT * FROM (VALUES (1, 1, 9201, DATE '2010-01-01', DATE '2010-01-05'), "
           "(2, "
           "1, 9201, DATE '2010-01-05', DATE '2010-01-09'), (3, 1, 9201, DATE '2010-02-08', DATE '2010-02-09'), (4, 1, "
           "9201, DATE '2010-03-12', DATE '2010-03-20'), (5, 2, 9201, DATE '2010-01-01', DATE '2010-01-03'), (6, 3, "
           "9201, "
           "DATE '2010-07-01', DATE '2010-07-10')) AS v (visit_occurrence_id, person_id, visit_concept_id, "
           "visit_start_date, visit_end_date)",
           "CREATE TABLE procedure_occurrence AS SELECT 1 AS procedure_occurrence_id, 1 AS person_id, 31 AS "
           "procedure_concept_id, DATE '2010-02-09' AS procedure_date, 3 AS visit_occurrence_id",
           "CREATE TABLE death AS SELECT 2 AS person_id, DATE '2010-01-03' AS death_date",
       })
    database->execute(sql);
  return data::make_duckdb_source(std::move(database), "", "test");
}

TEST(Features, TimeAtRiskIsDividedAtNewYearAndAtBirthdays) {
  const auto source = observed_persons();
  Json data = {{"cohort", {{"events", {{"ObservationPeriod", Json::object()}}}}},
               {"concept_sets", {set_of(1, 11)}},
               {"time_at_risk",
                {{"during_cohort", true},
                 {"outcome", {{"ConditionOccurrence", {{"CodesetId", 1}}}}},
                 {"years", {{"from", 2009}, {"to", 2011}}},
                 {"ages", {10, 50}}}},
               {"features",
                {{"a_year", {{"is", "index_year"}}},
                 {"b_age", {{"is", "age_band"}}},
                 {"c_days", {{"is", "days_at_risk"}}},
                 {"d_case", {{"is", "outcome"}}},
                 {"e_sex", {{"is", "sex"}}}}}};
  // The first is 50 on 28 February 2010 and has the outcome on 15 May; the second had it before; the third is 10 on 1 July.
  EXPECT_EQ(lines_of(*source, data),
            (std::vector<std::string>{"2009|10|1|0|8507|", "2010|10|58|0|8507|", "2010|50|77|1|8507|",
                                      "2010|10|184|0|8532|", "2011|10|1|0|8532|"}));
  data["time_at_risk"] = {{"during_cohort", true}, {"years", {{"from", 2010}, {"to", 2010}}}};
  data["features"] = {{"a_year", {{"is", "index_year"}}}, {"b_days", {{"is", "days_at_risk"}}}};
  // Both observation periods of the third in one row: 31 and 184 days.
  EXPECT_EQ(lines_of(*source, data), (std::vector<std::string>{"2010|365|", "2010|365|", "2010|215|"}));
  // From the day after each stay begins on, without dividing: days that two entries share count once.
  data["cohort"] = {{"events", {{"VisitOccurrence", Json::object()}}}};
  data["time_at_risk"] = {{"to", 30}};
  data["features"] = {{"b_days", {{"is", "days_at_risk"}}}};
  EXPECT_EQ(lines_of(*source, data), (std::vector<std::string>{"94|", "30|", "30|"}));
}

TEST(Features, ReadmissionsWithinDays) {
  const Json stay = {{"VisitOccurrence", Json::object()}};
  Json data = {
      {"cohort", {{"events", stay}}},
      {"concept_sets", {set_of(1, 31)}},
      {"features", {{"a", {{"is", "readmission"}, {"events", stay}, {"within", 30}}}, {"b", {{"is", "cohort_days"}}}}}};
  const auto source = observed_persons();
  // A stay on the day of discharge is none; 30 days after the second the third begins; of the third the next comes on day 31.
  EXPECT_EQ(lines_of(*source, data), (std::vector<std::string>{"0|4|", "1|4|", "0|1|", "0|8|", "|2|", "0|9|"}));
  data["cohort"]["gap_days"] = 0;  // a transfer is part of the stay
  EXPECT_EQ(lines_of(*source, data), (std::vector<std::string>{"1|8|", "0|1|", "0|8|", "|2|", "0|9|"}));
  data["features"]["a"]["except"] = {{"ProcedureOccurrence", {{"CodesetId", 1}}}};
  EXPECT_EQ(lines_of(*source, data), (std::vector<std::string>{"0|8|", "0|1|", "0|8|", "|2|", "0|9|"}));
  data["members"] = "person";
  EXPECT_EQ(lines_of(*source, data), (std::vector<std::string>{"0|8|", "|2|", "0|9|"}));
}

TEST(Features, AFunnelEndsWithTheCohort) {
  const auto stay = [](int low) {
    return Json{{"Criteria", {{"VisitOccurrence", {{"VisitLength", {{"Op", "gte"}, {"Value", low}}}}}}},
                {"StartWindow", {{"Start", {{"Days", 0}, {"Coeff", -1}}}, {"End", {{"Days", 0}, {"Coeff", 1}}}}},
                {"Occurrence", {{"Type", 2}, {"Count", 1}}}};
  };
  const auto women = Json{{"Type", "ALL"}, {"DemographicCriteriaList", {{{"Gender", {{{"CONCEPT_ID", 8532}}}}}}}};
  const Json data = {
      {"cohort",
       {{"ConceptSets", Json::array()},
        {"PrimaryCriteria",
         {{"CriteriaList", {{{"VisitOccurrence", Json::object()}}}}, {"PrimaryCriteriaLimit", {{"Type", "All"}}}}},
        {"AdditionalCriteria", {{"Type", "ALL"}, {"CriteriaList", {stay(4)}}}},
        {"QualifiedLimit", {{"Type", "All"}}},
        {"InclusionRules", {{{"name", "women"}, {"expression", women}}, {{"name", ""}, {"expression", women}}}},
        {"CensorWindow", {{"EndDate", "2010-06-30"}}}}},
      {"members", "entry"},
      {"features", {{"a", {{"is", "steps"}}}, {"b", {{"is", "age"}}}}}};
  const CohortTable table = parse_cohort_table(data, "/data", {"a", "b"});
  EXPECT_EQ(table.steps,
            (std::vector<std::string>{"entry events", "additional criteria", "women", "rule 2", "final cohort"}));
  // The man's first long stay; the woman whose stay is short; the woman whose cohort time lies behind the window.
  EXPECT_EQ(lines_of(*observed_persons(), data), (std::vector<std::string>{"1|50|", "0|30|", "3|10|"}));
}

TEST(Features, ThatMakeNoSenseAreRefused) {
  const Json good = {{"cohort", {{"sql", "SELECT person_id AS subject_id FROM person"}}},
                     {"features", {{"a", {{"is", "age"}}}}}};
  const auto refusal = [&](const std::string& where, const Json& value) {
    Json data = good;
    data[Json::json_pointer(where)] = value;
    const auto result = attempt([&] { return parse_cohort_table(data, "/data", {"a"}); });
    return result.ok() ? "accepted" : result.error().code + " " + result.error().where;
  };
  const Json death = {{"Death", Json::object()}};
  EXPECT_EQ(refusal("/features/a", {{"is", "age"}}), "accepted");
  EXPECT_EQ(refusal("/features/a", {{"is", "mood"}}), "cohort.not_supported /data/features/a/is");
  EXPECT_EQ(refusal("/features/a", {{"is", "age"}, {"to", 1}}), "cohort.not_supported /data/features/a/to");
  EXPECT_EQ(refusal("/features/b", {{"is", "age"}}), "cohort.not_supported /data/features/b");
  EXPECT_EQ(refusal("/features/a", {{"is", "count"}}), "cohort.bad_definition /data/features/a/events");
  EXPECT_EQ(refusal("/features/a", {{"is", "count"}, {"events", death}, {"from", 2}, {"to", 1}}),
            "cohort.bad_definition /data/features/a/to");
  EXPECT_EQ(refusal("/features/a", {{"is", "last_value"}, {"events", death}}),
            "cohort.not_supported /data/features/a/events");
  EXPECT_EQ(refusal("/features/a", {{"is", "steps"}}), "cohort.bad_definition /data/features/a");
  EXPECT_EQ(refusal("/features/a", {{"is", "outcome"}}), "cohort.bad_definition /data/features/a");
  EXPECT_EQ(refusal("/features/a", {{"is", "age_band"}}), "cohort.bad_definition /data/features/a/borders");
  EXPECT_EQ(refusal("/features/a", {{"is", "age_band"}, {"borders", {30, 20}}}),
            "cohort.bad_definition /data/features/a/borders");
  EXPECT_EQ(refusal("/features/a", {{"is", "readmission"}, {"events", death}, {"within", 0}}),
            "cohort.bad_definition /data/features/a/within");
  EXPECT_EQ(refusal("/time_at_risk", {{"to", 30}}), "accepted");
  EXPECT_EQ(refusal("/time_at_risk", {{"to", 0}}), "cohort.bad_definition /data/time_at_risk/to");
  EXPECT_EQ(refusal("/time_at_risk", {{"years", {{"from", 2010}}}}), "cohort.bad_definition /data/time_at_risk/years");
  EXPECT_EQ(refusal("/time_at_risk", {{"ages", {0}}}), "cohort.bad_definition /data/features");
  EXPECT_EQ(refusal("/cohort", {{"events", death}, {"gap_days", -1}}), "cohort.bad_definition /data/cohort/gap_days");
  EXPECT_EQ(refusal("/members", "entry"), "cohort.not_supported /data/members");
  EXPECT_EQ(refusal("/cohort", {{"sql", 7}}), "cohort.bad_definition /data/cohort/sql");
  EXPECT_EQ(refusal("/features/a", {{"is", "count"}, {"events", {{"Death", {{"CodesetId", 3}}}}}}),
            "cohort.unknown_concept_set /data/features/a/events/Death/CodesetId");
}

}  // namespace
}  // namespace cohortium::cohort
