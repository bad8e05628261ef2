// The same analyses without any protection, on the records of all sites pooled: DuckDB reads and counts, plain double
// arithmetic does the rest. It is what a secure run is compared with, in result and in time, where one person may see
// all records (rehearsals, demonstrations, benchmarks). It shares no code with the secure path but the formulas of
// statistics/survival_curve.h and log_rank_statistic.h.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "statistics/survival/log_rank_statistic.h"
#include "statistics/survival/survival_curve.h"
#include "study/study_file.h"

namespace cohortium::study {

struct PooledStratum {
  std::vector<statistics::CurveRow> rows;  // every point of the time grid
  statistics::CurveStatistics statistics;
  statistics::HazardStatistics hazard;
};
struct PooledLogRank {
  statistics::LogRankSums sums;
  statistics::LogRankTest test;
};
struct PooledMean {
  double value = 0, standard_error = 0;
};
struct PooledMoments {
  double n = 0;
  std::optional<double> mean, variance;
};

// Filled by kind; groups in the order of the declaration.
struct PooledAnalysis {
  std::vector<double> counts;
  std::vector<PooledMoments> moments;
  std::vector<PooledStratum> strata;
  PooledLogRank log_rank;  // without groups where the site is a stratum: pooled records do not tell sites apart
  std::vector<PooledMean> means;
};

struct PooledAnswer {
  std::map<std::string, PooledAnalysis> analyses;  // by id
  double seconds = 0;                              // reading, counting and computing
};

// Fails with data.query_failed, data.missing_file, data.ambiguous_file.
PooledAnswer analyse_pooled(const Study& study, const std::vector<std::filesystem::path>& site_folders);

struct Agreement {
  double largest_difference = 0;  // of any released number from the pooled answer, relative to max(1, |value|)
  std::size_t numbers = 0;        // that were compared; what was withheld was not
};

// Compares result.json's "analyses" with the pooled answer, as far as that goes.
Agreement compare(const Study& study, const PooledAnswer& pooled, const nlohmann::json& analyses);
// Compares all numbers of result.json's "analyses" with those of another such object.
Agreement compare(const nlohmann::json& analyses, const nlohmann::json& others);

}  // namespace cohortium::study
