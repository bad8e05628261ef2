// How proportions and rates are presented: one estimate with its confidence interval per group.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "statistics/grouping.h"

namespace cohortium::statistics {

struct Estimate {
  std::optional<double> n, events, person_time, value, lower, upper;
};

// The entry of group `index` in "groups".
nlohmann::json estimate_json(const Grouping& grouping, std::size_t index, const Estimate& estimate);

}  // namespace cohortium::statistics
