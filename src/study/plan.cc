#include "study/plan.h"

#include <algorithm>
#include <bit>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "study/counted.h"
#include "study/dominance.h"
#include "study/rounding.h"
#include "study/site_protection.h"
#include "study/withheld.h"

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

std::unique_ptr<statistics::Analysis> make(const Study& study, std::size_t i, const std::string& path) {
  const statistics::AnalysisEntry& entry = study.analyses[i];
  if (!study.privacy) return statistics::make_analysis(entry, path, study.data.columns, study.release);
  std::unique_ptr<statistics::Analysis> noisy =
      statistics::make_noisy_analysis(entry, path, study.data.columns, study.release);
  if (noisy != nullptr) return noisy;
  throw Failure({.code = "study.no_noise",
                 .message = "noise is added to counts and sums of rows, and a " + entry.kind + " needs more than these",
                 .where = path + "/kind",
                 .remedy =
                     "with release/privacy ask for kinds count, table, histogram, proportion, prevalence, rate and "
                     "describe, or leave it out"});
}

}  // namespace

std::size_t padded_rows(std::size_t rows) {
  constexpr std::size_t least = 16;
  const std::size_t step = std::bit_floor(std::max(rows, least)) / 8;
  return std::max(least, (rows + step - 1) / step * step);
}

Plan::Plan(Study study) : study_(std::move(study)) {
  check_rounding(study_);
  check_site_protection(study_);
  check_dominance(study_);
  std::map<std::string, std::size_t> offset_of, row_offset_of;
  for (std::size_t i = 0; i < study_.analyses.size(); ++i) {
    const std::string path = "/analyses/" + std::to_string(i);
    analyses_.push_back(make(study_, i, path));
    declarations_.push_back(analyses_.back()->declare());
    const auto [entry, is_new] = offset_of.try_emplace(declarations_.back().aggregate, aggregate_size_);
    offsets_.push_back(entry->second);
    const auto [columns, has_columns] = row_offset_of.try_emplace(declarations_.back().rows, row_columns_);
    row_offsets_.push_back(columns->second);
    add_bounds(declarations_.back(), is_new, has_columns);
    if (is_new) aggregate_size_ += declarations_.back().aggregate_size;
    if (has_columns) row_columns_ += declarations_.back().row_columns;
    steps_ += declarations_.back().steps;
    if (aggregate_size_ > largest_aggregate) {
      throw Failure(
          {.code = "study.too_large",
           .message = "each site would have to share more than " + std::to_string(largest_aggregate) + " numbers",
           .where = path,
           .remedy = "use a coarser time step, a narrower range or fewer groups"});
    }
    if (study_.privacy && is_new)
      for (const auto& part : noisy(i)->parts()) stretches_.push_back({.size = part.size, .people = part.people});
  }
  counted_ = counted_people(study_, declarations_);
  if (!study_.privacy) return;
  plan_noise();
  counted_.assign(counted_.size(), {});  // noisy counts of the same people differ anyway
}

// Of what an analysis adds to what earlier ones share.
void Plan::add_bounds(const statistics::Declaration& declaration, bool new_aggregate, bool new_rows) {
  if (new_aggregate) {
    auto bounds = declaration.aggregate_bounds;
    if (bounds.empty()) bounds = {statistics::counts_of_people(declaration.aggregate_size)};
    COHORTIUM_CHECK(statistics::elements(bounds) == declaration.aggregate_size);
    aggregate_bounds_.insert(aggregate_bounds_.end(), bounds.begin(), bounds.end());
  }
  if (!new_rows) return;
  COHORTIUM_CHECK(statistics::elements(declaration.row_bounds) == declaration.row_columns);
  row_bounds_.insert(row_bounds_.end(), declaration.row_bounds.begin(), declaration.row_bounds.end());
  for (const auto& indicators : declaration.indicators)
    indicators_.push_back({row_columns_ + indicators.from, indicators.count});
}

