// What all curves over the public time grid share: what is said of their release, and their steps as results.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "mpc/outcome.h"
#include "statistics/entries.h"
#include "statistics/survival_counts.h"
#include "statistics/survival_curve.h"

namespace cohortium::statistics {

// One sentence each.
std::vector<std::string> curve_leakage(const mpc::ReleaseRule& rule);

// The columns that a survival analysis reads.
std::vector<std::string> column_names(const SurvivalColumns& columns);

// "time", "by", "curve" and "confidence".
nlohmann::json curve_json(const SurvivalColumns& columns, const mpc::ReleaseRule& rule, double confidence);

// The group's name, its numbers, and the times and numbers of its steps.
nlohmann::json stratum_json(const SurvivalColumns& columns, std::size_t group, const mpc::ReleasedStratum& stratum);

// The steps with their times and counts; estimates are left to the caller.
std::vector<CurveRow> rows_of_steps(const SurvivalColumns& columns, const mpc::ReleasedStratum& stratum);

}  // namespace cohortium::statistics
