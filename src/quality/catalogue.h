// The checks that a source calls for.
//
// What is checked follows from the source's tables and the consortium's rules, never from a study's filter: otherwise
// whether a site refuses could be made to depend on single people.
#pragma once

#include <string>
#include <vector>

#include "data/source.h"
#include "quality/check.h"

namespace cohortium::quality {

// A column that a study declares over a table of any kind, with the codes that mean "no value".
struct DeclaredColumn {
  std::string name;
  std::vector<std::string> missing = {};
};

// Whether the source has the common data model at all: a table person.
bool is_cdm(data::Source& source);

// All checks of the common data model for these of its tables; empty: for all of them. `today` as 2026-11-20.
std::vector<Check> cdm_checks(data::Source& source, const Rules& rules, const std::string& today,
                              const std::vector<std::string>& tables = {});

// Whether these columns of a table of any kind have values; a check fails by no fewer than `fewest` rows. A column that
// the table lacks is no check's business: loading the table says so.
std::vector<Check> filled_checks(data::Source& source, const std::string& table,
                                 const std::vector<DeclaredColumn>& columns, std::int64_t fewest);
// The same for all columns of all tables that are none of the common data model's.
std::vector<Check> other_table_checks(data::Source& source, std::int64_t fewest);

}  // namespace cohortium::quality
