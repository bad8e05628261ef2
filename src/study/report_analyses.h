// One section of the report per analysis.
#pragma once

#include <string>

#include "study/report_html.h"
#include "study/report_node.h"

namespace cohortium::study::report {

// Kinds in the order of a report; an analysis of another kind is refused.
inline constexpr const char* kReportOrder[] = {"funnel",
                                               "kaplan_meier",
                                               "nelson_aalen",
                                               "aalen_johansen",
                                               "restricted_mean",
                                               "log_rank",
                                               "gray_test",
                                               "cox",
                                               "fine_gray",
                                               "describe",
                                               "quantiles",
                                               "histogram",
                                               "count",
                                               "table",
                                               "proportion",
                                               "prevalence",
                                               "rate",
                                               "standardised_rate",
                                               "t_test",
                                               "anova",
                                               "variance_test",
                                               "mann_whitney",
                                               "wilcoxon_signed_rank",
                                               "kruskal_wallis",
                                               "ks_test",
                                               "correlation",
                                               "chi_square",
                                               "fisher",
                                               "prop_test",
                                               "binom_test",
                                               "mantel_haenszel",
                                               "mcnemar",
                                               "effect_size",
                                               "meta_analysis",
                                               "linear",
                                               "glm",
                                               "treatment_effect",
                                               "sequential",
                                               "safety_monitoring",
                                               "disproportionality"};

std::string analysis_title(const std::string& name, const Node& analysis);

// The sections of tables, proportions and rates (report_tables.cc) and of tests (report_tests.cc).
Html table_section(const Node& analysis, double minimum_cell);
Html estimates_section(const Node& analysis);
Html quantiles_section(const Node& analysis);
Html histogram_section(const Node& analysis, double minimum_cell);
// People left after each step, as bars (report_funnel.cc).
Html funnel_section(const Node& analysis, double minimum_cell);
Html test_section(const Node& analysis);
Html correlation_section(const Node& analysis);
// Of every kind of model (report_models.cc): what statistics/model_result.h writes.
Html model_section(const Node& analysis);
// Safety (report_safety.cc).
Html disproportionality_section(const Node& analysis);

// Cumulative hazards ("cumhaz") and incidences ("cuminc"), restricted means (report_hazards.cc).
Html cumulative_section(const Node& analysis, const std::string& what, const std::string& value);
Html restricted_mean_section(const Node& analysis);

// How exact the secure computation was, as a paragraph.
Html error_paragraph(const Node& analysis);

// Fails with report.malformed_result.
Html render_analysis(const std::string& name, const Node& analysis, double minimum_cell);

}  // namespace cohortium::study::report
