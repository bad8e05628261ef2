// A synthetic multi-site trial of two arms with a known truth, for examples, tests and benchmarks.
//
// Times to the event are exponential: rate ln 2 / median_days under control, hazard_ratio times that under treatment.
// Random censoring is exponential too, at the rate that makes the expected censored fraction (with the end of follow-up
// at the horizon) what was asked for. Times are whole days, rounded up. Age, sex and stage differ between sites but do
// not act on the hazard, so the crude hazard ratio is the true one. The same options give the same files everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cohortium::data {

struct SyntheticSite {
  std::string name;  // also its folder
  std::size_t rows = 0;
};

struct SyntheticTrial {
  std::vector<SyntheticSite> sites = {};
  double hazard_ratio = 0.7;
  double median_days = 400;
  double censored_fraction = 0.3;
  std::uint32_t horizon_days = 1500;
  std::uint64_t seed = 1;
};

// Fails with data.bad_synthetic_trial unless each has a name of its own that can be a folder's.
void check_sites(const std::vector<SyntheticSite>& sites);

// Writes FOLDER/<site>/trial.csv (patient_id, arm, time, event, age, sex, stage) for every site, and FOLDER/truth.json.
// Fails with data.bad_synthetic_trial or file.unwritable.
void write_synthetic_trial(const std::filesystem::path& folder, const SyntheticTrial& trial);

}  // namespace cohortium::data
