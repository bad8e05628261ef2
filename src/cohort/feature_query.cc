// The SELECT behind a study's columns: the members of a cohort, and beside each what the features say of them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "cohort/charlson.h"
#include "cohort/features.h"
#include "cohort/sql_cohort.h"
#include "cohort/time_at_risk.h"

namespace cohortium::cohort {
namespace {

using Kind = Feature::Kind;

// Of a person's entry events, the one that goes furthest, and of these the earliest: with the last step it reaches.
std::string entry_persons(const Definition& definition, Statement& statement) {
  const bool additional = definition.additional.has_value();
  std::string steps = additional ? "1" : "0", held = "1";
  for (std::size_t i = 0; i < definition.inclusion_rules.size(); ++i) {
    held += fmt::format(" * e.rule_{}", i);
    steps += fmt::format(" + {}", held);
  }
  const std::string columns = "e.person_id, e.event_id, e.start_date, e.end_date";
  std::string events = fmt::format("SELECT {}, {} AS steps FROM marked_events e", columns, steps);
  if (additional) events += fmt::format("\nUNION ALL SELECT {}, 0 AS steps FROM entry_events e", columns);
  statement.add_as("stepped_events", events);
  const std::size_t last = definition.inclusion_rules.size() + (additional ? 1 : 0);
  return fmt::format(
      "SELECT CAST(b.person_id AS BIGINT) AS person_id, b.start_date, b.end_date, CASE WHEN b.steps = {} AND "
      "b.person_id IN (SELECT c.subject_id FROM cohort c) THEN {} ELSE b.steps END AS steps FROM (SELECT e.*, "
      "row_number() OVER (PARTITION BY e.person_id ORDER BY e.steps DESC, e.start_date, e.event_id) AS best FROM "
      "stepped_events e) b WHERE b.best = 1",
      last, last + 1);
}

// The cohort's entries, or one of each person: person_id, start_date, end_date, steps.
std::string entries(const CohortTable& table, CriteriaSql& criteria, Statement& statement) {
  std::string rows =
      "SELECT CAST(c.subject_id AS BIGINT) AS person_id, CAST(c.cohort_start_date AS DATE) AS start_date, "
      "CAST(c.cohort_end_date AS DATE) AS end_date, 0 AS steps FROM cohort c";
  if (table.definition) {
    compile(*table.definition, statement);
    if (table.members == Members::kEntryPersons) return entry_persons(*table.definition, statement);
  } else if (table.events) {
    std::string events = criteria.events(*table.events);
    if (table.gap_days) events = statement.add("joined_events", eras(events, *table.gap_days));
    rows = fmt::format(
        "SELECT CAST(c.person_id AS BIGINT) AS person_id, c.start_date, c.end_date, 0 AS steps FROM {} c", events);
  } else {
    statement.add_as("cohort", sql_cohort_select(table.sql, table.sql_tables, statement));
  }
  if (table.members != Members::kPersons) return rows;
  return fmt::format(
      "SELECT f.person_id, f.start_date, f.end_date, f.steps FROM (SELECT e.*, row_number() OVER (PARTITION BY "
      "e.person_id ORDER BY e.start_date, e.end_date) AS ordinal FROM ({}) e) f WHERE f.ordinal = 1",
      rows);
}

// The observation period that the index date of `rows` lies in beside each of them: rows r of the expression `name`.
void add_observed(const std::string& name, const std::string& rows, Statement& statement) {
  const std::string numbered =
      statement.add("numbered", fmt::format("SELECT row_number() OVER (ORDER BY c.person_id, c.start_date, c.end_date) "
                                            "AS member, c.* FROM ({}) c",
                                            rows));
  statement.add_as(
      name, fmt::format("SELECT n.*, op.op_start_date, op.op_end_date\nFROM {0} n LEFT JOIN (SELECT m.member, "
                        "min(CAST(p.observation_period_start_date AS DATE)) AS op_start_date, "
                        "max(CAST(p.observation_period_end_date AS DATE)) AS op_end_date FROM {0} m JOIN {1} p ON "
                        "p.person_id = m.person_id AND m.start_date BETWEEN CAST(p.observation_period_start_date AS "
                        "DATE) AND CAST(p.observation_period_end_date AS DATE) GROUP BY m.member) op ON op.member = "
                        "n.member",
                        numbered, statement.table("observation_period")));
}

// Members are rows r of `members`: member (their number), person_id, start_date, end_date, op_start_date, op_end_date, and
// steps, or days_at_risk and outcome.
void add_members(const CohortTable& table, CriteriaSql& criteria, Statement& statement) {
  const std::string rows = entries(table, criteria, statement);
  if (!table.at_risk) return add_observed("members", rows, statement);
  add_observed("entries", rows, statement);
  add_observed("members", time_at_risk(*table.at_risk, criteria, statement), statement);
}

// "a.start_date BETWEEN …" for a window around rows r of the members.
std::string in_window(const Feature& feature, const std::string& date) {
  const char* since = feature.from_end ? "r.end_date" : "r.start_date";
  if (feature.during) return fmt::format(" AND {0} >= r.start_date AND {0} <= r.end_date", date);
  std::string condition;
  if (feature.from) condition += fmt::format(" AND {} >= {} + ({})", date, since, *feature.from);
  if (feature.to) condition += fmt::format(" AND {} <= {} + ({})", date, since, *feature.to);
  return condition;
}

// The end of follow-up of a member: of observation, or a number of days after the start.
std::string follow_up_end(const Feature& feature) {
  return feature.to ? fmt::format("least(r.op_end_date, r.start_date + ({}))", *feature.to) : "r.op_end_date";
}

std::string charlson(const Feature& feature, Statement& statement) {
  std::vector<std::string> rows;
  for (const CharlsonConcept& entry : kCharlsonConcepts)
    rows.push_back(fmt::format("({}, {}, {})", entry.category, entry.weight, entry.ancestor));
  const std::string concepts = statement.add(
      "charlson",
      fmt::format("SELECT DISTINCT v.category, v.weight, a.descendant_concept_id AS concept_id FROM (VALUES {}) "
                  "AS v (category, weight, ancestor) JOIN {} a ON a.ancestor_concept_id = v.ancestor",
                  fmt::join(rows, ", "), statement.table("concept_ancestor")));
  return statement.add(
      "feature",
      fmt::format(
          "SELECT d.member, CAST(sum(d.weight) AS BIGINT) AS value FROM (SELECT DISTINCT r.member, k.category, "
          "k.weight FROM members r "
          "JOIN {} c ON c.person_id = r.person_id{} JOIN {} k ON k.concept_id = c.condition_concept_id) d GROUP BY "
          "d.member",
          statement.table("condition_occurrence"), in_window(feature, "CAST(c.condition_start_date AS DATE)"),
          concepts));
}

// The unit of a measurement or observation m as UCUM writes it.
std::string unit_of_row(Statement& statement) {
  return fmt::format(
      "coalesce((SELECT min(CAST(u.concept_code AS VARCHAR)) FROM {} u WHERE u.concept_id = m.unit_concept_id AND "
      "u.concept_id <> 0), CAST(m.unit_source_value AS VARCHAR), '')",
      statement.table("concept"));
}

std::string value_of_events(const Feature& feature, const std::string& events, Statement& statement) {
  const Domain& domain = *feature.of->domain;
  const char* order = feature.kind == Kind::kFirstValue ? "ASC" : "DESC";
  return statement.add(
      "feature",
      fmt::format(
          "SELECT o.member, o.value{} FROM (SELECT r.member, CAST(m.value_as_number AS DOUBLE PRECISION) AS "
          "value, row_number() OVER (PARTITION BY "
          "r.member ORDER BY a.start_date {}, a.row_id {}) AS place{} FROM members r JOIN {} a ON a.person_id = "
          "r.person_id{} JOIN {} m ON m.{} = a.row_id WHERE m.value_as_number IS NOT NULL) o WHERE o.place = 1",
          feature.with_unit ? ", o.unit" : "", order, order,
          feature.with_unit ? ", " + unit_of_row(statement) + " AS unit" : "", events,
          in_window(feature, "a.start_date"), statement.table(domain.table), domain.id));
}

// The lower border of the band that the age attained on the index date lies in.
std::string age_band(const std::vector<std::int64_t>& borders) {
  std::string sql = "CASE";
  for (std::size_t i = borders.size(); i-- > 0;)
    sql += fmt::format(" WHEN r.start_date >= {} THEN {}", birthday("p", fmt::format("{}", borders[i])), borders[i]);
  return sql + " END";
}

// Members who come back within so many days of their end.
std::string readmission(const Feature& feature, CriteriaSql& criteria, Statement& statement) {
  const std::string events = criteria.events(*feature.of);
  std::string unplanned;
  if (feature.except)
    unplanned = fmt::format(
        " AND NOT EXISTS (SELECT 1 FROM {} x WHERE x.person_id = a.person_id AND x.start_date BETWEEN a.start_date AND "
        "a.end_date)",
        criteria.events(*feature.except));
  return statement.add("feature",
                       fmt::format("SELECT DISTINCT r.member FROM members r JOIN {} a ON a.person_id = r.person_id AND "
                                   "a.start_date > r.end_date AND a.start_date <= r.end_date + {}{}",
                                   events, feature.within, unplanned));
}

// The expression of the feature's column over r and f, where `f` is the expression of joined values, if it needs one.
std::pair<std::string, std::string> column(const Feature& feature, CriteriaSql& criteria, Statement& statement) {
  const auto counted = [&](const char* value) {
    return statement.add("feature",
                         fmt::format("SELECT r.member, {} AS value FROM members r JOIN {} a ON a.person_id = "
                                     "r.person_id{} GROUP BY r.member",
                                     value, criteria.events(*feature.of), in_window(feature, "a.start_date")));
  };
  switch (feature.kind) {
    case Kind::kAge:
      return {"CAST(extract(year FROM r.start_date) - p.year_of_birth AS INTEGER)", ""};
    case Kind::kSex:
      return {"CAST(p.gender_concept_id AS BIGINT)", ""};
    case Kind::kRace:
      return {"CAST(p.race_concept_id AS BIGINT)", ""};
    case Kind::kEthnicity:
      return {"CAST(p.ethnicity_concept_id AS BIGINT)", ""};
    case Kind::kIndexYear:
      return {"CAST(extract(year FROM r.start_date) AS INTEGER)", ""};
    case Kind::kObservedDays:
      return {"r.start_date - r.op_start_date", ""};
    case Kind::kCohortDays:
      return {"r.end_date - r.start_date", ""};
    case Kind::kAgeBand:
      return {age_band(feature.borders), ""};
    case Kind::kReadmission:
      return {"CASE WHEN dead.day <= r.end_date THEN NULL WHEN {0}.member IS NULL THEN 0 ELSE 1 END",
              readmission(feature, criteria, statement)};
    case Kind::kDaysAtRisk:
      return {"CAST(r.days_at_risk AS BIGINT)", ""};
    case Kind::kOutcome:
      return {"CAST(r.outcome AS INTEGER)", ""};
    case Kind::kSteps:
      return {"CAST(r.steps AS INTEGER)", ""};
    case Kind::kPresent:
      return {"CASE WHEN {0}.member IS NULL THEN 0 ELSE 1 END", counted("1")};
    case Kind::kCount:
      return {"coalesce({0}.value, 0)", counted("count(*)")};
    case Kind::kFirstDay:
      return {"{0}.value",
              counted(feature.from_end ? "min(a.start_date - r.end_date)" : "min(a.start_date - r.start_date)")};
    case Kind::kFirstValue:
    case Kind::kLastValue:
      return {"{0}.value", value_of_events(feature, criteria.events(*feature.of), statement)};
    case Kind::kCharlson:
      return {"coalesce({0}.value, 0)", charlson(feature, statement)};
    case Kind::kFollowUpDays:
    case Kind::kFollowUpEvent:
      break;
  }
  const Feature until_end{.from = feature.from.value_or(1)};
  const std::string outcome = statement.add(
      "feature", fmt::format("SELECT r.member, min(a.start_date) AS value FROM members r JOIN {} a ON a.person_id = "
                             "r.person_id{} GROUP BY r.member",
                             criteria.events(*feature.of), in_window(until_end, "a.start_date")));
  const std::string end = follow_up_end(feature);
  if (feature.kind == Kind::kFollowUpEvent)
    return {fmt::format("CASE WHEN {0} IS NULL THEN NULL WHEN {{0}}.value <= {0} THEN 1 ELSE 0 END", end), outcome};
  return {fmt::format("CASE WHEN {{0}}.value <= {0} THEN {{0}}.value ELSE {0} END - r.start_date", end), outcome};
}

}  // namespace

Query feature_query(const CohortTable& table, const Statement::TableName& table_name, bool with_person) {
  Statement statement(table_name);
  CriteriaSql criteria(statement, table.concept_sets);
  add_members(table, criteria, statement);
  std::vector<std::string> columns, units;
  std::string joins = fmt::format("LEFT JOIN {} p ON p.person_id = r.person_id", statement.table("person"));
  if (std::any_of(table.features.begin(), table.features.end(),
                  [](const Feature& feature) { return feature.kind == Kind::kReadmission; }))
    joins += fmt::format(
        "\nLEFT JOIN (SELECT d.person_id, min(CAST(d.death_date AS DATE)) AS day FROM {} d GROUP BY d.person_id) dead "
        "ON dead.person_id = r.person_id",
        statement.table("death"));
  for (const Feature& feature : table.features) {
    const auto [expression, values] = column(feature, criteria, statement);
    const std::string alias = fmt::format("f{}", columns.size());
    columns.push_back(fmt::format("{} AS c{}", fmt::format(fmt::runtime(expression), alias), columns.size()));
    if (feature.with_unit) units.push_back(fmt::format("{}.unit AS u{}", alias, units.size()));
    if (!values.empty()) joins += fmt::format("\nLEFT JOIN {} {} ON {}.member = r.member", values, alias, alias);
  }
  columns.insert(columns.end(), units.begin(), units.end());
  if (with_person) columns.emplace_back("r.person_id AS person");
  return {
      statement.with(fmt::format("SELECT {}\nFROM members r\n{}\nORDER BY r.member", fmt::join(columns, ", "), joins)),
      statement.tables()};
}

Query units_query(const CohortTable& table, const Feature& feature, const Statement::TableName& table_name) {
  Statement statement(table_name);
  CriteriaSql criteria(statement, table.concept_sets);
  const Domain& domain = *feature.of->domain;
  const std::string events = criteria.events(*feature.of), unit = unit_of_row(statement);
  const std::string select = fmt::format(
      "SELECT {} AS unit, count(*) AS n FROM {} a JOIN {} m ON m.{} = a.row_id WHERE m.value_as_number IS "
      "NOT NULL GROUP BY 1 ORDER BY 1",
      unit, events, statement.table(domain.table), domain.id);
  return {statement.with(select), statement.tables()};
}

Query concepts_query(const CohortTable& table, std::int64_t set, const Statement::TableName& table_name) {
  Statement statement(table_name);
  CriteriaSql criteria(statement, table.concept_sets);
  const std::string concepts = criteria.concepts_of(set);
  return {statement.with(
              fmt::format("SELECT DISTINCT CAST(s.concept_id AS BIGINT) AS concept_id FROM {} s ORDER BY 1", concepts)),
          statement.tables()};
}

}  // namespace cohortium::cohort
