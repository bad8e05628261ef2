#include "harmonise/mapped_codes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "data/duckdb.h"
#include "harmonise/site_map.h"

namespace cohortium::harmonise {
namespace {

constexpr std::size_t most_codes = 200'000;  // that go into a statement

// (code, concept_id) of the site's map, or of none.
std::string map_sql(const SiteRules& rules) {
  std::vector<std::string> rows;
  const SiteMap map = rules.map.empty() ? SiteMap() : read_site_map(rules.map);
  for (const auto& [code, targets] : map)
    for (const std::int64_t target : targets) rows.push_back(fmt::format("({}, {})", data::sql_text(code), target));
  if (rows.size() > most_codes)
    throw Failure({.code = "harmonise.bad_map",
                   .message = fmt::format("the map has more than {} codes", most_codes),
                   .where = rules.map.filename().string(),
                   .remedy = "leave out what does not occur in the site's tables"});
  if (rows.empty()) return "SELECT CAST(NULL AS VARCHAR) AS code, CAST(NULL AS BIGINT) AS concept_id WHERE 1 = 0";
  return fmt::format(
      "SELECT CAST(v.code AS VARCHAR) AS code, CAST(v.concept_id AS BIGINT) AS concept_id FROM (VALUES {}) AS v (code, "
      "concept_id)",
      fmt::join(rows, ", "));
}

// "condition_concept_id" to "condition_source_value".
std::string beside(std::string_view concept_column, std::string_view ending) {
  constexpr std::string_view concept_ending = "concept_id";
  return std::string(concept_column.substr(0, concept_column.size() - concept_ending.size())) + std::string(ending);
}

}  // namespace

MappedCodes::MappedCodes(data::Source& source, const SiteRules& rules)
    : source_(source),
      model_(source),
      vocabulary_(rules.vocabulary && model_.has("concept") && model_.has("concept_relationship")),
      expressions_(fmt::format("site_map AS MATERIALIZED (\n{}\n)", map_sql(rules))) {}

std::string MappedCodes::vocabulary_rows(const std::string& codes) const {
  const auto k = [&](std::string_view column) { return "k." + model_.sql("concept", column); };
  const auto c = [&](std::string_view column) { return "c." + model_.sql("concept", column); };
  const auto r = [&](std::string_view column) { return "r." + model_.sql("concept_relationship", column); };
  // A code's concept s.k to what it maps to.
  const std::string maps_to = fmt::format(
      "JOIN {} r ON {} = s.k JOIN {} c ON {} = {} WHERE CAST({} AS VARCHAR) = 'Maps to' AND "
      "coalesce(CAST({} AS VARCHAR), '') = '' AND CAST({} AS VARCHAR) = 'S' AND NOT EXISTS (SELECT 1 FROM site_map m "
      "WHERE m.code = s.code)",
      model_.sql("concept_relationship"), r("concept_id_1"), model_.sql("concept"), c("concept_id"), r("concept_id_2"),
      r("relationship_id"), r("invalid_reason"), c("standard_concept"));
  const std::string select =
      fmt::format("SELECT s.code, s.source_concept, CAST({} AS BIGINT) AS concept_id", c("concept_id"));
  return fmt::format(
      "\nUNION\n{0} FROM (SELECT o.*, o.source_concept AS k FROM {1} o WHERE o.source_concept <> 0) s {2}"
      "\nUNION\n{0} FROM (SELECT o.*, u.k FROM {1} o JOIN (SELECT CAST({3} AS VARCHAR) AS code, min({4}) AS k FROM {5} "
      "k WHERE CAST({3} AS VARCHAR) IN (SELECT w.code FROM {1} w WHERE w.source_concept = 0) GROUP BY 1 HAVING "
      "count(*) = 1) u ON u.code = o.code WHERE o.source_concept = 0 AND o.code <> '') s {2}",
      select, codes, maps_to, k("concept_code"), k("concept_id"), model_.sql("concept"));
}

std::string MappedCodes::add(const std::string& from, const std::string& code, const std::string& source_concept,
                             const std::string& wanted) {
  const std::string codes = fmt::format("site_codes_{}", count_), mapped = fmt::format("mapped_codes_{}", count_);
  ++count_;
  expressions_ +=
      fmt::format(",\n{} AS MATERIALIZED (\nSELECT DISTINCT {} AS code, {} AS source_concept FROM {} t WHERE {}\n)",
                  codes, code, source_concept, from, wanted);
  expressions_ += fmt::format(
      ",\n{} AS MATERIALIZED (\nSELECT s.code, s.source_concept, m.concept_id FROM {} s JOIN site_map m ON m.code = "
      "s.code{}\n)",
      mapped, codes, vocabulary_ ? vocabulary_rows(codes) : "");
  return mapped;
}

std::string MappedCodes::before(const std::string& select) const {
  if (count_ == 0) return select;
  constexpr std::string_view with = "WITH ";
  return select.starts_with(with) ? fmt::format("WITH {},\n{}", expressions_, select.substr(with.size()))
                                  : fmt::format("WITH {}\n{}", expressions_, select);
}

std::string MappedCodes::table(const std::string& name) {
  const std::string from = source_.table_name(name);
  const quality::CdmTable* cdm = quality::find_cdm_table(name);
  if (cdm == nullptr || cdm->concept_column.empty() || model_.column(name, cdm->concept_column) == nullptr) return from;
  const std::string value = beside(cdm->concept_column, "source_value"),
                    source_concept = beside(cdm->concept_column, "source_concept_id");
  if (model_.column(name, value) == nullptr) return from;
  const auto t = [&](const std::string& column) { return "t." + model_.sql(name, column); };
  const std::string code = fmt::format("coalesce(CAST({} AS VARCHAR), '')", t(value));
  const std::string own = model_.column(name, source_concept) == nullptr
                              ? "CAST(0 AS BIGINT)"
                              : fmt::format("coalesce(CAST({} AS BIGINT), 0)", t(source_concept));
  const std::string concept_id = t(std::string(cdm->concept_column));
  const std::string unmapped = fmt::format("coalesce({}, 0) = 0", concept_id);
  const std::string codes = add(from, code, own, unmapped);
  std::vector<std::string> columns;
  for (const data::SourceColumn& column : model_.tables().at(name).columns) {
    const std::string quoted = source_.quoted(column.name);
    columns.push_back("t." + quoted == concept_id ? fmt::format("CASE WHEN {} THEN coalesce(m.concept_id, 0) ELSE "
                                                                "CAST({} AS BIGINT) END AS {}",
                                                                unmapped, concept_id, quoted)
                                                  : "t." + quoted);
  }
  return fmt::format("(SELECT {} FROM {} t LEFT JOIN {} m ON {} AND m.code = {} AND m.source_concept = {})",
                     fmt::join(columns, ", "), from, codes, unmapped, code, own);
}

cohort::Query mapped_query(data::Source& source, const SiteRules& rules, const cohort::CohortTable& table,
                           bool with_person) {
  if (!rules.maps_codes())
    return cohort::feature_query(
        table, [&](const std::string& n) { return source.table_name(n); }, with_person);
  MappedCodes codes(source, rules);
  std::map<std::string, std::string> printed;  // each table once, however often it is read
  const auto name = [&](const std::string& wanted) {
    const auto [entry, is_new] = printed.try_emplace(wanted);
    if (is_new) entry->second = codes.table(wanted);
    return entry->second;
  };
  cohort::Query query = cohort::feature_query(table, name, with_person);
  query.sql = codes.before(query.sql);
  return query;
}

}  // namespace cohortium::harmonise
