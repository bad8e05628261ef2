// One thing that is wrong with a source if it happens too often: what is counted, and how often it may happen.
//
// A check is named TABLE.COLUMN.KIND ("measurement.unit_concept_id.unit"), or TABLE.KIND where it looks at no single
// column. A consortium sets thresholds by the whole name or by the kind. The kinds follow OHDSI's DataQualityDashboard
// under shorter names; docs/quality.md has the list.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quality/rules.h"

namespace cohortium::quality {

enum class Category { kCompleteness, kConformance, kPlausibility };
const char* name_of(Category category);  // "completeness", "conformance", "plausibility"

// What all checks of a kind have in common.
struct Kind {
  std::string_view name;
  Category category;
  double threshold;  // share of the rows looked at that may violate, unless the consortium says otherwise
  std::string_view remedy;
};
std::span<const Kind> kinds();
const Kind* find_kind(std::string_view name);  // null when there is none

// How rows are counted: two aggregates, each a whole number, over what stands behind FROM. Written in the SQL that DuckDB
// and PostgreSQL share, of the source's own names (quoted) and our own text.
struct Count {
  std::string from;
  std::string looked;    // rows looked at
  std::string violated;  // of these, the rows that violate
};

struct Check {
  std::string id;
  const Kind* kind = nullptr;
  std::string table, column;  // as the common data model names them
  std::string meaning;        // of a row that violates: "the end lies before the start"
  Count count = {};           // nothing: it is not run, or the catalogue alone has decided
  std::string not_run = {};   // why it cannot be counted: "the source has no column unit_concept_id"
  bool violated = false;      // decided without counting: the table or column is not there
  std::int64_t fewest = 1;    // violating rows below which it does not fail: few people must not decide
};

// The check's own, else that of its kind, else the default.
double threshold_of(const Thresholds& thresholds, const Check& check);

}  // namespace cohortium::quality
