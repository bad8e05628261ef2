#include "data/synthetic_omop.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "data/synthetic_random.h"

namespace cohortium::data {
namespace {

using Day = int;  // since 1970-01-01

constexpr int kDiabetes = 201826, kSinusitis = 40481087, kInfarction = 4329847, kMetformin = 1503297, kInpatient = 9201;
constexpr double kYear = 365.25;
// Per year and person.
constexpr double kDiabetesRate = 0.02, kSinusitisRate = 0.2, kYoungInfarctionRate = 0.004, kOldInfarctionRate = 0.016,
                 kStayRate = 0.15, kDeathRate = 0.01;
constexpr double kTreated = 0.7, kTransferred = 0.05, kReadmitted = 0.15;

Day day_of(int year, unsigned month, unsigned day) {
  return static_cast<Day>(
      std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day))
          .time_since_epoch()
          .count());
}

std::chrono::year_month_day date_of(Day day) { return std::chrono::sys_days(std::chrono::days(day)); }

std::string text_of(Day day) {
  const auto date = date_of(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

// One table of one site, written block by block.
class TableFile {
 public:
  TableFile(const std::filesystem::path& folder, const std::string& table, const std::string& header)
      : path_(folder / (table + ".csv")), out_(path_, std::ios::binary), block_(header + "\n") {}

  template <class... Values>
  void add(fmt::format_string<Values...> row, Values&&... values) {
    fmt::format_to(std::back_inserter(block_), row, std::forward<Values>(values)...);
    block_ += '\n';
    if (block_.size() > std::size_t{1} << 20) flush();
  }
  void close() {
    flush();
    out_.close();
    if (!out_)
      throw Failure({.code = "file.unwritable",
                     .message = "cannot write the file",
                     .where = path_.string(),
                     .remedy = "check the folder's permissions and free space"});
  }

 private:
  void flush() {
    out_.write(block_.data(), static_cast<std::streamsize>(block_.size()));
    block_.clear();
  }
  std::filesystem::path path_;
  std::ofstream out_;
  std::string block_;
};

// The tables of one site. Ids are of the site's own range, so that no two sites share one.
class Hospital {
 public:
  Hospital(const std::filesystem::path& folder, std::uint64_t seed, std::size_t index)
      : random_(seed, 1000 + index),
        next_(static_cast<std::int64_t>(index + 1) * 1'000'000'000),
        persons_(folder, "person",
                 "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,race_concept_id,"
                 "ethnicity_concept_id"),
        periods_(folder, "observation_period",
                 "observation_period_id,person_id,observation_period_start_date,observation_period_end_date,"
                 "period_type_concept_id"),
        visits_(folder, "visit_occurrence",
                "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_end_date,visit_type_concept_id"),
        conditions_(folder, "condition_occurrence",
                    "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_end_date,"
                    "condition_type_concept_id,visit_occurrence_id"),
        drugs_(folder, "drug_exposure",
               "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,"
               "drug_type_concept_id,days_supply,visit_occurrence_id"),
        deaths_(folder, "death", "person_id,death_date,death_type_concept_id"),
        ancestors_(folder, "concept_ancestor",
                   "ancestor_concept_id,descendant_concept_id,min_levels_of_separation,max_levels_of_separation") {
    for (const int concept_id : {kDiabetes, kSinusitis, kInfarction, kMetformin, kInpatient})
      ancestors_.add("{0},{0},0,0", concept_id);
  }

  void add_person() {
    person_ = next_++;
    const Day birth = day_of(1925, 1, 1) + static_cast<Day>(random_.uniform() * 85 * kYear);
    first_ = std::max(birth, day_of(2014, 1, 1) + static_cast<Day>(random_.uniform() * 4 * kYear));
    const Day left = random_.uniform() < 0.2 ? first_ + days(0.2) : day_of(2023, 12, 31);
    const Day dead = first_ + days(kDeathRate);
    last_ = std::min({left, dead, day_of(2023, 12, 31)});
    const auto born = date_of(birth);
    persons_.add("{},{},{},{},{},0,0", person_, random_.uniform() < 0.52 ? 8532 : 8507, static_cast<int>(born.year()),
                 static_cast<unsigned>(born.month()), static_cast<unsigned>(born.day()));
    periods_.add("{},{},{},{},32817", next_++, person_, text_of(first_), text_of(last_));
    if (dead == last_) deaths_.add("{},{},32817", person_, text_of(last_));
    add_diabetes();
    for (Day day = first_ + days(kSinusitisRate); day <= last_; day += days(kSinusitisRate))
      add_condition(kSinusitis, day, "");
    const Day old = day_of(static_cast<int>(born.year()) + 65, static_cast<unsigned>(born.month()),
                           std::min(28u, static_cast<unsigned>(born.day())));
    Day infarction = first_ + days(first_ < old ? kYoungInfarctionRate : kOldInfarctionRate);
    if (first_ < old && infarction >= old) infarction = old + days(kOldInfarctionRate) - 1;
    if (infarction <= last_) add_condition(kInfarction, infarction, fmt::format("{}", add_stay(infarction)));
    for (Day day = first_ + days(kStayRate); day <= last_; day += days(kStayRate)) add_stay(day);
  }

  void close() {
    for (TableFile* table : {&persons_, &periods_, &visits_, &conditions_, &drugs_, &deaths_, &ancestors_})
      table->close();
  }

 private:
  // Whole days, at least one, until something that happens so often per year.
  Day days(double rate) { return 1 + static_cast<Day>(std::min(1e6, random_.exponential(rate / kYear))); }

  void add_condition(int concept_id, Day day, const std::string& visit) {
    conditions_.add("{},{},{},{},,32817,{}", next_++, person_, concept_id, text_of(day), visit);
  }

  void add_diabetes() {
    const Day onset = first_ + days(kDiabetesRate);
    if (onset > last_) return;
    add_condition(kDiabetes, onset, "");
    if (random_.uniform() >= kTreated) return;
    Day start = onset + static_cast<Day>(random_.uniform() * 120);
    for (int i = 0; i < 4 && start <= last_; ++i, start += 90)
      drugs_.add("{},{},{},{},{},32817,90,", next_++, person_, kMetformin, text_of(start), text_of(start + 89));
  }

  // A stay, and perhaps what follows it. The id of the first.
  std::int64_t add_stay(Day start) {
    const std::int64_t visit = next_++;
    const Day end = std::min(last_, start + 1 + static_cast<Day>(std::min(60.0, random_.exponential(0.2))));
    visits_.add("{},{},{},{},{},32817", visit, person_, kInpatient, text_of(start), text_of(end));
    const double next = random_.uniform();
    const Day again = next < kTransferred ? end : end + 1 + static_cast<Day>(random_.uniform() * 30);
    if (next < kTransferred + kReadmitted && again < last_) add_stay(again);
    return visit;
  }

  Random random_;
  std::int64_t next_, person_ = 0;
  Day first_ = 0, last_ = 0;
  TableFile persons_, periods_, visits_, conditions_, drugs_, deaths_, ancestors_;
};

}  // namespace

void write_synthetic_omop(const std::filesystem::path& folder, const std::vector<SyntheticSite>& sites,
                          std::uint64_t seed) {
  check_sites(sites);
  for (std::size_t i = 0; i < sites.size(); ++i) {
    std::error_code code;
    std::filesystem::create_directories(folder / sites[i].name, code);
    Hospital hospital(folder / sites[i].name, seed, i);
    for (std::size_t person = 0; person < sites[i].rows; ++person) hospital.add_person();
    hospital.close();
  }
  nlohmann::ordered_json truth = {{"first_infarctions_per_person_year_before_65", kYoungInfarctionRate},
                                  {"first_infarctions_per_person_year_from_65", kOldInfarctionRate},
                                  {"diabetes_per_person_year", kDiabetesRate},
                                  {"readmitted_within_30_days", kReadmitted},
                                  {"transferred", kTransferred},
                                  {"treated_with_metformin", kTreated},
                                  {"seed", seed},
                                  {"sites", nlohmann::ordered_json::array()}};
  for (const SyntheticSite& site : sites) truth["sites"].push_back({{"name", site.name}, {"persons", site.rows}});
  write_file(folder / "truth.json", truth.dump(2) + "\n");
}

}  // namespace cohortium::data
