// Kaplan-Meier curves as one SVG figure.
#pragma once

#include "study/report_curves.h"
#include "study/report_html.h"

namespace cohortium::study::report {

// <svg> with its own style; the classes all start with "km-", so that several figures share a page.
Html draw_curves(const Curves& curves);

}  // namespace cohortium::study::report
