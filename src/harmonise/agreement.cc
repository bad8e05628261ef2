#include "harmonise/agreement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstring>
#include <set>

#include "base/error.h"
#include "crypto/hash.h"
#include "harmonise/date_format.h"
#include "harmonise/mapped_codes.h"
#include "quality/model.h"

namespace cohortium::harmonise {
namespace {

constexpr std::uint64_t nothing_there = std::uint64_t{1} << 40;  // far from every share and day
constexpr std::int64_t first_day = 5'000'000;                    // before 1970; so that days are positive

// Half of a SHA-256, of the item's name and what the site has. It is never seen, so it needs no key.
AgreementValue digest_of(const std::string& item, const std::vector<std::string>& parts) {
  crypto::Sha256 hash;
  hash.update(fmt::format("cohortium agreement\n{}:{}\n", item.size(), item));
  for (const std::string& part : parts) hash.update(fmt::format("{}:", part.size())).update(part);
  const crypto::Digest digest = hash.digest();
  AgreementValue value;
  std::memcpy(&value.high, digest.data(), sizeof value.high);
  std::memcpy(&value.low, digest.data() + sizeof value.high, sizeof value.low);
  return value;
}

template <class Visit>
void each_row(data::Source& source, const std::string& sql, Visit visit) {
  const auto rows = source.query(sql);
  data::Batch batch;
  while (rows->next(batch))
    for (std::size_t row = 0; row < batch.rows; ++row) visit(batch, row);
}

std::vector<std::string> texts(data::Source& source, const std::string& sql) {
  std::vector<std::string> all;
  each_row(source, sql, [&](const data::Batch& batch, std::size_t row) { all.push_back(batch.columns[0].text(row)); });
  return all;
}

// The columns of a table; of one of the common data model, those of the model, whatever their case.
std::vector<std::string> columns_of(data::Source& source, const std::string& table) {
  const quality::CdmTable* cdm = quality::find_cdm_table(table);
  std::set<std::string> names;
  if (cdm != nullptr) {
    const quality::Model model(source);
    for (const quality::CdmColumn& column : cdm->columns)
      if (model.column(table, column.name) != nullptr) names.emplace(column.name);
  } else {
    for (const data::SourceTable& found : source.tables())
      if (found.name == table)
        for (const data::SourceColumn& column : found.columns) names.insert(column.name);
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> vocabulary_version(data::Source& source) {
  const quality::Model model(source);
  if (model.column("vocabulary", "vocabulary_version") != nullptr)
    return texts(source, fmt::format("SELECT coalesce(min(CAST({} AS VARCHAR)), '') FROM {} WHERE {} = 'None'",
                                     model.sql("vocabulary", "vocabulary_version"), model.sql("vocabulary"),
                                     model.sql("vocabulary", "vocabulary_id")));
  if (model.column("cdm_source", "vocabulary_version") != nullptr)
    return texts(source, fmt::format("SELECT coalesce(min(CAST({} AS VARCHAR)), '') FROM {}",
                                     model.sql("cdm_source", "vocabulary_version"), model.sql("cdm_source")));
  return {};
}

// Per mille of the rows of `from` where `has`, of those where `counts`.
AgreementValue share_of_rows(data::Source& source, const MappedCodes* codes, const std::string& from,
                             const std::string& counts, const std::string& has) {
  const std::string of_rows = fmt::format("SELECT count(*) FROM {} t WHERE {}", from, counts);
  const std::string with = of_rows + " AND " + has;
  const auto number = [&](const std::string& sql) {
    return data::query_integer(source, codes == nullptr ? sql : codes->before(sql));
  };
  const std::int64_t rows = number(of_rows);
  if (rows == 0) return {.low = nothing_there};
  const double share = static_cast<double>(number(with)) / static_cast<double>(rows);
  return {.low = static_cast<std::uint64_t>(std::lround(1000 * share))};
}

AgreementValue day_value(bool found, std::int64_t day) {
  return {.low = found ? static_cast<std::uint64_t>(day + first_day) : nothing_there};
}

// The first or last date of a column as texts in the site's format; what is no date is left to the study's own checks.
AgreementValue day_of_texts(data::Source& source, const std::string& table, const std::string& column,
                            const SiteRules& site, bool last) {
  const SiteColumn* here = site.find(table, column);
  std::optional<DateFormat> format;
  if (here != nullptr && !here->date_format.empty()) format.emplace(here->date_format);
  bool found = false;
  std::int64_t chosen = 0;
  each_row(source, fmt::format("SELECT DISTINCT {} FROM {}", source.quoted(column), source.table_name(table)),
           [&](const data::Batch& batch, std::size_t row) {
             std::int64_t day = 0;
             if (!read_date(batch.columns[0].text(row), format, day)) return;
             if (!found || (last ? day > chosen : day < chosen)) chosen = day;
             found = true;
           });
  return day_value(found, chosen);
}

AgreementValue day_of_table(data::Source& source, const quality::CdmTable& table, bool last) {
  const quality::Model model(source);
  if (model.column(table.name, table.start) == nullptr) return day_value(false, 0);
  std::int64_t day = 0;
  bool found = false;
  each_row(source,
           fmt::format("SELECT CAST({}({}) AS DATE) FROM {}", last ? "max" : "min", model.sql(table.name, table.start),
                       model.sql(table.name)),
           [&](const data::Batch& batch, std::size_t row) {
             found = batch.columns[0].missing[row] == 0;
             day = batch.columns[0].integers[row];
           });
  return day_value(found, day);
}

class Items {
 public:
  Items(const data::TableDeclaration& table, const cohort::CohortTable* cohort, const StudyRules& study)
      : table_(table), cohort_(cohort), study_(study), rules_(*study.agreement) {}

  std::vector<AgreementItem> all() {
    cohort_ == nullptr ? add_table() : add_cohort();
    std::vector<AgreementItem> wanted;
    for (AgreementItem& item : items_)
      if (rules_.about.contains(item.name.substr(0, item.name.find(' ')))) wanted.push_back(std::move(item));
    return wanted;
  }

 private:
  // `what` gives the parts of what must be the same.
  void add_same(const std::string& name,
                const std::function<std::vector<std::string>(data::Source&, const SiteRules&)>& what) {
    items_.push_back({.name = name, .measure = [name, what](data::Source& source, const SiteRules& site) {
                        return digest_of(name, what(source, site));
                      }});
  }
  void add_within(const std::string& name, std::uint64_t within,
                  std::function<AgreementValue(data::Source&, const SiteRules&)> measure) {
    items_.push_back({.name = name, .same = false, .within = within, .measure = std::move(measure)});
  }
  std::uint64_t shares() const { return static_cast<std::uint64_t>(std::lround(1000 * rules_.coverage_within)); }
  std::uint64_t days() const { return static_cast<std::uint64_t>(rules_.days_within); }

  void add_table() {
    const std::string table = table_.table;
    add_same("schema of " + table,
             [table](data::Source& source, const SiteRules&) { return columns_of(source, table); });
    bool concepts = false;
    for (const data::ColumnDeclaration& column : table_.columns) {
      const ColumnRules* rules = study_.find(column.name);
      const std::string name = column.name;
      const bool in_rows = rules != nullptr && (!rules->unit_column.empty() || !rules->days_from.empty());
      if (!column.unit.empty() && !in_rows)
        add_same("units of " + name, [table, name](data::Source&, const SiteRules& site) -> std::vector<std::string> {
          const SiteColumn* here = site.find(table, name);
          return {here != nullptr && !here->unit.empty() ? "known" : "taken for the study's"};
        });
      if (rules == nullptr) continue;
      if (rules->concepts) add_column_coverage(name);
      concepts = concepts || rules->concepts;
      for (const std::string& date : {rules->days_from, rules->days_until}) {
        if (date.empty()) continue;
        for (const bool last : {false, true})
          add_within(fmt::format("time of {}, {} day", date, last ? "last" : "first"), days(),
                     [table, date, last](data::Source& source, const SiteRules& site) {
                       return day_of_texts(source, table, date, site, last);
                     });
      }
    }
    if (concepts) add_version();
  }

  void add_column_coverage(const std::string& name) {
    const std::string table = table_.table;
    add_within("coverage of " + name, shares(), [table, name](data::Source& source, const SiteRules& site) {
      const std::string code = fmt::format("CAST(t.{} AS VARCHAR)", source.quoted(name));
      const std::string filled = fmt::format("coalesce({}, '') <> ''", code);
      if (!site.maps_codes())
        return share_of_rows(source, nullptr, source.table_name(table), filled, fmt::format("{} <> '0'", code));
      MappedCodes codes(source, site);
      const std::string mapped = codes.add(source.table_name(table), code, "CAST(0 AS BIGINT)", filled);
      return share_of_rows(source, &codes, source.table_name(table), filled,
                           fmt::format("{} IN (SELECT m.code FROM {} m WHERE m.concept_id <> 0)", code, mapped));
    });
  }

  void add_version() {
    add_same("vocabulary version", [](data::Source& source, const SiteRules&) { return vocabulary_version(source); });
  }

  void add_cohort() {
    const std::set<std::string> tables =
        cohort::feature_query(*cohort_, [](const std::string& name) { return name; }).tables;
    add_version();
    for (const cohort::ConceptSet& set : cohort_->concept_sets)
      add_same(fmt::format("vocabulary concept set {}", set.id),
               [cohort = *cohort_, id = set.id](data::Source& source, const SiteRules&) {
                 const auto name = [&](const std::string& table) { return source.table_name(table); };
                 return texts(source, cohort::concepts_query(cohort, id, name).sql);
               });
    for (const std::string& table : tables) {
      const quality::CdmTable* cdm = quality::find_cdm_table(table);
      if (cdm == nullptr) continue;
      add_same("schema of " + table,
               [table](data::Source& source, const SiteRules&) { return columns_of(source, table); });
      if (!cdm->concept_column.empty()) add_table_coverage(*cdm);
      if (cdm->start.empty()) continue;
      for (const bool last : {false, true})
        add_within(fmt::format("time of {}, {} day", table, last ? "last" : "first"), days(),
                   [cdm, last](data::Source& source, const SiteRules&) { return day_of_table(source, *cdm, last); });
    }
    for (std::size_t i = 0; i < cohort_->features.size(); ++i) {
      const cohort::Feature& feature = cohort_->features[i];
      const bool value =
          feature.kind == cohort::Feature::Kind::kFirstValue || feature.kind == cohort::Feature::Kind::kLastValue;
      if (value && !feature.with_unit) add_units(table_.columns[i].name, feature);
    }
  }

  void add_table_coverage(const quality::CdmTable& cdm) {
    add_within("coverage of " + std::string(cdm.name), shares(), [&cdm](data::Source& source, const SiteRules& site) {
      const std::string table(cdm.name);
      if (quality::Model(source).column(table, cdm.concept_column) == nullptr)
        return AgreementValue{.low = nothing_there};
      const std::string has =
          fmt::format("coalesce(t.{}, 0) <> 0", quality::Model(source).sql(table, cdm.concept_column));
      if (!site.maps_codes()) return share_of_rows(source, nullptr, source.table_name(table), "1 = 1", has);
      MappedCodes codes(source, site);
      const std::string from = codes.table(table);
      return share_of_rows(source, &codes, from, "1 = 1", has);
    });
  }

  void add_units(const std::string& column, const cohort::Feature& feature) {
    add_same("units of " + column, [cohort = *cohort_, feature](data::Source& source, const SiteRules& site) {
      std::optional<MappedCodes> codes;
      if (site.maps_codes()) codes.emplace(source, site);
      const auto name = [&](const std::string& table) {
        return codes ? codes->table(table) : source.table_name(table);
      };
      const std::string sql = cohort::units_query(cohort, feature, name).sql;
      std::vector<std::pair<std::string, std::int64_t>> units;
      std::int64_t all = 0;
      each_row(source, codes ? codes->before(sql) : sql, [&](const data::Batch& batch, std::size_t row) {
        units.emplace_back(batch.columns[0].text(row), batch.columns[1].integers[row]);
        all += units.back().second;
      });
      std::vector<std::string> usual;
      for (const auto& [unit, rows] : units)
        if (20 * rows >= all) usual.push_back(unit);
      return usual;
    });
  }

  const data::TableDeclaration& table_;
  const cohort::CohortTable* cohort_;
  const StudyRules& study_;
  const AgreementRules& rules_;
  std::vector<AgreementItem> items_;
};

}  // namespace

std::vector<AgreementItem> agreement_items(const data::TableDeclaration& table, const cohort::CohortTable* cohort,
                                           const StudyRules& study) {
  return Items(table, cohort, study).all();
}

}  // namespace cohortium::harmonise
