// A study turned into work: what each site computes, what the compute parties compute, what comes out, at what cost.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mpc/engine.h"
#include "mpc/outcome.h"
#include "release/door.h"
#include "release/noisy_vector.h"
#include "statistics/noisy.h"
#include "study/study_file.h"

namespace cohortium::study {

// What the compute parties hold of all sites' data, and how they ask for more.
struct StudyInputs {
  mpc::Shared<mpc::u128> aggregates;  // summed over sites
  mpc::Shared<mpc::u128> rows = {};   // of all sites, column after column; Plan::row_columns() of row_count each
  std::size_t row_count = 0;
  std::vector<mpc::Shared<mpc::u128>> sites = {};  // each site's aggregates, where the plan goes by_site()
  // The sum over sites of their answers to a public state: Plan::step at each of them.
  std::function<mpc::Shared<mpc::u128>(std::size_t analysis, std::span<const double> state)> ask = {};
};

// The number that compute parties see of a site's number of rows: rounded up in steps of a sixteenth to an eighth of it.
std::size_t padded_rows(std::size_t rows);

class Plan {
 public:
  // Fails with study.* (`where` = JSON path of the analysis).
  explicit Plan(Study study);

  const Study& study() const { return study_; }
  const std::vector<statistics::Declaration>& declarations() const { return declarations_; }

  // Ring elements that each site shares: the aggregates of all analyses, each distinct one once.
  std::size_t aggregate_size() const { return aggregate_size_; }
  // Ring elements that each site shares of every row.
  std::size_t row_columns() const { return row_columns_; }
  // What these lie between (study/site_bounds.h): of all elements, of all columns; columns of which a row sets one.
  const std::vector<statistics::Bounds>& aggregate_bounds() const { return aggregate_bounds_; }
  const std::vector<statistics::Bounds>& row_bounds() const { return row_bounds_; }
  const std::vector<statistics::Indicators>& indicators() const { return indicators_; }
  // How many rows a site may bring.
  std::size_t most_rows() const;
  // What is added to every count; none where the study asks for no noise.
  const std::optional<release::Noise>& noise() const { return noise_; }
  // An analysis with what noise has to know of it; null where the study asks for no noise.
  const statistics::NoisyAnalysis* noisy(std::size_t analysis) const;
  // What is added to the elements of a part of an aggregate.
  release::Noise noise_on(const statistics::AggregatePart& part) const;
  // What is added to all aggregates, each distinct one once.
  const std::vector<release::NoisyStretch>& noisy_stretches() const { return stretches_; }
  // Whether rules of the study look at what each site shares.
  bool by_site() const;
  // How many times the compute parties may ask the sites.
  std::size_t steps() const { return steps_; }
  // At a site, in the clear: the aggregates, then the columns of its padded rows.
  std::vector<mpc::u128> local(const data::Table& table) const;
  // At a site, in the clear, when asked. Fails with study.bad_step.
  std::vector<mpc::u128> step(std::size_t analysis, const data::Table& table, std::span<const double> state) const;
  std::size_t step_size(std::size_t analysis) const { return declarations_.at(analysis).step_size; }
  // At the compute parties: all sites' inputs to released outcomes, one per analysis. All analyses are computed, then
  // the release rules decide over them together; nothing else is opened. `progress` is told how many are computed.
  release::ReleasedStudy secure(mpc::Engine& engine, const StudyInputs& inputs,
                                const std::function<void(std::size_t)>& progress = {}) const;
  // The released outcomes as result.json's "analyses".
  nlohmann::json present(const std::vector<mpc::ReleasedOutcome>& outcomes) const;
  // What was withheld, and by which rule: result.json's "withheld".
  nlohmann::json withheld(const release::ReleasedStudy& released) const;

 private:
  void add_bounds(const statistics::Declaration& declaration, bool new_aggregate, bool new_rows);
  void plan_noise();
  nlohmann::json present(std::size_t analysis, const mpc::ReleasedOutcome& outcome) const;

  Study study_;
  std::vector<std::unique_ptr<statistics::Analysis>> analyses_;
  std::vector<statistics::Declaration> declarations_;
  std::vector<std::size_t> offsets_;      // of each analysis' aggregate
  std::vector<std::size_t> row_offsets_;  // of each analysis' first column of rows
  std::size_t aggregate_size_ = 0, row_columns_ = 0, steps_ = 0;
  std::vector<statistics::Bounds> aggregate_bounds_, row_bounds_;
  std::vector<statistics::Indicators> indicators_;
  std::optional<release::Noise> noise_;
  std::vector<release::NoisyStretch> stretches_;
  std::vector<release::Counted> counted_;
};

}  // namespace cohortium::study
