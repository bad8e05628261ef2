#include "data/synthetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "data/synthetic_random.h"

namespace cohortium::data {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;

[[noreturn]] void refuse(const std::string& what, const std::string& remedy) {
  throw Failure({.code = "data.bad_synthetic_trial", .message = what, .remedy = remedy});
}

struct Rates {
  double control, treatment, censoring;
};

// Expected fraction censored before its event, both arms of one size.
double censored_fraction(const Rates& rates, double horizon) {
  const auto events = [&](double rate) {
    const double total = rate + rates.censoring;
    return rate / total * -std::expm1(-total * horizon);
  };
  return 1 - (events(rates.control) + events(rates.treatment)) / 2;
}

Rates calibrate(const SyntheticTrial& trial) {
  const double control = std::log(2.0) / trial.median_days;
  Rates rates{control, control * trial.hazard_ratio, 0};
  const double administrative = censored_fraction(rates, trial.horizon_days);
  if (administrative > trial.censored_fraction)
    refuse(
        fmt::format("follow-up to day {} already censors {:.3f} of the patients", trial.horizon_days, administrative),
        "ask for more censoring, a longer horizon or a shorter median");
  double low = 0, high = control;
  while (rates.censoring = high, censored_fraction(rates, trial.horizon_days) < trial.censored_fraction) high *= 2;
  for (int i = 0; i < 100; ++i) {
    rates.censoring = (low + high) / 2;
    (censored_fraction(rates, trial.horizon_days) < trial.censored_fraction ? low : high) = rates.censoring;
  }
  return rates;
}

void check(const SyntheticTrial& trial) {
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  if (!positive(trial.hazard_ratio) || !positive(trial.median_days) || trial.horizon_days == 0)
    refuse("hazard ratio, median and horizon are positive numbers", "correct the option");
  if (!(trial.censored_fraction >= 0 && trial.censored_fraction < 1))
    refuse("the censored fraction lies in 0 to 1, without 1", "correct the option");
  check_sites(trial.sites);
}

struct Patient {
  bool treated, event, female;
  std::uint32_t days, age_tenths;
  std::string_view stage;
};

// Later sites have older patients in later stages.
Patient draw(Random& random, const Rates& rates, const SyntheticTrial& trial, std::size_t site) {
  static constexpr std::string_view stages[] = {"I", "II", "III", "IV"};
  const double mix = static_cast<double>(site % 4) / 4;
  const bool treated = random.uniform() < 0.5;
  const double event = random.exponential(treated ? rates.treatment : rates.control);
  const double censored = random.exponential(rates.censoring);
  const double end = std::min({event, censored, static_cast<double>(trial.horizon_days)});
  const double age = std::clamp(60 + 8 * mix + 11 * random.bell(), 18.0, 95.0);
  const auto stage = static_cast<std::size_t>(4 * std::pow(random.uniform(), 1.5 - mix));
  return {.treated = treated,
          .event = event == end,
          .female = random.uniform() < 0.5 - mix / 5,
          .days = std::max(1u, static_cast<std::uint32_t>(std::ceil(end))),
          .age_tenths = static_cast<std::uint32_t>(std::lround(age * 10)),
          .stage = stages[stage]};
}

nlohmann::ordered_json write_site(const std::filesystem::path& folder, const SyntheticTrial& trial, const Rates& rates,
                                  std::size_t index) {
  const SyntheticSite& site = trial.sites[index];
  std::error_code code;
  std::filesystem::create_directories(folder / site.name, code);
  const auto path = folder / site.name / "trial.csv";
  std::ofstream out(path, std::ios::binary);
  std::string block = "patient_id,arm,time,event,age,sex,stage\n";
  Random random(trial.seed, index);
  std::size_t treated = 0, events = 0;
  for (std::size_t row = 0; row < site.rows; ++row) {
    const Patient patient = draw(random, rates, trial, index);
    treated += patient.treated;
    events += patient.event;
    fmt::format_to(std::back_inserter(block), "{}-{:07},{},{},{},{}.{},{},{}\n", site.name, row + 1,
                   patient.treated ? "treatment" : "control", patient.days, patient.event ? 1 : 0,
                   patient.age_tenths / 10, patient.age_tenths % 10, patient.female ? 'F' : 'M', patient.stage);
    if (block.size() < kBlock) continue;
    out.write(block.data(), static_cast<std::streamsize>(block.size()));
    block.clear();
  }
  out.write(block.data(), static_cast<std::streamsize>(block.size()));
  out.close();
  if (!out)
    throw Failure({.code = "file.unwritable",
                   .message = "cannot write the file",
                   .where = path.string(),
                   .remedy = "check the folder's permissions and free space"});
  return {{"name", site.name}, {"rows", site.rows}, {"treatment", treated}, {"events", events}};
}

}  // namespace

void check_sites(const std::vector<SyntheticSite>& sites) {
  if (sites.empty()) refuse("there is at least one site", "name a site");
  std::set<std::string> names;
  for (const SyntheticSite& site : sites) {
    const bool plain = std::all_of(site.name.begin(), site.name.end(),
                                   [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
    if (site.name.empty() || !plain || !names.insert(site.name).second)
      refuse("site names are letters, digits, '-' and '_', each name once", "rename the site");
  }
}

void write_synthetic_trial(const std::filesystem::path& folder, const SyntheticTrial& trial) {
  check(trial);
  const Rates rates = calibrate(trial);
  nlohmann::ordered_json truth = {{"hazard_ratio", trial.hazard_ratio},
                                  {"log_hazard_ratio", std::log(trial.hazard_ratio)},
                                  {"median_days_control", trial.median_days},
                                  {"rate_per_day_control", rates.control},
                                  {"rate_per_day_treatment", rates.treatment},
                                  {"rate_per_day_random_censoring", rates.censoring},
                                  {"expected_censored_fraction", trial.censored_fraction},
                                  {"horizon_days", trial.horizon_days},
                                  {"seed", trial.seed},
                                  {"sites", nlohmann::ordered_json::array()}};
  for (std::size_t i = 0; i < trial.sites.size(); ++i) truth["sites"].push_back(write_site(folder, trial, rates, i));
  write_file(folder / "truth.json", truth.dump(2) + "\n");
}

}  // namespace cohortium::data
