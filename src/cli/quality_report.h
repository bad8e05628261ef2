// What the quality gate found, for the site's own people: as a text, as JSON, as a page that is complete in itself. All
// three hold counts of records: they stay at the site.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "quality/gate.h"

namespace cohortium::cli {

// How many checks passed, failed and were not run.
struct QualityCounts {
  std::size_t passed = 0, failed = 0, not_run = 0;
};
QualityCounts count_verdicts(const std::vector<quality::Outcome>& outcomes);

nlohmann::json quality_json(const std::string& site, const std::vector<quality::Outcome>& outcomes);
std::string quality_text(const std::string& site, const std::vector<quality::Outcome>& outcomes);
std::string quality_page(const std::string& site, const std::vector<quality::Outcome>& outcomes,
                         const std::string& moment);

}  // namespace cohortium::cli
