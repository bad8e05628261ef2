// The domains of OMOP events that a definition may ask for: their tables, and the fields that restrict them.
//
// SQL here is over the aliases c (the domain's row), p (its person), v (its visit), pr (its provider), cs (care site).
#pragma once

#include <span>
#include <string_view>

namespace cohortium::cohort {

enum class FieldKind {
  kDate,      // a date range
  kNumber,    // a numeric range
  kConcepts,  // a list of concepts, or a concept set when the name has "CS" appended
  kText,      // a text filter
  kFlag       // a condition that holds when true is asked for
};

enum class Join { kNone, kPerson, kVisit, kProvider, kCareSite };

struct Field {
  std::string_view name;  // as in the JSON
  FieldKind kind;
  std::string_view sql;
  Join join = Join::kNone;
};

struct Domain {
  std::string_view name;   // as in the JSON
  std::string_view table;  //
  std::string_view id;     // its key
  std::string_view concept_column;
  std::string_view source_field, source_column;  // "ConditionSourceConcept"; empty: has none
  std::string_view start, end;                   // expressions of type DATE
  bool has_visit;                                // whether rows name a visit
  std::span<const Field> fields;
};

// nullptr when there is none.
const Domain* find_domain(std::string_view name);
// Those of DemographicCriteria; over p and e (the index event).
std::span<const Field> demographic_fields();

}  // namespace cohortium::cohort
