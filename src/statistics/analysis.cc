#include "statistics/analysis.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "statistics/describe/kinds.h"
#include "statistics/hypothesis/kinds.h"
#include "statistics/models/kinds.h"
#include "statistics/safety/kinds.h"
#include "statistics/survival/kinds.h"
#include "statistics/trials/kinds.h"

namespace cohortium::statistics {
namespace {

struct Kind {
  std::string name;
  std::unique_ptr<Analysis> (*make)(const EntryContext&);
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {{"count", make_count},
                                        {"table", make_table},
                                        {"funnel", make_funnel},
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

}  // namespace

std::vector<mpc::u128> Analysis::rows(const data::Table&) const { return {}; }

std::vector<mpc::u128> Analysis::step(const data::Table&, std::span<const double>) const {
  throw Failure(
      {.code = "study.bad_step", .message = "the compute parties ask for a step of an analysis without steps"});
}

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
