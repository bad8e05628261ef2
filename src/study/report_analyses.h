// One section of the report per analysis.
#pragma once

#include <string>

#include "study/report_html.h"
#include "study/report_node.h"

namespace cohortium::study::report {

// Kinds in the order of a report; an analysis of another kind is refused.
inline constexpr const char* kReportOrder[] = {"kaplan_meier", "log_rank", "describe", "count"};

std::string analysis_title(const std::string& name, const Node& analysis);

// Fails with report.malformed_result.
Html render_analysis(const std::string& name, const Node& analysis, double minimum_cell);

}  // namespace cohortium::study::report
