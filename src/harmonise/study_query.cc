#include "harmonise/study_query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "data/records.h"
#include "harmonise/mapped_codes.h"
#include "harmonise/row_conversion.h"

namespace cohortium::harmonise {
namespace {

class TableQuery {
 public:
  TableQuery(data::Source& source, const data::TableDeclaration& table, const StudyRules& study, const SiteRules& site,
             const data::RowNaming& naming)
      : source_(source),
        table_(table),
        study_(study),
        site_(site),
        naming_(naming),
        from_(source.table_name(table.table)) {}

  StudyQuery make() {
    check_columns();
    for (const data::ColumnDeclaration& column : table_.columns) add_column(column);
    for (FieldConversion& each : conversions_) {
      const ColumnRules* rules = study_.find(each.declaration.name);
      if (each.of_days) {
        each.from = field(rules->days_from);
        each.until = field(rules->days_until);
      } else if (rules != nullptr && !rules->unit_column.empty()) {
        each.unit_field = field(rules->unit_column);
      }
    }
    StudyQuery query{.sql = {}, .edit = convert_rows(table_.table, conversions_), .tables = {table_.table}};
    query.sql = study_.same_row.empty() ? select(from_ + " t", "") : without_duplicates(query.duplicates);
    if (codes_) query.sql = codes_->before(query.sql);
    return query;
  }

 private:
  // Every column that is read must be there, those that the study names beside the declared ones, too.
  void check_columns() {
    std::vector<std::string> names;
    bool found = false;
    for (const data::SourceTable& table : source_.tables()) {
      if (table.name != table_.table) continue;
      found = true;
      for (const data::SourceColumn& column : table.columns) names.push_back(column.name);
    }
    if (!found)
      throw Failure(
          {.code = "data.missing_table",
           .message = "there is no table " + table_.table + " that can be read",
           .where = table_.table,
           .remedy = "correct \"schema\" in the node's configuration, grant SELECT on it, or make the table"});
    data::TableDeclaration read{.table = table_.table};
    const auto add = [&](const std::string& name) {
      const bool known = std::any_of(read.columns.begin(), read.columns.end(),
                                     [&](const data::ColumnDeclaration& column) { return column.name == name; });
      if (!name.empty() && !known) read.columns.push_back({.name = name});
    };
    for (const data::ColumnDeclaration& column : table_.columns) {
      const ColumnRules* rules = study_.find(column.name);
      const bool days = rules != nullptr && !rules->days_from.empty();
      if (!days) add(column.name);
      if (rules == nullptr) continue;
      for (const std::string& name : {rules->unit_column, rules->days_from, rules->days_until}) add(name);
    }
    for (const std::string& name : study_.same_row) add(name);
    add(study_.latest);
    static_cast<void>(data::column_positions(read, names, table_.table));
  }

  void add_column(const data::ColumnDeclaration& column) {
    const ColumnRules* rules = study_.find(column.name);
    const SiteColumn* here = site_.find(table_.table, column.name);
    FieldConversion conversion{.column = values_.size(), .declaration = column};
    if (rules != nullptr && !rules->days_from.empty()) {
      conversion.of_days = true;
      conversion.from_format = format_of(rules->days_from);
      conversion.until_format = format_of(rules->days_until);
      conversions_.push_back(conversion);
      values_.emplace_back("NULL");
      return;
    }
    const bool in_rows = rules != nullptr && !rules->unit_column.empty();
    if (in_rows || (here != nullptr && !here->unit.empty())) {
      conversion.of_unit = true;
      if (!in_rows) conversion.unit = here->unit;
      conversion.molar_mass = rules == nullptr ? std::nullopt : rules->molar_mass;
      conversions_.push_back(conversion);
    }
    const bool mapped = rules != nullptr && rules->concepts && site_.maps_codes();
    values_.push_back(mapped ? concept_of(column.name) : "t." + source_.quoted(column.name));
  }

  std::string format_of(const std::string& column) const {
    const SiteColumn* here = site_.find(table_.table, column);
    return here == nullptr ? "" : here->date_format;
  }

  // The concept of a code, 0 where it has none; of several the smallest, for a row stays one row.
  std::string concept_of(const std::string& column) {
    if (!codes_) codes_.emplace(source_, site_);
    const std::string code = fmt::format("CAST(t.{} AS VARCHAR)", source_.quoted(column));
    const std::string codes = codes_->add(from_, code, "CAST(0 AS BIGINT)", fmt::format("{} IS NOT NULL", code));
    const std::string alias = fmt::format("m{}", values_.size());
    joins_ += fmt::format(
        " LEFT JOIN (SELECT c.code, min(c.concept_id) AS concept_id FROM {} c GROUP BY c.code) {} ON {}.code = {}",
        codes, alias, alias, code);
    return fmt::format("CASE WHEN {0} IS NULL OR {0} = '' THEN NULL ELSE coalesce({1}.concept_id, 0) END", code, alias);
  }

  // The place of a column that is read for the sake of others, behind the declared ones.
  std::size_t field(const std::string& column) {
    const auto found = std::find(extra_.begin(), extra_.end(), column);
    const auto index = static_cast<std::size_t>(found - extra_.begin());
    if (found == extra_.end()) extra_.push_back(column);
    return values_.size() + index;
  }

