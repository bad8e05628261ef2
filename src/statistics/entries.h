// What the analyses' constructors share: finding the declared columns a study's entry names. For statistics/*.cc only.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "statistics/analysis.h"
#include "statistics/grouping.h"

namespace cohortium::statistics {

struct EntryContext {
  const AnalysisEntry& entry;
  const std::string& path;  // JSON path of the entry
  const std::vector<data::ColumnDeclaration>& columns;
  const mpc::ReleaseRule& rule;

  // The declared column that `field` of the entry names, whatever its type; fails when there is none.
  const data::ColumnDeclaration& any_column(const std::string& field, const std::string& name) const;
  // The declared column that `field` of the entry names; fails when there is none or it has another type.
  const data::ColumnDeclaration& column(const std::string& field, const std::string& name, data::ColumnType type) const;
  Grouping grouping() const;
  // The product of the category columns that `field` names.
  Grouping grouping(const std::string& field, const std::vector<std::string>& names) const;
  // The JSON path of a field of the entry.
  std::string at(const std::string& field) const { return path + "/" + field; }
};

// "fewer than 11 people", for leakage statements.
std::string below_minimum(const mpc::ReleaseRule& rule);
// The rule as result.json names it where it withholds something.
std::string minimum_cell_rule(const mpc::ReleaseRule& rule);
// null where absent.
nlohmann::json to_json(const std::optional<double>& value);
double to_double(mpc::u128 count);
// A count as an integer; null where absent.
nlohmann::json count_json(const std::optional<double>& count);
nlohmann::json count_json(const std::optional<mpc::u128>& count);
// The numbers of people that are known: with a minimum of 1, what is withheld is nobody.
std::vector<std::optional<double>> shown_counts(const mpc::ReleasedCells& cells, const mpc::ReleaseRule& rule);
// The site's rows per group.
std::vector<mpc::u128> count_rows(const Grouping& grouping, const data::Table& table);
nlohmann::json names_of(const std::vector<data::ColumnDeclaration>& columns);
// "95%"
std::string percent(double confidence);

}  // namespace cohortium::statistics
