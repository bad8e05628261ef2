#include "cohort/criteria_sql.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/error.h"

namespace cohortium::cohort {
namespace {

std::string integers(const std::vector<std::int64_t>& values) { return fmt::format("{}", fmt::join(values, ", ")); }

// The concepts of the items that are excluded, or of those that are not.
std::string items_sql(const ConceptSet& set, bool excluded, Statement& statement) {
  std::vector<std::int64_t> all, with_descendants, mapped, mapped_descendants;
  for (const ConceptSet::Item& item : set.items) {
    if (item.excluded != excluded) continue;
    all.push_back(item.concept_id);
    if (item.descendants) with_descendants.push_back(item.concept_id);
    if (item.mapped) mapped.push_back(item.concept_id);
    if (item.mapped && item.descendants) mapped_descendants.push_back(item.concept_id);
  }
  if (all.empty()) return "";
  const auto listed = [](const std::vector<std::int64_t>& ids) {
    return fmt::format("SELECT CAST(id AS BIGINT) AS concept_id FROM (VALUES ({})) AS listed (id)",
                       fmt::join(ids, "), ("));
  };
  const auto descendants = [&](const std::vector<std::int64_t>& ids) {
    return fmt::format(
        "SELECT CAST(a.descendant_concept_id AS BIGINT) AS concept_id FROM {} a WHERE a.ancestor_concept_id IN ({})",
        statement.table("concept_ancestor"), integers(ids));
  };
  std::vector<std::string> parts = {listed(all)};
  if (!with_descendants.empty()) parts.push_back(descendants(with_descendants));
  if (!mapped.empty()) {
    std::string standard = listed(mapped);
    if (!mapped_descendants.empty()) standard += " UNION ALL " + descendants(mapped_descendants);
    parts.push_back(fmt::format(
        "SELECT CAST(r.concept_id_1 AS BIGINT) AS concept_id FROM {} r WHERE r.relationship_id = 'Maps to' AND "
        "(r.invalid_reason IS NULL OR CAST(r.invalid_reason AS VARCHAR) = '') AND r.concept_id_2 IN (SELECT "
        "m.concept_id FROM ({}) m)",
        statement.table("concept_relationship"), standard));
  }
  return fmt::format("{}", fmt::join(parts, "\nUNION ALL "));
}

std::string in_range(std::string_view value, const Range& range) {
  if (!range.op.empty()) return fmt::format("{} {} {}", value, range.op, range.low);
  return fmt::format("{}({} >= {} AND {} <= {})", range.negated ? "NOT " : "", value, range.low, value, range.high);
}

std::string text_condition(const Test& test) {
  const std::string column = fmt::format("CAST({} AS VARCHAR)", test.field->sql);
  const char* negation = test.excluded ? "NOT " : "";
  switch (test.match) {
    case Test::Match::kIs:
      return fmt::format("{}({} = {})", negation, column, test.text);
    case Test::Match::kStarts:
      return fmt::format("{}(left({}, {}) = {})", negation, column, test.characters, test.text);
    case Test::Match::kEnds:
      return fmt::format("{}(right({}, {}) = {})", negation, column, test.characters, test.text);
    case Test::Match::kContains:
      break;
  }
  return fmt::format("{}(position({} IN {}) > 0)", negation, test.text, column);
}

// What the conditions look up beside the domain's own row.
std::string joins(const Criteria& criteria, Statement& statement) {
  std::set<Join> wanted;
  for (const Test& test : criteria.tests) wanted.insert(test.field->join);
  std::string sql;
  if (wanted.contains(Join::kPerson))
    sql += fmt::format("\nJOIN {} p ON p.person_id = c.person_id", statement.table("person"));
  if (wanted.contains(Join::kVisit))
    sql += fmt::format("\nJOIN {} v ON v.visit_occurrence_id = c.visit_occurrence_id AND v.person_id = c.person_id",
                       statement.table("visit_occurrence"));
  if (wanted.contains(Join::kProvider))
    sql += fmt::format("\nJOIN {} pr ON pr.provider_id = c.provider_id", statement.table("provider"));
  if (wanted.contains(Join::kCareSite))
    sql += fmt::format("\nJOIN {} cs ON cs.care_site_id = c.care_site_id", statement.table("care_site"));
  return sql;
}

std::string plus_days(std::string_view date, std::int64_t days) { return fmt::format("({} + ({}))", date, days); }

// The bounds of a window, as conditions on rows e (index) and a (event).
void add_window(const Window& window, bool within_period, std::vector<std::string>& conditions) {
  const std::string index = window.from_index_end ? "e.end_date" : "e.start_date";
  const std::string event = window.of_event_end ? "a.end_date" : "a.start_date";
  const auto add = [&](const WindowEnd& end, const char* comparison) {
    if (end.days) {
      conditions.push_back(fmt::format("{} {} {}", event, comparison, plus_days(index, *end.days)));
    } else if (within_period) {
      conditions.push_back(
          fmt::format("{} {} {}", event, comparison, end.before ? "e.op_start_date" : "e.op_end_date"));
    }
  };
  add(window.start, ">=");
  add(window.end, "<=");
}

std::string all_of(const std::vector<std::string>& conditions) {
  return conditions.empty() ? "true" : fmt::format("{}", fmt::join(conditions, " AND "));
}

}  // namespace

std::string CriteriaSql::concepts_of(std::int64_t id) {
  std::string& name = printed_[id];
  if (name.empty()) {
    const auto set =
        std::find_if(sets_.begin(), sets_.end(), [&](const ConceptSet& candidate) { return candidate.id == id; });
    COHORTIUM_CHECK(set != sets_.end());
    const std::string included = items_sql(*set, false, statement_), excluded = items_sql(*set, true, statement_);
    std::string select = included.empty() ? "SELECT CAST(0 AS BIGINT) AS concept_id WHERE false"
                                          : fmt::format("SELECT DISTINCT i.concept_id FROM (\n{}\n) i", included);
    if (!excluded.empty() && !included.empty())
      select += fmt::format("\nWHERE i.concept_id NOT IN (SELECT x.concept_id FROM (\n{}\n) x)", excluded);
    name = statement_.add("concepts", select);
  }
  return fmt::format("(SELECT s.concept_id FROM {} s)", name);
}

std::string CriteriaSql::condition(const Test& test) {
  switch (test.field->kind) {
    case FieldKind::kDate:
    case FieldKind::kNumber:
      return in_range(test.field->sql, test.range);
    case FieldKind::kConcepts:
      return fmt::format("{} {}IN {}", test.field->sql, test.excluded ? "NOT " : "",
                         test.concept_set ? concepts_of(*test.concept_set) : "(" + integers(test.concepts) + ")");
    case FieldKind::kText:
      return text_condition(test);
    case FieldKind::kFlag:
      break;
  }
  return std::string(test.field->sql);
}

std::string CriteriaSql::events(const Criteria& criteria) {
  const Domain& domain = *criteria.domain;
  std::vector<std::string> of_concepts, conditions;
  if (criteria.concept_set)
    of_concepts.push_back(fmt::format("c.{} IN {}", domain.concept_column, concepts_of(*criteria.concept_set)));
  if (criteria.source_concept_set)
    of_concepts.push_back(fmt::format("c.{} IN {}", domain.source_column, concepts_of(*criteria.source_concept_set)));
  std::string rows = statement_.table(domain.table);
  if (criteria.first) {
    // The first among those of the concepts, before anything else restricts them.
    rows = fmt::format(
        "(SELECT c.*, row_number() OVER (PARTITION BY c.person_id ORDER BY {}, c.{}) AS ordinal_of_event\nFROM {} c "
        "WHERE {})",
        domain.start, domain.id, rows, all_of(of_concepts));
    conditions.emplace_back("c.ordinal_of_event = 1");
  } else {
    conditions = of_concepts;
  }
  for (const Test& test : criteria.tests) conditions.push_back(condition(test));
  for (const auto& day : {criteria.period_start, criteria.period_end})
    if (day) conditions.push_back(fmt::format("{} BETWEEN {} AND {}", *day, domain.start, domain.end));
  std::string start(domain.start), end(domain.end);
  if (const auto& adjustment = criteria.adjustment) {
    start = plus_days(adjustment->start_from_end ? domain.end : domain.start, adjustment->start_offset);
    end = plus_days(adjustment->end_from_end ? domain.end : domain.start, adjustment->end_offset);
  }
  if (criteria.period_start) start = *criteria.period_start;
  if (criteria.period_end) end = *criteria.period_end;
  const std::string visit = domain.has_visit ? "CAST(c.visit_occurrence_id AS BIGINT)" : "CAST(NULL AS BIGINT)";
  const std::string select = fmt::format(
      "SELECT c.person_id, CAST(c.{} AS BIGINT) AS row_id, {} AS start_date, {} AS end_date, c.{} AS concept_id, {} AS "
      "visit_occurrence_id\nFROM {} c{}\nWHERE {}",
      domain.id, start, end, domain.concept_column, visit, rows, joins(criteria, statement_), all_of(conditions));
  if (criteria.correlated == nullptr) return statement_.add("events", select);
  const std::string index = index_events(select, "");
  const std::string restriction = condition(*criteria.correlated, index);
  return statement_.add("events", fmt::format("SELECT e.* FROM {} e WHERE {}", index, restriction));
}

std::string CriteriaSql::index_events(const std::string& select, const std::string& extra) {
  return statement_.add(
      "index_events",
      fmt::format("SELECT row_number() OVER (ORDER BY e.person_id, e.start_date, e.row_id, e.end_date, e.concept_id, "
                  "op.observation_period_start_date) AS event_id, e.*,\n"
                  "CAST(op.observation_period_start_date AS DATE) AS op_start_date, "
                  "CAST(op.observation_period_end_date AS DATE) AS op_end_date\n"
                  "FROM ({}) e\nJOIN {} op ON op.person_id = e.person_id "
                  "AND e.start_date >= CAST(op.observation_period_start_date AS DATE) "
                  "AND e.start_date <= CAST(op.observation_period_end_date AS DATE){}",
                  select, statement_.table("observation_period"), extra.empty() ? "" : " AND " + extra));
}

std::string CriteriaSql::matching(const CorrelatedCriteria& correlated, const std::string& index) {
  using Count = CorrelatedCriteria::Count;
  const std::int64_t count = correlated.count;
  if (correlated.type == Count::kAtLeast && count == 0) return "true";
  const std::string events_name = events(correlated.criteria);
  std::vector<std::string> conditions = {"a.person_id = e.person_id"};
  const bool within_period = !correlated.ignore_observation_period;
  if (within_period) {
    conditions.emplace_back("a.start_date >= e.op_start_date");
    conditions.emplace_back("a.start_date <= e.op_end_date");
  }
  add_window(correlated.start_window, within_period, conditions);
  if (correlated.end_window) add_window(*correlated.end_window, within_period, conditions);
  if (correlated.same_visit) conditions.emplace_back("a.visit_occurrence_id = e.visit_occurrence_id");
  // "At most n" is "not n + 1 or more", "exactly 0" is "not 1 or more": index events without a match count as well.
  const bool negated = correlated.type == Count::kAtMost || (correlated.type == Count::kExactly && count == 0);
  const std::string counted = correlated.distinct.empty() ? "*" : "DISTINCT a." + correlated.distinct;
  const std::string name = statement_.add(
      "matches", fmt::format("SELECT e.event_id FROM {} e JOIN {} a ON {}\nGROUP BY e.event_id HAVING count({}) {} {}",
                             index, events_name, all_of(conditions), counted,
                             correlated.type == Count::kExactly && !negated ? "=" : ">=", negated ? count + 1 : count));
  return fmt::format("e.event_id {}IN (SELECT m.event_id FROM {} m)", negated ? "NOT " : "", name);
}

std::string CriteriaSql::matching(const Demographic& demographic, const std::string& index) {
  std::vector<std::string> conditions;
  for (const Test& test : demographic.tests) conditions.push_back(condition(test));
  const std::string name = statement_.add(
      "matches", fmt::format("SELECT e.event_id FROM {} e JOIN {} p ON p.person_id = e.person_id WHERE {}", index,
                             statement_.table("person"), all_of(conditions)));
  return fmt::format("e.event_id IN (SELECT m.event_id FROM {} m)", name);
}

std::string CriteriaSql::condition(const Group& group, const std::string& index) {
  std::vector<std::string> parts;
  for (const CorrelatedCriteria& correlated : group.criteria) parts.push_back(matching(correlated, index));
  for (const Demographic& demographic : group.demographics) parts.push_back(matching(demographic, index));
  for (const Group& inner : group.groups) parts.push_back(condition(inner, index));
  if (parts.empty()) return "true";
  if (group.type == Group::Type::kAll) return fmt::format("({})", fmt::join(parts, " AND "));
  if (group.type == Group::Type::kAny) return fmt::format("({})", fmt::join(parts, " OR "));
  std::vector<std::string> flags;
  for (const std::string& part : parts) flags.push_back(fmt::format("CASE WHEN {} THEN 1 ELSE 0 END", part));
  return fmt::format("({} {} {})", fmt::join(flags, " + "),
                     group.type == Group::Type::kAtLeast ? ">=" : "<=", group.count);
}

}  // namespace cohortium::cohort
