#include "statistics/analysis.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "statistics/entries.h"
#include "statistics/treatment_effect.h"

namespace cohortium::statistics {
namespace {

struct Kind {
  std::string name;
  std::unique_ptr<Analysis> (*make)(const EntryContext&);
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {{"count", make_count},
                                        {"table", make_table},
                                        {"proportion", make_proportion},
                                        {"prevalence", make_proportion},
                                        {"rate", make_rate},
                                        {"standardised_rate", make_standardised_rate},
                                        {"describe", make_describe},
                                        {"quantiles", make_quantiles},
                                        {"histogram", make_histogram},
                                        {"t_test", make_t_test},
                                        {"anova", make_anova},
                                        {"variance_test", make_variance_test},
                                        {"correlation", make_correlation},
                                        {"mann_whitney", make_mann_whitney},
                                        {"wilcoxon_signed_rank", make_wilcoxon_signed_rank},
                                        {"kruskal_wallis", make_kruskal_wallis},
                                        {"ks_test", make_ks_test},
                                        {"chi_square", make_chi_square},
                                        {"fisher", make_fisher},
                                        {"prop_test", make_prop_test},
                                        {"binom_test", make_binom_test},
                                        {"mantel_haenszel", make_mantel_haenszel},
                                        {"mcnemar", make_mcnemar},
                                        {"effect_size", make_effect_size},
                                        {"meta_analysis", make_meta_analysis},
                                        {"sequential", make_sequential},
                                        {"safety_monitoring", make_safety_monitoring},
                                        {"disproportionality", make_disproportionality},
                                        {"kaplan_meier", make_kaplan_meier},
                                        {"log_rank", make_log_rank},
                                        {"linear", make_linear},
                                        {"glm", make_glm},
                                        {"cox", make_cox},
                                        {"nelson_aalen", make_nelson_aalen},
                                        {"restricted_mean", make_restricted_mean},
                                        {"aalen_johansen", make_aalen_johansen},
                                        {"gray_test", make_gray_test},
                                        {"fine_gray", make_fine_gray},
                                        {"treatment_effect", make_treatment_effect}};
  return all;
}

const char* name_of(data::ColumnType type) {
  switch (type) {
    case data::ColumnType::kNumber:
      return "number";
    case data::ColumnType::kDuration:
      return "duration";
    case data::ColumnType::kEvent:
      return "event";
    case data::ColumnType::kCategory:
      return "category";
  }
  return "";
}

}  // namespace

std::vector<mpc::u128> Analysis::rows(const data::Table&) const { return {}; }

std::vector<mpc::u128> Analysis::step(const data::Table&, std::span<const double>) const {
  throw Failure(
      {.code = "study.bad_step", .message = "the compute parties ask for a step of an analysis without steps"});
}

const data::ColumnDeclaration& EntryContext::column(const std::string& field, const std::string& name,
                                                    data::ColumnType type) const {
  const data::ColumnDeclaration& column = any_column(field, name);
  if (column.type == type) return column;
  throw Failure({.code = "study.wrong_column_type",
                 .message = "column \"" + name + "\" is a " + name_of(column.type) + ", but a " + name_of(type) +
                            " is needed here",
                 .where = at(field),
                 .remedy = "name a column of type " + std::string(name_of(type))});
}

const data::ColumnDeclaration& EntryContext::any_column(const std::string& field, const std::string& name) const {
  for (const auto& column : columns) {
    if (column.name == name) return column;
  }
  std::string declared;
  for (const auto& column : columns) declared += (declared.empty() ? "" : ", ") + column.name;
  throw Failure({.code = "study.unknown_column",
                 .message = "column \"" + name + "\" is not declared in the study",
                 .where = path + "/" + field,
                 .remedy = "declare it in data/columns, or use one of: " + declared});
}

Grouping EntryContext::grouping() const { return grouping("by", entry.by); }

Grouping EntryContext::grouping(const std::string& field, const std::vector<std::string>& names) const {
  std::vector<data::ColumnDeclaration> levels;
  std::size_t size = 1;
  for (const std::string& name : names) {
    levels.push_back(column(field, name, data::ColumnType::kCategory));
    size *= levels.back().levels.size();
    if (size > 1'000'000) {
      throw Failure({.code = "study.too_many_groups",
                     .message = "the grouping columns span more than 1,000,000 groups",
                     .where = path + "/" + field,
                     .remedy = "group by fewer columns or levels"});
    }
  }
  return Grouping(std::move(levels));
}

SurvivalColumns survival_columns(const EntryContext& context) {
  return {context.column("time", context.entry.time, data::ColumnType::kDuration),
          context.column("event", context.entry.event, data::ColumnType::kEvent), context.grouping()};
}

std::string below_minimum(const mpc::ReleaseRule& rule) {
  return rule.minimum_cell == 1 ? "nobody" : "fewer than " + std::to_string(rule.minimum_cell) + " people";
}

nlohmann::json to_json(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

nlohmann::json count_json(const std::optional<double>& count) {
  return count ? nlohmann::json(static_cast<std::uint64_t>(*count)) : nlohmann::json(nullptr);
}

nlohmann::json count_json(const std::optional<mpc::u128>& count) {
  return count ? nlohmann::json(static_cast<std::uint64_t>(*count)) : nlohmann::json(nullptr);
}

std::vector<std::optional<double>> shown_counts(const mpc::ReleasedCells& cells, const mpc::ReleaseRule& rule) {
  std::vector<std::optional<double>> counts(cells.people.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (cells.people[i]) counts[i] = to_double(*cells.people[i]);
    if (!cells.passed[i] && rule.minimum_cell == 1) counts[i] = 0;
  }
  return counts;
}

std::vector<mpc::u128> count_rows(const Grouping& grouping, const data::Table& table) {
  const RowGroups groups(grouping, table);
  std::vector<mpc::u128> counts(grouping.size() + 1);
  for (std::size_t row = 0; row < table.rows; ++row) counts[groups[row]] += 1;
  counts.pop_back();  // rows that belong to no group
  return counts;
}

nlohmann::json names_of(const std::vector<data::ColumnDeclaration>& columns) {
  nlohmann::json names = nlohmann::json::array();
  for (const auto& column : columns) names.push_back(column.name);
  return names;
}

std::string percent(double confidence) { return nlohmann::json(100 * confidence).dump() + "%"; }

double to_double(mpc::u128 count) { return static_cast<double>(count); }

std::unique_ptr<Analysis> make_analysis(const AnalysisEntry& entry, const std::string& path,
                                        const std::vector<data::ColumnDeclaration>& columns,
                                        const mpc::ReleaseRule& rule) {
  const EntryContext context{entry, path, columns, rule};
  for (const Kind& kind : kinds()) {
    if (kind.name == entry.kind) return kind.make(context);
  }
  throw Failure({.code = "study.unknown_analysis",
                 .message = "there is no analysis \"" + entry.kind + "\"",
                 .where = path + "/kind"});
}

const std::vector<std::string>& analysis_kinds() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Kind& kind : kinds()) all.push_back(kind.name);
    return all;
  }();
  return names;
}

}  // namespace cohortium::statistics
