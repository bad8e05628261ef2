#include "cohort/time_at_risk.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cohort/compiler.h"

namespace cohortium::cohort {
namespace {

// Each entry's time, as far as the first outcome: person_id, start_date, end_date, both days included.
std::string spans(const TimeAtRisk& at_risk, bool outcome) {
  const std::string first = at_risk.during ? "e.start_date" : fmt::format("e.start_date + ({})", at_risk.from);
  std::string last = at_risk.during ? "e.end_date" : "e.op_end_date";
  if (at_risk.to) last = fmt::format("least({}, e.start_date + ({}))", last, *at_risk.to);
  if (!outcome)
    return fmt::format("SELECT e.person_id, {0} AS start_date, {1} AS end_date FROM entries e WHERE {0} <= {1}", first,
                       last);
  return fmt::format(
      "SELECT e.person_id, {0} AS start_date, CASE WHEN o.day < {1} THEN o.day ELSE {1} END AS end_date FROM entries e "
      "LEFT JOIN first_outcomes o ON o.person_id = e.person_id WHERE {0} <= {1} AND (o.day IS NULL OR o.day >= {0})",
      first, last);
}

std::string years_of(const TimeAtRisk& at_risk) {
  std::vector<std::string> rows;
  for (std::int64_t year = *at_risk.first_year; year <= *at_risk.last_year; ++year)
    rows.push_back(fmt::format("({0}, DATE '{0}-01-01', DATE '{0}-12-31')", year));
  return fmt::format("JOIN (VALUES {}) AS y (year, begins, ends) ON y.begins <= s.end_date AND y.ends >= s.start_date",
                     fmt::join(rows, ", "));
}

std::string bands_of(const TimeAtRisk& at_risk, Statement& statement) {
  constexpr std::int64_t never = 1000;  // years
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < at_risk.ages.size(); ++i)
    rows.push_back(fmt::format("({}, {})", at_risk.ages[i], i + 1 < at_risk.ages.size() ? at_risk.ages[i + 1] : never));
  const std::string bands =
      statement.add("bands", fmt::format("SELECT p.person_id, a.low, {} AS begins, {} - 1 AS ends FROM {} p CROSS JOIN "
                                         "(VALUES {}) AS a (low, high) WHERE p.person_id IN (SELECT s.person_id FROM "
                                         "risk_spans s)",
                                         birthday("p", "a.low"), birthday("p", "a.high"), statement.table("person"),
                                         fmt::join(rows, ", ")));
  return fmt::format("JOIN {} b ON b.person_id = s.person_id AND b.begins <= s.end_date AND b.ends >= s.start_date",
                     bands);
}

}  // namespace

std::string birthday(const std::string& person, const std::string& years) {
  const auto part = [&](const char* column, int most) {
    return fmt::format("CASE WHEN CAST({0}.{1} AS INTEGER) BETWEEN 1 AND {2} THEN CAST({0}.{1} AS INTEGER) ELSE 1 END",
                       person, column, most);
  };
  return fmt::format(
      "CAST(make_date(CAST({}.year_of_birth AS INTEGER), {}, 1) + ({} - 1) + {} * INTERVAL '1 year' AS DATE)", person,
      part("month_of_birth", 12), part("day_of_birth", 31), years);
}

std::string time_at_risk(const TimeAtRisk& at_risk, CriteriaSql& criteria, Statement& statement) {
  const bool outcome = at_risk.outcome.has_value();
  if (outcome)
    statement.add_as("first_outcomes",
                     fmt::format("SELECT a.person_id, min(a.start_date) AS day FROM {} a GROUP BY a.person_id",
                                 criteria.events(*at_risk.outcome)));
  const std::string each = statement.add("entry_spans", spans(at_risk, outcome));
  statement.add_as("risk_spans", eras(each, 0));
  std::string begins = "s.start_date", ends = "s.end_date", joins, groups;
  if (at_risk.first_year) {
    joins += "\n" + years_of(at_risk);
    begins += ", y.begins", ends += ", y.ends", groups += ", y.year";
  }
  if (!at_risk.ages.empty()) {
    joins += "\n" + bands_of(at_risk, statement);
    begins += ", b.begins", ends += ", b.ends", groups += ", b.low";
  }
  const std::string pieces = statement.add(
      "pieces",
      fmt::format("SELECT s.person_id, greatest({}) AS start_date, least({}) AS end_date{} FROM risk_spans s{}", begins,
                  ends, groups, joins));
  std::string by;
  if (at_risk.first_year) by += ", k.year";
  if (!at_risk.ages.empty()) by += ", k.low";
  return fmt::format(
      "SELECT k.person_id, min(k.start_date) AS start_date, max(k.end_date) AS end_date, CAST(sum(k.end_date - "
      "k.start_date + 1) AS BIGINT) AS days_at_risk, {} AS outcome FROM {} k{} WHERE k.start_date <= k.end_date GROUP "
      "BY k.person_id{}",
      outcome ? "max(CASE WHEN o.day = k.end_date THEN 1 ELSE 0 END)" : "0", pieces,
      outcome ? " LEFT JOIN first_outcomes o ON o.person_id = k.person_id" : "", by);
}

}  // namespace cohortium::cohort
