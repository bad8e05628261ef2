#include "study/site_table.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "harmonise/study_query.h"

namespace cohortium::study {

namespace {

// That a run fails over one person's value, or not, would tell of her: where noise protects people, numbers outside of their
// range are taken, and brought to its nearest end (clamp). Durations beyond their grid are refused as ever.
data::TableDeclaration as_read(const Study& study) {
  data::TableDeclaration declared = study.data;
  if (!study.privacy) return declared;
  for (data::ColumnDeclaration& column : declared.columns) {
    if (column.type != data::ColumnType::kNumber) continue;
    column.low = std::numeric_limits<double>::lowest();
    column.high = std::numeric_limits<double>::max();
  }
  return declared;
}

data::Table clamp(data::Table table, const Study& study) {
  if (!study.privacy) return table;
  for (data::Column& column : table.columns) {
    const auto declared = std::find_if(study.data.columns.begin(), study.data.columns.end(),
                                       [&](const auto& each) { return each.name == column.declaration.name; });
    column.declaration = *declared;
    for (double& value : column.number) value = std::clamp(value, declared->low, declared->high);
  }
  return table;
}

data::Table load_declared(data::Source& source, const Study& study, const data::TableDeclaration& declared,
                          SiteHarmonisation& site, const data::RowNaming& naming) {
  if (study.cohort == nullptr) {
    if (harmonise::needs_nothing(declared, study.harmonise, site.rules))
      return data::load_table(source, declared, {}, naming);
    const harmonise::StudyQuery query = harmonise::table_query(source, declared, study.harmonise, site.rules, naming);
    site.duplicates = query.duplicates;
    return data::load_query(source, query.sql, declared, {}, query.edit, naming);
  }
  if (source.dialect() != data::Dialect::kDuckDb && source.dialect() != data::Dialect::kPostgreSql)
    throw Failure({.code = "cohort.not_supported",
                   .message = "a cohort over a database that is neither DuckDB nor PostgreSQL is not supported",
                   .where = source.description(),
                   .remedy = "let the node read this database's tables as files, a DuckDB file or through PostgreSQL"});
  const harmonise::StudyQuery query =
      harmonise::cohort_query(source, declared, *study.cohort, study.harmonise, site.rules, naming);
  const std::vector<data::SourceTable> present = source.tables();
  for (const std::string& table : query.tables) {
    if (std::any_of(present.begin(), present.end(), [&](const auto& found) { return found.name == table; })) continue;
    throw Failure({.code = "cohort.missing_table",
                   .message = "the cohort and its features read the OMOP table " + table + ", which is not there",
                   .where = source.description() + " (" + table + ")",
                   .remedy = "add the table (it may be empty), or name the schema that has it"});
  }
  return data::load_query(source, query.sql, declared, {}, query.edit, naming);
}

}  // namespace

data::Table load_site_table(data::Source& source, const Study& study, SiteHarmonisation& site,
                            const data::RowNaming& naming) {
  return clamp(load_declared(source, study, as_read(study), site, naming), study);
}

data::Table load_site_table(const data::SourceConfig& config, const Study& study, SiteHarmonisation& site,
                            const data::RowNaming& naming) {
  const bool as_it_stands =
      study.cohort == nullptr && harmonise::needs_nothing(study.data, study.harmonise, site.rules);
  if (as_it_stands) return clamp(data::load_table(config, as_read(study), {}, naming), study);
  data::SourceConfig opened = config;
  if (study.cohort == nullptr) opened.tables = {study.data.table, "concept", "concept_relationship"};
  return load_site_table(*data::open_source(opened), study, site, naming);
}

}  // namespace cohortium::study
