// A cohort that is written as SQL: one SELECT over OMOP tables, checked before it may run at a site.
//
// DuckDB parses the text; every node of the tree must be on a short list: selections, joins, sub-queries, expressions of
// listed functions, tables of the OMOP model. The text itself may only hold what both databases read alike: no comment,
// no semicolon, no quoted name, no escape, no dollar. So the tree that was checked is the tree that runs, on PostgreSQL as
// well; a function that reads files, settings or other tables has no name here.
#pragma once

#include <set>
#include <string>

#include "cohort/statement.h"

namespace cohortium::cohort {

// Returns the OMOP tables it reads. Fails with cohort.bad_sql.
std::set<std::string> check_sql_cohort(const std::string& sql, const std::string& path);

// The checked text as a SELECT of subject_id, cohort_start_date and cohort_end_date over `statement`'s tables.
std::string sql_cohort_select(const std::string& sql, const std::set<std::string>& tables, Statement& statement);

}  // namespace cohortium::cohort
