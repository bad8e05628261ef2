#include "study/site_table.h"

#include <algorithm>

#include "base/error.h"
#include "harmonise/study_query.h"

namespace cohortium::study {

data::Table load_site_table(data::Source& source, const Study& study, SiteHarmonisation& site) {
  if (study.cohort == nullptr) {
    if (harmonise::needs_nothing(study.data, study.harmonise, site.rules)) return data::load_table(source, study.data);
    const harmonise::StudyQuery query = harmonise::table_query(source, study.data, study.harmonise, site.rules);
    site.duplicates = query.duplicates;
    return data::load_query(source, query.sql, study.data, {}, query.edit);
  }
  if (source.dialect() != data::Dialect::kDuckDb && source.dialect() != data::Dialect::kPostgreSql)
    throw Failure({.code = "cohort.not_supported",
                   .message = "a cohort over a database that is neither DuckDB nor PostgreSQL is not supported",
                   .where = source.description(),
                   .remedy = "let the node read this database's tables as files, a DuckDB file or through PostgreSQL"});
  const harmonise::StudyQuery query =
      harmonise::cohort_query(source, study.data, *study.cohort, study.harmonise, site.rules);
  const std::vector<data::SourceTable> present = source.tables();
  for (const std::string& table : query.tables) {
    if (std::any_of(present.begin(), present.end(), [&](const auto& found) { return found.name == table; })) continue;
    throw Failure({.code = "cohort.missing_table",
                   .message = "the cohort and its features read the OMOP table " + table + ", which is not there",
                   .where = source.description() + " (" + table + ")",
                   .remedy = "add the table (it may be empty), or name the schema that has it"});
  }
  return data::load_query(source, query.sql, study.data, {}, query.edit);
}

data::Table load_site_table(const data::SourceConfig& config, const Study& study, SiteHarmonisation& site) {
  const bool as_it_stands =
      study.cohort == nullptr && harmonise::needs_nothing(study.data, study.harmonise, site.rules);
  if (as_it_stands) return data::load_table(config, study.data);
  data::SourceConfig opened = config;
  if (study.cohort == nullptr) opened.tables = {study.data.table, "concept", "concept_relationship"};
  return load_site_table(*data::open_source(opened), study, site);
}

}  // namespace cohortium::study