  std::vector<std::string> fields() const {
    std::vector<std::string> all = values_;
    for (const std::string& column : extra_) all.push_back("t." + source_.quoted(column));
    if (naming_.wanted()) all.push_back(data::row_text_sql(source_, table_.table, naming_, "t."));
    return all;
  }

  std::string select(const std::string& from, const std::string& condition) const {
    return fmt::format("SELECT {} FROM {}{}", fmt::join(fields(), ", "), from + joins_, condition);
  }

  std::string without_duplicates(std::int64_t& removed) {
    std::vector<std::string> keys, read;
    for (const std::string& column : study_.same_row) keys.push_back("t." + source_.quoted(column));
    for (const data::ColumnDeclaration& column : table_.columns) {
      const ColumnRules* rules = study_.find(column.name);
      if (rules == nullptr || rules->days_from.empty()) read.push_back("t." + source_.quoted(column.name));
    }
    for (const std::string& column : extra_) read.push_back("t." + source_.quoted(column));
    std::string known;  // a row that lacks a part of its name is the same as no other
    for (const std::string& key : keys)
      known += fmt::format("{}coalesce(CAST({} AS VARCHAR), '') <> ''", known.empty() ? "" : " AND ", key);
    if (study_.latest.empty()) refuse_conflicts(keys, read, known);
    std::vector<std::string> order = read;
    if (!study_.latest.empty()) {
      const std::string latest = "t." + source_.quoted(study_.latest);
      order.insert(order.begin(), {fmt::format("CASE WHEN {} IS NULL THEN 1 ELSE 0 END", latest), latest + " DESC"});
    }
    const std::string numbered =
        fmt::format("(SELECT t.*, row_number() OVER (PARTITION BY {} ORDER BY {}) AS place_among_the_same FROM {} t)",
                    fmt::join(keys, ", "), fmt::join(order, ", "), from_);
    const std::string kept = fmt::format(" WHERE t.place_among_the_same = 1 OR NOT ({})", known);
    removed = data::query_integer(source_, fmt::format("SELECT count(*) FROM {} t", from_)) -
              data::query_integer(source_, fmt::format("SELECT count(*) FROM {} t{}", numbered, kept));
    return select(numbered + " t", kept);
  }

  void refuse_conflicts(const std::vector<std::string>& keys, const std::vector<std::string>& read,
                        const std::string& known) {
    std::string differ;
    for (const std::string& column : read)
      differ += fmt::format("{0}min({1}) <> max({1}) OR count({1}) NOT IN (0, count(*))", differ.empty() ? "" : " OR ",
                            column);
    const std::int64_t conflicts = data::query_integer(
        source_, fmt::format("SELECT count(*) FROM (SELECT 1 AS one FROM {} t WHERE {} GROUP BY {} HAVING {}) c", from_,
                             known, fmt::join(keys, ", "), differ));
    if (conflicts == 0) return;
    throw Failure({.code = "harmonise.conflicting_duplicates",
                   .message = fmt::format("{} groups of rows are the same by {} and differ in what is read", conflicts,
                                          fmt::join(study_.same_row, ", ")),
                   .where = fmt::format("{} ({})", table_.table, study_.same_row.front()),
                   .rule = "rows that are the same must agree, unless the study says which of them counts",
                   .remedy = "correct the rows, or name in the study the column whose latest value counts"});
  }

  data::Source& source_;
  const data::TableDeclaration& table_;
  const StudyRules& study_;
  const SiteRules& site_;
  const data::RowNaming& naming_;
  const std::string from_;
  std::vector<std::string> values_, extra_;
  std::string joins_;
  std::vector<FieldConversion> conversions_;
  std::optional<MappedCodes> codes_;
};

}  // namespace

bool needs_nothing(const data::TableDeclaration& table, const StudyRules& study, const SiteRules& site) {
  return study.columns.empty() && study.same_row.empty() &&
         std::none_of(table.columns.begin(), table.columns.end(), [&](const data::ColumnDeclaration& column) {
           const SiteColumn* here = site.find(table.table, column.name);
           return here != nullptr && !here->unit.empty();
         });
}

StudyQuery table_query(data::Source& source, const data::TableDeclaration& table, const StudyRules& study,
                       const SiteRules& site, const data::RowNaming& naming) {
  return TableQuery(source, table, study, site, naming).make();
}

StudyQuery cohort_query(data::Source& source, const data::TableDeclaration& columns, const cohort::CohortTable& cohort,
                        const StudyRules& study, const SiteRules& site, const data::RowNaming& naming) {
  const cohort::Query query = mapped_query(source, site, cohort, naming.wanted());
  std::vector<FieldConversion> conversions;
  std::size_t units = columns.columns.size();  // stand behind the features, in their order
  for (std::size_t i = 0; i < columns.columns.size(); ++i) {
    if (!cohort.features[i].with_unit) continue;
    const ColumnRules* rules = study.find(columns.columns[i].name);
    conversions.push_back({.column = i,
                           .declaration = columns.columns[i],
                           .of_unit = true,
                           .unit_field = units++,
                           .molar_mass = rules == nullptr ? std::nullopt : rules->molar_mass});
  }
  return {.sql = query.sql, .edit = convert_rows(columns.table, conversions), .tables = query.tables};
}

}  // namespace cohortium::harmonise
