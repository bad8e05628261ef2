// A cohort definition as one read-only SELECT for DuckDB and PostgreSQL.
//
// The semantics are those of Circe (docs/cohorts.md says where we know better): entry events within an observation
// period, additional criteria, inclusion rules, limits, exits, censoring, eras.
#pragma once

#include "cohort/criteria_sql.h"
#include "cohort/definition.h"
#include "cohort/statement.h"

namespace cohortium::cohort {

// Adds what the definition asks for to `statement`. Afterwards these expressions are there:
//   entry_events, marked_events (the qualified): person_id, event_id, start_date, …; rule_0, …: 1 where it holds
//   cohort         subject_id, cohort_start_date, cohort_end_date
void compile(const Definition& definition, Statement& statement);

// What runs at a site, and which tables it reads.
struct Query {
  std::string sql;
  std::set<std::string> tables;
};

// subject_id, cohort_start_date, cohort_end_date, ordered.
Query cohort_query(const Definition& definition, const Statement::TableName& table_name);

// "SELECT person_id, start_date, end_date": intervals of `rows` joined where at most `gap` days lie between them.
std::string eras(const std::string& rows, std::int64_t gap);

}  // namespace cohortium::cohort
