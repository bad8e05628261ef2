// What a consortium says about the quality of its members' records.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cohortium::quality {

// Shares of rows that may violate, by a check's or a kind's name: {"measurement.unit_concept_id.unit", 0.4}, {"range", 0}.
using Thresholds = std::map<std::string, double>;
// Whether a threshold may carry this name: a kind, or names and a kind with dots between them.
bool is_threshold_name(std::string_view name);

// Outside [low, high] a measurement of this concept in this unit is wrong.
struct Range {
  std::int64_t concept_id = 0, unit_concept_id = 0;
  double low = 0, high = 0;
};

struct Rules {
  Thresholds thresholds = {};
  std::vector<Range> ranges = {};  // beside, and instead of, plausible_ranges() of cdm.h
};

}  // namespace cohortium::quality
