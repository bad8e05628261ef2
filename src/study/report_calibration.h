// Section: how well the risks that a model predicts are those observed, as a table and as a picture.
#pragma once

#include "study/report_html.h"
#include "study/report_node.h"

namespace cohortium::study::report {

// Of an analysis that has "calibration"; empty for others.
Html calibration_section(const Node& analysis);

}  // namespace cohortium::study::report
