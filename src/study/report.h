// The report of a study: result.json in, one self-contained page out.
//
// The page works offline and without scripts: its style and its figures are part of it, it follows the reader's light
// or dark setting, prints on white, and every figure and table is described for people who do not see it. Every string
// of the result (titles, labels, names) is hostile input and escaped; the page's own policy forbids scripts and loads.
//
// Reads   docs/schema/result.schema.json, version 1; members it does not know are ignored
// Fails   with report.unsupported_version or report.malformed_result (`where` is the JSON path)
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace cohortium::study {

std::string render_report(const nlohmann::json& result);

// One analysis of kind kaplan_meier as an SVG document of its own: step curves, pointwise confidence bands, numbers at
// risk under the axis ticks (a dash where withheld).
enum class IntervalScale { kLog, kLogLog };
std::string render_curves_svg(const nlohmann::json& analysis, IntervalScale scale = IntervalScale::kLog);

}  // namespace cohortium::study
