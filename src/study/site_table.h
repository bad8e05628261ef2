// A site's rows as the study wants them: of a table, or of a cohort that the site's own database works out.
#pragma once

#include "data/source_table.h"
#include "study/study_file.h"

namespace cohortium::study {

// A site's own rules, and what came of them, for the site's own people.
struct SiteHarmonisation {
  harmonise::SiteRules rules = {};
  std::int64_t duplicates = 0;  // rows left out
};

// Rows of a cohort are named by the person, those of a table as `naming` says. Fails as data::load_table() does, with
// cohort.missing_table and harmonise.*.
data::Table load_site_table(data::Source& source, const Study& study, SiteHarmonisation& site,
                            const data::RowNaming& naming = {});
data::Table load_site_table(const data::SourceConfig& config, const Study& study, SiteHarmonisation& site,
                            const data::RowNaming& naming = {});

}  // namespace cohortium::study
