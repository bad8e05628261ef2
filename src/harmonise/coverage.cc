#include "harmonise/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "data/duckdb.h"
#include "harmonise/unit.h"
#include "quality/model.h"

namespace cohortium::harmonise {
namespace {

constexpr std::size_t most_codes = 10'000, codes_per_query = 500;

// Calls `visit` with every batch of a query's rows.
template <class Visit>
void each_row(data::Source& source, const std::string& sql, Visit visit) {
  const auto rows = source.query(sql);
  data::Batch batch;
  while (rows->next(batch)) {
    for (std::size_t row = 0; row < batch.rows; ++row) visit(batch, row);
  }
}

// "condition_concept_id" to "condition_source_value".
std::string beside(std::string_view concept_column, std::string_view ending) {
  const std::string_view whole = "concept_id";
  return std::string(concept_column.substr(0, concept_column.size() - whole.size())) + std::string(ending);
}

struct PendingCode {
  UnmappedCode code;
  std::int64_t source_concept = 0;
};

class CodeReader {
 public:
  CodeReader(data::Source& source, const SiteMap& site_map) : source_(source), model_(source), site_map_(site_map) {}

  CodeCoverage read() {
    CodeCoverage result;
    for (const quality::CdmTable& table : quality::cdm_tables()) {
      if (table.concept_column.empty() || table.name == "person" || table.name.ends_with("_era") ||
          model_.column(table.name, table.concept_column) == nullptr)
        continue;
      read_table(table, result);
    }
    std::stable_sort(result.codes.begin(), result.codes.end(),
                     [](const UnmappedCode& a, const UnmappedCode& b) { return a.rows > b.rows; });
    return result;
  }

 private:
  void read_table(const quality::CdmTable& table, CodeCoverage& result) {
    TableCoverage coverage{.table = std::string(table.name)};
    const std::string from = model_.sql(table.name) + " t";
    const std::string mapped = fmt::format("coalesce(t.{}, 0) <> 0", model_.sql(table.name, table.concept_column));
    coverage.rows = data::query_integer(source_, "SELECT count(*) FROM " + from);
    coverage.mapped = data::query_integer(source_, fmt::format("SELECT count(*) FROM {} WHERE {}", from, mapped));
    std::vector<PendingCode> codes = unmapped(table, from, mapped);
    apply_site_map(codes);
    if (model_.has("concept") && model_.has("concept_relationship")) apply_vocabulary(codes);
    std::int64_t looked_at = 0;
    for (const PendingCode& each : codes) {
      looked_at += each.code.rows;
      if (each.code.by == MappedBy::kSiteMap) coverage.by_site_map += each.code.rows;
      if (each.code.by == MappedBy::kVocabulary) coverage.by_vocabulary += each.code.rows;
      result.codes.push_back(each.code);
    }
    coverage.codes_not_looked_at = coverage.rows - coverage.mapped - looked_at;
    result.tables.push_back(std::move(coverage));
  }

  // The codes of rows without a concept, the most frequent first.
  std::vector<PendingCode> unmapped(const quality::CdmTable& table, const std::string& from,
                                    const std::string& mapped) {
    const auto expression = [&](std::string_view ending, const char* cast, const char* otherwise) {
      const std::string name = beside(table.concept_column, ending);
      if (model_.column(table.name, name) == nullptr) return std::string(otherwise);
      return fmt::format("coalesce(CAST(t.{} AS {}), {})", model_.sql(table.name, name), cast, otherwise);
    };
    std::vector<PendingCode> codes;
    each_row(source_,
             fmt::format("SELECT {} AS code, {} AS source_concept, count(*) AS n FROM {} WHERE NOT ({}) "
                         "GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT {}",
                         expression("source_value", "VARCHAR", "''"), expression("source_concept_id", "BIGINT", "0"),
                         from, mapped, most_codes),
             [&](const data::Batch& batch, std::size_t row) {
               codes.push_back({{.table = std::string(table.name),
                                 .code = batch.columns[0].texts[row],
                                 .rows = batch.columns[2].integers[row]},
                                batch.columns[1].integers[row]});
             });
    return codes;
  }

  void apply_site_map(std::vector<PendingCode>& codes) const {
    for (PendingCode& each : codes) {
      const auto found = site_map_.find(each.code.code);
      if (found == site_map_.end()) continue;
      each.code.concept_id = *std::min_element(found->second.begin(), found->second.end());
      each.code.by = MappedBy::kSiteMap;
    }
  }