const statistics::NoisyAnalysis* Plan::noisy(std::size_t analysis) const {
  return study_.privacy ? static_cast<const statistics::NoisyAnalysis*>(analyses_.at(analysis).get()) : nullptr;
}

release::Noise Plan::noise_on(const statistics::AggregatePart& part) const {
  return release::noise_for(*study_.privacy, stretches_.size(), part.most);
}

// Every part of every distinct aggregate is a vector to which a row adds once; all get an equal part of the loss.
void Plan::plan_noise() {
  noise_ = noise_on({});
  std::size_t next = 0, end = 0;
  for (std::size_t i = 0; i < analyses_.size(); ++i) {
    if (offsets_[i] < end) continue;  // shares an earlier aggregate
    for (const auto& part : noisy(i)->parts()) stretches_[next++].noise = noise_on(part);
    end = offsets_[i] + declarations_[i].aggregate_size;
  }
  COHORTIUM_CHECK(next == stretches_.size());
}

bool Plan::by_site() const { return protects_sites(study_) || limits_dominance(study_); }

std::size_t Plan::most_rows() const {
  if (row_columns_ == 0) return mpc::maximum_rows_per_site;
  return std::min(mpc::maximum_rows_per_site, (largest_aggregate - aggregate_size_) / row_columns_ / 9 * 8);
}

std::vector<u128> Plan::local(const data::Table& table) const {
  if (table.rows > most_rows()) {
    throw Failure({.code = "study.too_many_rows",
                   .message = "a site may bring at most " + std::to_string(most_rows()) + " rows to this study",
                   .where = study_.data.table,
                   .remedy = "select fewer rows with data/where, or ask for less of each row"});
  }
  std::vector<u128> shared;
  const std::size_t padded = row_columns_ == 0 ? 0 : padded_rows(table.rows);
  shared.reserve(aggregate_size_ + row_columns_ * padded);
  for (std::size_t i = 0; i < analyses_.size(); ++i) {
    if (offsets_[i] < shared.size()) continue;  // shared with an earlier analysis
    const std::vector<u128> part = analyses_[i]->local(table);
    COHORTIUM_CHECK(part.size() == declarations_[i].aggregate_size);
    shared.insert(shared.end(), part.begin(), part.end());
  }
  COHORTIUM_CHECK(shared.size() == aggregate_size_);
  for (std::size_t i = 0; i < analyses_.size(); ++i) {
    if (aggregate_size_ + row_offsets_[i] * padded < shared.size()) continue;
    std::vector<u128> columns = analyses_[i]->rows(table);
    COHORTIUM_CHECK(columns.size() == declarations_[i].row_columns * table.rows);
    for (std::size_t c = 0; c < declarations_[i].row_columns; ++c) {
      const auto first = columns.begin() + static_cast<std::ptrdiff_t>(c * table.rows);
      shared.insert(shared.end(), first, first + static_cast<std::ptrdiff_t>(table.rows));
      shared.resize(shared.size() + padded - table.rows);
    }
    wipe(columns.data(), columns.size() * sizeof(u128));
  }
  COHORTIUM_CHECK(shared.size() == aggregate_size_ + row_columns_ * padded);
  COHORTIUM_CHECK(is_within(aggregate_bounds_, std::span(shared).first(aggregate_size_), 1));
  COHORTIUM_CHECK(is_within(row_bounds_, std::span(shared).subspan(aggregate_size_), padded));
  return shared;
}

std::vector<u128> Plan::step(std::size_t analysis, const data::Table& table, std::span<const double> state) const {
  std::vector<u128> answer = analyses_.at(analysis)->step(table, state);
  COHORTIUM_CHECK(answer.size() == declarations_[analysis].step_size);
  return answer;
}

