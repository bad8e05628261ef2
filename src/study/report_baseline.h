// Section: the baseline hazard of a Cox model, as a picture and at the ends of its steps.
#pragma once

#include "study/report_html.h"
#include "study/report_node.h"

namespace cohortium::study::report {

// Empty where the analysis has none.
Html baseline_section(const Node& analysis);

}  // namespace cohortium::study::report
