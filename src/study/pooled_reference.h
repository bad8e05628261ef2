// The same analyses without any protection, on the records of all sites pooled: DuckDB reads and counts, plain double
// arithmetic does the rest. It is what a secure run is compared with, in result and in time, where one person may see
// all records (rehearsals, demonstrations, benchmarks). It shares no code with the secure path but the formulas of
// statistics/survival_curve.h and log_rank_statistic.h.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "study/study_file.h"

namespace cohortium::study {

struct PooledReference {
  double seconds = 0;             // reading, counting and computing
  double largest_difference = 0;  // of any released number from the pooled answer, relative to max(1, |value|)
  std::size_t compared = 0;       // numbers
};

// Compares result.json's "analyses" with the pooled answer. Numbers that were withheld are not compared.
PooledReference compare_with_pooled(const Study& study, const std::vector<std::filesystem::path>& site_folders,
                                    const nlohmann::json& analyses);

}  // namespace cohortium::study