  // By the code's own concept; then, where the source names none, by the only concept of this code.
  void apply_vocabulary(std::vector<PendingCode>& codes) {
    const std::string own = name("concept_id"), code = name("concept_code");
    const std::string chosen = own, unique = fmt::format("(SELECT count(*) FROM {} x WHERE x.{} = k.{}) = 1",
                                                         model_.sql("concept"), code, code);
    for (const bool by_concept : {true, false}) {
      for (std::size_t from = 0; from < codes.size(); from += codes_per_query) {
        const std::size_t to = std::min(codes.size(), from + codes_per_query);
        std::vector<std::string> keys;
        for (std::size_t i = from; i < to; ++i) {
          if (wants(codes[i], by_concept))
            keys.push_back(by_concept ? std::to_string(codes[i].source_concept) : data::sql_text(codes[i].code.code));
        }
        if (keys.empty()) continue;
        const std::string key = "k." + (by_concept ? own : code);
        const std::map<std::string, std::int64_t> targets =
            maps_to(key, fmt::format("{} IN ({}){}", key, fmt::join(keys, ", "), by_concept ? "" : " AND " + unique));
        for (std::size_t i = from; i < to; ++i) {
          if (!wants(codes[i], by_concept)) continue;
          const auto found = targets.find(by_concept ? std::to_string(codes[i].source_concept) : codes[i].code.code);
          if (found == targets.end()) continue;
          codes[i].code.concept_id = found->second;
          codes[i].code.by = MappedBy::kVocabulary;
        }
      }
    }
  }

  static bool wants(const PendingCode& code, bool by_concept) {
    return code.code.by == MappedBy::kNothing &&
           (by_concept ? code.source_concept != 0 : code.source_concept == 0 && !code.code.code.empty());
  }

  std::string name(std::string_view column) const { return model_.sql("concept", column); }

  // Standard concepts by `key` of the concepts k that `condition` selects.
  std::map<std::string, std::int64_t> maps_to(const std::string& key, const std::string& condition) {
    const auto relation = [&](std::string_view column) { return "r." + model_.sql("concept_relationship", column); };
    std::map<std::string, std::int64_t> targets;
    each_row(
        source_,
        fmt::format("SELECT CAST({} AS VARCHAR), CAST(min(c.{}) AS BIGINT) FROM {} k JOIN {} r ON {} = k.{} JOIN {} c "
                    "ON c.{} = {} WHERE {} = 'Maps to' AND coalesce({}, '') = '' AND c.{} = 'S' AND {} GROUP BY 1",
                    key, name("concept_id"), model_.sql("concept"), model_.sql("concept_relationship"),
                    relation("concept_id_1"), name("concept_id"), model_.sql("concept"), name("concept_id"),
                    relation("concept_id_2"), relation("relationship_id"), relation("invalid_reason"),
                    name("standard_concept"), condition),
        [&](const data::Batch& batch, std::size_t row) {
          targets[batch.columns[0].texts[row]] = batch.columns[1].integers[row];
        });
    return targets;
  }

  data::Source& source_;
  const quality::Model model_;
  const SiteMap& site_map_;
};

// SQL of the unit of a measurement t as UCUM writes it.
std::string unit_expression(const quality::Model& model) {
  const bool vocabulary = model.column("concept", "concept_code") != nullptr;
  std::string expression = "''";
  if (model.column("measurement", "unit_source_value") != nullptr)
    expression = fmt::format("coalesce(CAST(t.{} AS VARCHAR), '')", model.sql("measurement", "unit_source_value"));
  if (!vocabulary) return expression;
  return fmt::format("coalesce((SELECT min(u.{}) FROM {} u WHERE u.{} = t.{} AND u.{} <> 0), {})",
                     model.sql("concept", "concept_code"), model.sql("concept"), model.sql("concept", "concept_id"),
                     model.sql("measurement", "unit_concept_id"), model.sql("concept", "concept_id"), expression);
}

std::string fault_of(const std::string& from, const std::string& into) {
  const auto done = attempt([&] { return conversion(parse_unit(from), parse_unit(into)); });
  return done.ok() ? "" : done.error().code;
}

}  // namespace

const char* name_of(MappedBy by) {
  switch (by) {
    case MappedBy::kSiteMap:
      return "site map";
    case MappedBy::kVocabulary:
      return "vocabulary";
    case MappedBy::kNothing:
      break;
  }
  return "nothing";
}

CodeCoverage code_coverage(data::Source& source, const SiteMap& site_map) {
  return CodeReader(source, site_map).read();
}

std::vector<MeasuredUnit> measured_units(data::Source& source) {
  const quality::Model model(source);
  for (const char* column : {"measurement_concept_id", "value_as_number", "unit_concept_id"}) {
    if (model.column("measurement", column) == nullptr) return {};
  }
  const auto name = [&](std::string_view column) { return "t." + model.sql("measurement", column); };
  std::vector<MeasuredUnit> units;
  each_row(
      source,
      fmt::format("SELECT CAST(x.concept AS BIGINT), x.unit, count(*) FROM (SELECT coalesce({}, 0) AS concept, {} AS "
                  "unit FROM {} t WHERE {} IS NOT NULL) x GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2",
                  name("measurement_concept_id"), unit_expression(model), model.sql("measurement"),
                  name("value_as_number")),
      [&](const data::Batch& batch, std::size_t row) {
        MeasuredUnit unit{.concept_id = batch.columns[0].integers[row],
                          .unit = batch.columns[1].texts[row],
                          .rows = batch.columns[2].integers[row]};
        const bool first = units.empty() || units.back().concept_id != unit.concept_id;
        unit.into = first ? unit.unit : units.back().into;
        unit.fault = fault_of(unit.unit, unit.into);
        units.push_back(std::move(unit));
      });
  return units;
}

}  // namespace cohortium::harmonise
