// What the analyses' constructors share: finding the declared columns a study's entry names. For statistics/*.cc only.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "statistics/analysis.h"
#include "statistics/grouping.h"
#include "statistics/survival_counts.h"

namespace cohortium::statistics {

struct EntryContext {
  const AnalysisEntry& entry;
  const std::string& path;  // JSON path of the entry
  const std::vector<data::ColumnDeclaration>& columns;
  const mpc::ReleaseRule& rule;

  // The declared column that `field` of the entry names; fails when there is none or it has another type.
  const data::ColumnDeclaration& column(const std::string& field, const std::string& name, data::ColumnType type) const;
  Grouping grouping() const;
};

// The time, event and grouping that a survival analysis names.
SurvivalColumns survival_columns(const EntryContext& context);

// "fewer than 11 people", for leakage statements.
std::string below_minimum(const mpc::ReleaseRule& rule);
// null where absent.
nlohmann::json to_json(const std::optional<double>& value);
double to_double(mpc::u128 count);

std::unique_ptr<Analysis> make_count(const EntryContext& context);
std::unique_ptr<Analysis> make_describe(const EntryContext& context);
std::unique_ptr<Analysis> make_kaplan_meier(const EntryContext& context);
std::unique_ptr<Analysis> make_log_rank(const EntryContext& context);

}  // namespace cohortium::statistics
