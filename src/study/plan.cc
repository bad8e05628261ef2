#include "study/plan.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "release/door.h"

namespace cohortium::study {

using mpc::u128;
using nlohmann::json;

namespace {

constexpr std::size_t largest_aggregate = std::size_t{1} << 26;  // 1 GiB of shares per site and party

// "the number of people by sex" as a heading: "Number of people by sex".
std::string heading(std::string sentence) {
  if (sentence.starts_with("the ")) sentence.erase(0, 4);
  if (sentence.front() >= 'a' && sentence.front() <= 'z' && !sentence.starts_with("n,")) {
    sentence.front() = static_cast<char>(sentence.front() - 'a' + 'A');
  }
  return sentence;
}

void add_withheld_from_cells(const mpc::ReleasedCells& cells, std::vector<std::string>& what) {
  const std::string of_all = " of " + std::to_string(cells.passed.size()) + " groups";
  const auto closed = std::count(cells.passed.begin(), cells.passed.end(), false);
  const auto nameless = std::count(cells.people.begin(), cells.people.end(), std::nullopt) - closed;
  if (closed > 0) what.push_back(std::to_string(closed) + of_all);
  if (nameless > 0) what.push_back("the number of people of " + std::to_string(nameless) + of_all);
  for (const auto& level : cells.totals) {
    const auto absent = std::count(level.begin(), level.end(), std::nullopt);
    if (absent > 0)
      what.push_back(std::to_string(absent) + " of " + std::to_string(level.size()) +
                     (level.size() == 1 ? " total" : " totals") + ", from which withheld cells would follow");
  }
}

void add_withheld_from_stratum(const mpc::ReleasedStratum& stratum, const std::string& name,
                               std::vector<std::string>& what) {
  if (!stratum.passed) {
    what.push_back(name + ": everything");
    return;
  }
  if (!stratum.people) what.push_back(name + ": the number of people, which would show the number of censorings");
  if (!stratum.events) what.push_back(name + ": the number of events and the curve");
  const auto steps = static_cast<std::ptrdiff_t>(stratum.steps.size());
  const auto risks =
      std::count_if(stratum.steps.begin(), stratum.steps.end(), [](const auto& s) { return !s.at_risk; });
  const auto censorings =
      std::count_if(stratum.steps.begin(), stratum.steps.end(), [](const auto& s) { return !s.censored; });
  if (risks > 0)
    what.push_back(name + ": the number at risk at " + std::to_string(risks) + " of " + std::to_string(steps) +
                   " steps");
  if (censorings > 0) {
    what.push_back(name + ": the number of censorings at " + std::to_string(censorings) + " of " +
                   std::to_string(steps) + " steps");
  }
}

}  // namespace

Plan::Plan(Study study) : study_(std::move(study)) {
  std::map<std::string, std::size_t> offset_of;
  for (std::size_t i = 0; i < study_.analyses.size(); ++i) {
    const std::string path = "/analyses/" + std::to_string(i);
    analyses_.push_back(statistics::make_analysis(study_.analyses[i], path, study_.data.columns, study_.release));
    declarations_.push_back(analyses_.back()->declare());
    const auto [entry, is_new] = offset_of.try_emplace(declarations_.back().aggregate, aggregate_size_);
    offsets_.push_back(entry->second);
    if (is_new) aggregate_size_ += declarations_.back().aggregate_size;
    if (aggregate_size_ > largest_aggregate) {
      throw Failure(
          {.code = "study.too_large",
           .message = "each site would have to share more than " + std::to_string(largest_aggregate) + " numbers",
           .where = path,
           .remedy = "use a coarser time step, a narrower range or fewer groups"});
    }
  }
}

std::vector<u128> Plan::local(const data::Table& table) const {
  if (table.rows > mpc::maximum_rows_per_site) {
    throw Failure({.code = "study.too_many_rows",
                   .message = "a site may bring at most " + std::to_string(mpc::maximum_rows_per_site) + " rows",
                   .where = study_.data.table,
                   .remedy = "select fewer rows with data/where"});
  }
  std::vector<u128> aggregates;
  aggregates.reserve(aggregate_size_);
  for (std::size_t i = 0; i < analyses_.size(); ++i) {
    if (offsets_[i] < aggregates.size()) continue;  // shared with an earlier analysis
    const std::vector<u128> part = analyses_[i]->local(table);
    COHORTIUM_CHECK(part.size() == declarations_[i].aggregate_size);
    aggregates.insert(aggregates.end(), part.begin(), part.end());
  }
  COHORTIUM_CHECK(aggregates.size() == aggregate_size_);
  return aggregates;
}

std::vector<mpc::ReleasedOutcome> Plan::secure(mpc::Engine& engine, const mpc::Shared<u128>& aggregates,
                                               const std::function<void(std::size_t)>& progress) const {
  COHORTIUM_CHECK(aggregates.size == aggregate_size_);
  std::vector<mpc::ReleasedOutcome> outcomes;
  for (std::size_t i = 0; i < analyses_.size(); ++i) {
    const mpc::SharedOutcome outcome =
        analyses_[i]->secure(engine, slice(aggregates, offsets_[i], declarations_[i].aggregate_size));
    outcomes.push_back(release::release(engine, outcome, study_.release));
    if (progress) progress(i + 1);
  }
  return outcomes;
}

json Plan::present(const std::vector<mpc::ReleasedOutcome>& outcomes) const {
  json all = json::object();
  for (std::size_t i = 0; i < analyses_.size(); ++i) {
    json one = analyses_[i]->present(outcomes[i]);
    one["kind"] = study_.analyses[i].kind;
    one["title"] = study_.analyses[i].title.empty() ? heading(declarations_[i].computes) : study_.analyses[i].title;
    if (!one.contains("error_bound")) one["error_bound"] = declarations_[i].error_bound;  // else known better by now
    all[study_.analyses[i].id] = std::move(one);
  }
  return all;
}

json Plan::withheld(const std::vector<mpc::ReleasedOutcome>& outcomes) const {
  const std::string rule = "minimum cell size " + std::to_string(study_.release.minimum_cell) + " of the study";
  json all = json::array();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    std::vector<std::string> what;
    if (outcomes[i].cells) add_withheld_from_cells(*outcomes[i].cells, what);
    if (outcomes[i].curve) {
      const json presented = analyses_[i]->present(outcomes[i]);
      for (std::size_t s = 0; s < outcomes[i].curve->size(); ++s) {
        add_withheld_from_stratum((*outcomes[i].curve)[s], presented["strata"][s]["label"], what);
      }
    }
    for (const std::string& sentence : what) {
      all.push_back({{"analysis", study_.analyses[i].id}, {"what", sentence}, {"rule", rule}});
    }
  }
  return all;
}

}  // namespace cohortium::study