release::ReleasedStudy Plan::secure(mpc::Engine& engine, const StudyInputs& inputs,
                                    const std::function<void(std::size_t)>& progress) const {
  COHORTIUM_CHECK(inputs.aggregates.size == aggregate_size_);
  COHORTIUM_CHECK(inputs.rows.size == row_columns_ * inputs.row_count);
  COHORTIUM_CHECK(!by_site() || inputs.sites.size() == study_.sites.size());
  std::vector<mpc::SharedOutcome> outcomes;
  // Every distinct aggregate gets noise once, for analyses that share it alike: so it counts once.
  const mpc::Shared<u128> aggregates =
      noise_ ? release::add_noise(engine, inputs.aggregates, stretches_) : inputs.aggregates;
  for (std::size_t i = 0; i < analyses_.size(); ++i) {
    const auto& declaration = declarations_[i];
    std::vector<mpc::Shared<u128>> by_site;
    for (const mpc::Shared<u128>& site : inputs.sites)
      by_site.push_back(slice(site, offsets_[i], declaration.aggregate_size));
    outcomes.push_back(analyses_[i]->secure(
        engine,
        {.aggregate = slice(aggregates, offsets_[i], declaration.aggregate_size),
         .rows = slice(inputs.rows, row_offsets_[i] * inputs.row_count, declaration.row_columns * inputs.row_count),
         .row_count = declaration.row_columns == 0 ? 0 : inputs.row_count,
         .by_site = by_site,
         .ask = [&inputs, i](std::span<const double> state) { return inputs.ask(i, state); }}));
    if (protects_sites(study_)) {
      for (const mpc::Shared<u128>& site : by_site)
        outcomes.back().cells->sites.push_back(counts_of_site(engine, *analyses_[i], site));
    }
    COHORTIUM_CHECK(!limits_dominance(study_) || study_.analyses[i].kind != "describe" ||
                    !outcomes.back().cells->vetoes.empty());
    if (progress) progress(i + 1);
  }
  mpc::ReleaseRule rule = study_.release;
  rule.protect_sites = protects_sites(study_);
  return release::release(engine, outcomes, counted_, rule);
}

json Plan::present(std::size_t analysis, const mpc::ReleasedOutcome& outcome) const {
  const statistics::NoisyAnalysis* noisy = this->noisy(analysis);
  if (noisy == nullptr) return analyses_[analysis]->present(outcome);
  std::vector<statistics::AddedNoise> added;
  for (const auto& part : noisy->parts()) {
    const release::Noise noise = noise_on(part);
    added.push_back({.deviation = noise.standard_deviation(), .laplace = noise.scale.has_value()});
  }
  return noisy->present_noisy(outcome, added);
}

json Plan::present(const std::vector<mpc::ReleasedOutcome>& outcomes) const {
  json all = json::object();
  for (std::size_t i = 0; i < analyses_.size(); ++i) {
    json one = present(i, outcomes[i]);
    one["kind"] = study_.analyses[i].kind;
    one["title"] = study_.analyses[i].title.empty() ? heading(declarations_[i].computes) : study_.analyses[i].title;
    if (!one.contains("error_bound")) one["error_bound"] = declarations_[i].error_bound;  // else known better by now
    all[study_.analyses[i].id] = std::move(one);
  }
  return all;
}

json Plan::withheld(const release::ReleasedStudy& released) const {
  json entries = json::array();
  for (std::size_t i = 0; i < released.outcomes.size(); ++i) {
    const mpc::ReleasedOutcome& outcome = released.outcomes[i];
    std::vector<std::string> strata;
    if (outcome.curve) {
      const json presented = analyses_[i]->present(outcome);
      for (const json& stratum : presented.contains("baseline") ? presented["baseline"]["strata"] : presented["strata"])
        strata.push_back(stratum["label"]);
    }
    add_withheld({study_.analyses[i].id, outcome, released.across[i], std::move(strata), study_.release}, entries);
  }
  return entries;
}

}  // namespace cohortium::study
