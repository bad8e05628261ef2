// A study's rows as one SELECT for the site's own engine, with what is to be done to each row as it comes out.
//
// Codes are mapped and duplicates left out by the engine; units and dates are converted as rows are read. Nothing of the
// site's database is changed.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "cohort/features.h"
#include "data/row_names.h"
#include "data/source_table.h"
#include "harmonise/rules.h"

namespace cohortium::harmonise {

struct StudyQuery {
  std::string sql;
  data::EditRow edit;                 // may be empty; is not told of what names a row, which is the last field
  std::set<std::string> tables = {};  // that it reads
  std::int64_t duplicates = 0;        // rows left out, for the site's own people
};

// Whether the table can be read as it stands: neither study nor site says anything of it.
bool needs_nothing(const data::TableDeclaration& table, const StudyRules& study, const SiteRules& site);

// The declared columns of a table. Fails with data.missing_table, data.unknown_column, data.source_failed,
// harmonise.conflicting_duplicates, harmonise.bad_map, and as convert_rows() does.
StudyQuery table_query(data::Source& source, const data::TableDeclaration& table, const StudyRules& study,
                       const SiteRules& site, const data::RowNaming& naming = {});

// The features of a cohort, whose rows are named by the person. Fails with data.source_failed, harmonise.bad_map, and as convert_rows() does.
StudyQuery cohort_query(data::Source& source, const data::TableDeclaration& columns, const cohort::CohortTable& cohort,
                        const StudyRules& study, const SiteRules& site, const data::RowNaming& naming = {});

}  // namespace cohortium::harmonise
