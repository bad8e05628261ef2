#include "quality/catalogue.h"

#include <fmt/format.h>

#include <algorithm>

#include <string_view>

#include "data/codes.h"
#include "data/duckdb.h"
#include "quality/model.h"
#include "quality/sql.h"

namespace cohortium::quality {
namespace {

// Tables of the model that no check looks at; their names are not a study's.
constexpr std::string_view vocabulary_tables[] = {
    "concept", "concept_ancestor", "concept_class", "concept_relationship",  "concept_synonym",
    "domain",  "drug_strength",    "relationship",  "source_to_concept_map", "vocabulary"};

// A column's rows without a value: empty, or with a code that means so.
std::string without_value(const data::SourceColumn& column, const std::vector<std::string>& codes) {
  const std::string name = "t." + data::sql_name(column.name);
  const bool number = column.type == data::ValueType::kInteger || column.type == data::ValueType::kReal;
  std::string condition = name + " IS NULL";
  if (column.type == data::ValueType::kText) condition += fmt::format(" OR {} = ''", name);
  for (const std::string& code : codes) {
    if (column.type == data::ValueType::kText)
      condition += fmt::format(" OR {} = {}", name, data::sql_text(code));
    else if (const auto value = data::parse_number(code); number && value)
      condition += fmt::format(" OR {} = {}", name, *value);
  }
  return condition;
}

Check filled_check(const Model& model, const std::string& table, const data::SourceColumn& column,
                   const std::vector<std::string>& codes, std::int64_t fewest) {
  Check check;
  check.id = fmt::format("{}.{}.filled", table, column.name);
  check.kind = find_kind("filled");
  check.table = table;
  check.column = column.name;
  check.meaning = "no value";
  check.count = rows_where(model.sql(table) + " t", "TRUE", without_value(column, codes));
  check.fewest = fewest;
  return check;
}

}  // namespace

bool is_cdm(data::Source& source) { return Model(source).column("person", "person_id") != nullptr; }

std::vector<Check> filled_checks(data::Source& source, const std::string& table,
                                 const std::vector<DeclaredColumn>& columns, std::int64_t fewest) {
  const Model model(source);
  std::vector<Check> checks;
  for (const DeclaredColumn& declared : columns) {
    if (const data::SourceColumn* column = model.column(table, declared.name))
      checks.push_back(filled_check(model, table, *column, declared.missing, fewest));
  }
  return checks;
}

std::vector<Check> other_table_checks(data::Source& source, std::int64_t fewest) {
  const Model model(source);
  const bool cdm = is_cdm(source);
  std::vector<Check> checks;
  for (const auto& [name, table] : model.tables()) {
    const bool vocabulary =
        std::find(std::begin(vocabulary_tables), std::end(vocabulary_tables), name) != std::end(vocabulary_tables);
    if (cdm && (find_cdm_table(name) != nullptr || vocabulary)) continue;
    for (const data::SourceColumn& column : table.columns)
      checks.push_back(filled_check(model, table.name, column, {}, fewest));
  }
  return checks;
}

}  // namespace cohortium::quality
