// Criteria as SQL: events of a domain, events that match others in a window, groups of such conditions.
//
// Expressions of events have the columns person_id, row_id, start_date, end_date, concept_id and visit_occurrence_id;
// index events have event_id, op_start_date and op_end_date besides (the observation period that they lie in).
#pragma once

#include <map>

#include "cohort/definition.h"
#include "cohort/statement.h"

namespace cohortium::cohort {

class CriteriaSql {
 public:
  // Adds one expression per concept set that is used, when it is first used.
  CriteriaSql(Statement& statement, const std::vector<ConceptSet>& sets) : statement_(statement), sets_(sets) {}

  // The name of the expression that holds the events.
  std::string events(const Criteria& criteria);
  // Numbers the rows of `select` (person_id, row_id, start_date, …) that lie in an observation period.
  std::string index_events(const std::string& select, const std::string& condition);
  // A condition on rows `e` of the index events of this name.
  std::string condition(const Group& group, const std::string& index_events);
  // "(SELECT concept_id FROM …)"
  std::string concepts_of(std::int64_t set);

 private:
  std::string condition(const Test& test);
  std::string matching(const CorrelatedCriteria& correlated, const std::string& index_events);
  std::string matching(const Demographic& demographic, const std::string& index_events);

  Statement& statement_;
  const std::vector<ConceptSet>& sets_;
  std::map<std::int64_t, std::string> printed_;  // concept sets
};

}  // namespace cohortium::cohort
