#include "cohort/compiler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cohortium::cohort {
namespace {

const char* direction(Limit limit) { return limit == Limit::kLast ? "DESC" : "ASC"; }

// The rows of `from` for which `condition` holds: all of them, or each person's first or last.
std::string limited(const std::string& from, const std::string& condition, Limit limit) {
  if (limit == Limit::kAll) return fmt::format("SELECT e.* FROM {} e WHERE {}", from, condition);
  return fmt::format(
      "SELECT l.* FROM (SELECT e.*, row_number() OVER (PARTITION BY e.person_id ORDER BY e.start_date {}, e.event_id) "
      "AS "
      "ordinal_of_{} FROM {} e WHERE {}) l WHERE l.ordinal_of_{} = 1",
      direction(limit), from, from, condition, from);
}

void add_qualified_events(const Definition& definition, CriteriaSql& criteria, Statement& statement) {
  std::vector<std::string> lists;
  for (const Criteria& entry : definition.entry)
    lists.push_back(fmt::format(
        "SELECT i.person_id, i.row_id, i.start_date, i.end_date, i.concept_id, i.visit_occurrence_id FROM {} i",
        criteria.events(entry)));
  const std::string window = fmt::format(
      "CAST(op.observation_period_start_date AS DATE) + {} <= e.start_date AND e.start_date + {} <= "
      "CAST(op.observation_period_end_date AS DATE)",
      definition.prior_days, definition.post_days);
  const std::string entry = criteria.index_events(fmt::format("{}", fmt::join(lists, "\nUNION ALL ")), window);
  statement.add_as("entry_events", limited(entry, "true", definition.entry_limit));
  if (!definition.additional) {
    statement.add_as("qualified_events", "SELECT e.* FROM entry_events e");
    return;
  }
  const std::string condition = criteria.condition(*definition.additional, "entry_events");
  statement.add_as("qualified_events", limited("entry_events", condition, definition.qualified_limit));
}

void add_included_events(const Definition& definition, CriteriaSql& criteria, Statement& statement) {
  std::string flags, condition = "true";
  for (std::size_t i = 0; i < definition.inclusion_rules.size(); ++i) {
    flags += fmt::format(", CASE WHEN {} THEN 1 ELSE 0 END AS rule_{}",
                         criteria.condition(definition.inclusion_rules[i], "qualified_events"), i);
    condition += fmt::format(" AND e.rule_{} = 1", i);
  }
  statement.add_as("marked_events", fmt::format("SELECT e.*{} FROM qualified_events e", flags));
  statement.add_as("included_events", limited("marked_events", condition, definition.final_limit));
}

// Exposure to the drugs of a set, joined over gaps: the eras that hold an event's start end it.
std::string custom_era_ends(const CustomEra& era, CriteriaSql& criteria, Statement& statement) {
  const std::string concepts = criteria.concepts_of(era.drug_concept_set);
  const std::string start = "CAST(c.drug_exposure_start_date AS DATE)";
  const std::string end =
      era.days_supply ? fmt::format("{} + {}", start, *era.days_supply) : std::string(find_domain("DrugExposure")->end);
  const std::string exposures = statement.add(
      "exposures",
      fmt::format("SELECT c.person_id, {} AS start_date, {} AS end_date FROM {} c WHERE (c.drug_concept_id IN "
                  "{} OR c.drug_source_concept_id IN {}) AND c.person_id IN (SELECT e.person_id FROM "
                  "included_events e)",
                  start, end, statement.table("drug_exposure"), concepts, concepts));
  const std::string joined = statement.add("exposure_eras", eras(exposures, era.gap_days));
  return fmt::format(
      "SELECT e.event_id, x.end_date + ({}) AS end_date FROM included_events e JOIN {} x ON x.person_id = e.person_id "
      "AND "
      "e.start_date BETWEEN x.start_date AND x.end_date + ({})",
      era.offset, joined, era.offset);
}

// Everything that may end an event: the earliest that is not before its start does.
void add_ends(const Definition& definition, CriteriaSql& criteria, Statement& statement) {
  std::vector<std::string> ends;
  if (definition.date_offset) {
    ends.push_back(
        fmt::format("SELECT e.event_id, least(e.{} + ({}), e.op_end_date) AS end_date FROM included_events e",
                    definition.date_offset->from_end ? "end_date" : "start_date", definition.date_offset->days));
  } else {
    ends.emplace_back("SELECT e.event_id, e.op_end_date AS end_date FROM included_events e");
  }
  if (definition.custom_era) ends.push_back(custom_era_ends(*definition.custom_era, criteria, statement));
  for (const Criteria& censoring : definition.censoring)
    ends.push_back(
        fmt::format("SELECT e.event_id, min(a.start_date) AS end_date FROM included_events e JOIN {} a ON a.person_id "
                    "= e.person_id "
                    "AND a.start_date >= e.start_date AND a.start_date <= e.op_end_date GROUP BY e.event_id",
                    criteria.events(censoring)));
  statement.add_as("event_ends", fmt::format("{}", fmt::join(ends, "\nUNION ALL ")));
  statement.add_as("cohort_rows",
                   "SELECT e.person_id, e.event_id, min(e.start_date) AS start_date, min(x.end_date) AS end_date FROM "
                   "included_events e JOIN event_ends x ON x.event_id = e.event_id AND x.end_date >= e.start_date "
                   "GROUP BY e.person_id, e.event_id");
}

}  // namespace

std::string eras(const std::string& rows, std::int64_t gap) {
  return fmt::format(
      "SELECT g.person_id, min(g.start_date) AS start_date, max(g.end_date) AS end_date FROM (\n"
      "SELECT s.*, sum(s.is_start) OVER (PARTITION BY s.person_id ORDER BY s.start_date, s.end_date, s.is_start DESC "
      "ROWS UNBOUNDED PRECEDING) AS era FROM (\n"
      "SELECT r.person_id, r.start_date, r.end_date, CASE WHEN max(r.end_date) OVER (PARTITION BY r.person_id ORDER BY "
      "r.start_date, r.end_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + {} >= r.start_date THEN 0 ELSE 1 "
      "END "
      "AS is_start FROM {} r) s) g GROUP BY g.person_id, g.era",
      gap, rows);
}

void compile(const Definition& definition, Statement& statement) {
  CriteriaSql criteria(statement, definition.concept_sets);
  add_qualified_events(definition, criteria, statement);
  add_included_events(definition, criteria, statement);
  add_ends(definition, criteria, statement);
  statement.add_as("cohort_eras", eras("cohort_rows", definition.era_pad));
  const std::string start =
      definition.window_start ? fmt::format("greatest(f.start_date, {})", *definition.window_start) : "f.start_date";
  const std::string end =
      definition.window_end ? fmt::format("least(f.end_date, {})", *definition.window_end) : "f.end_date";
  statement.add_as("cohort",
                   fmt::format("SELECT CAST(f.person_id AS BIGINT) AS subject_id, {} AS cohort_start_date, {} "
                               "AS cohort_end_date FROM cohort_eras f WHERE {} <= {}",
                               start, end, start, end));
}

Query cohort_query(const Definition& definition, const Statement::TableName& table_name) {
  Statement statement(table_name);
  compile(definition, statement);
  return {statement.with("SELECT c.subject_id, c.cohort_start_date, c.cohort_end_date FROM cohort c ORDER BY "
                         "c.subject_id, c.cohort_start_date"),
          statement.tables()};
}

}  // namespace cohortium::cohort
