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

// The time, event and grouping that a survival analysis names.
SurvivalColumns survival_columns(const EntryContext& context);

// "fewer than 11 people", for leakage statements.
std::string below_minimum(const mpc::ReleaseRule& rule);
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

std::unique_ptr<Analysis> make_count(const EntryContext& context);
std::unique_ptr<Analysis> make_table(const EntryContext& context);
std::unique_ptr<Analysis> make_proportion(const EntryContext& context);
std::unique_ptr<Analysis> make_rate(const EntryContext& context);
std::unique_ptr<Analysis> make_standardised_rate(const EntryContext& context);
std::unique_ptr<Analysis> make_chi_square(const EntryContext& context);
std::unique_ptr<Analysis> make_fisher(const EntryContext& context);
std::unique_ptr<Analysis> make_prop_test(const EntryContext& context);
std::unique_ptr<Analysis> make_binom_test(const EntryContext& context);
std::unique_ptr<Analysis> make_mann_whitney(const EntryContext& context);
std::unique_ptr<Analysis> make_wilcoxon_signed_rank(const EntryContext& context);
std::unique_ptr<Analysis> make_kruskal_wallis(const EntryContext& context);
std::unique_ptr<Analysis> make_ks_test(const EntryContext& context);
std::unique_ptr<Analysis> make_mantel_haenszel(const EntryContext& context);
std::unique_ptr<Analysis> make_mcnemar(const EntryContext& context);
std::unique_ptr<Analysis> make_t_test(const EntryContext& context);
std::unique_ptr<Analysis> make_anova(const EntryContext& context);
std::unique_ptr<Analysis> make_variance_test(const EntryContext& context);
std::unique_ptr<Analysis> make_correlation(const EntryContext& context);
std::unique_ptr<Analysis> make_quantiles(const EntryContext& context);
std::unique_ptr<Analysis> make_histogram(const EntryContext& context);
std::unique_ptr<Analysis> make_describe(const EntryContext& context);
std::unique_ptr<Analysis> make_effect_size(const EntryContext& context);
std::unique_ptr<Analysis> make_sequential(const EntryContext& context);
std::unique_ptr<Analysis> make_safety_monitoring(const EntryContext& context);
std::unique_ptr<Analysis> make_meta_analysis(const EntryContext& context);
std::unique_ptr<Analysis> make_disproportionality(const EntryContext& context);
std::unique_ptr<Analysis> make_kaplan_meier(const EntryContext& context);
std::unique_ptr<Analysis> make_nelson_aalen(const EntryContext& context);
std::unique_ptr<Analysis> make_restricted_mean(const EntryContext& context);
std::unique_ptr<Analysis> make_aalen_johansen(const EntryContext& context);
std::unique_ptr<Analysis> make_fine_gray(const EntryContext& context);
std::unique_ptr<Analysis> make_gray_test(const EntryContext& context);
std::unique_ptr<Analysis> make_log_rank(const EntryContext& context);
std::unique_ptr<Analysis> make_linear(const EntryContext& context);
std::unique_ptr<Analysis> make_glm(const EntryContext& context);
std::unique_ptr<Analysis> make_cox(const EntryContext& context);

}  // namespace cohortium::statistics
