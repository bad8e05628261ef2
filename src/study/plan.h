// A study turned into work: what each site computes, what the compute parties compute, what comes out, at what cost.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "mpc/engine.h"
#include "mpc/outcome.h"
#include "statistics/analysis.h"
#include "study/study_file.h"

namespace cohortium::study {

class Plan {
 public:
  // Fails with study.* (`where` = JSON path of the analysis).
  explicit Plan(Study study);

  const Study& study() const { return study_; }
  const std::vector<statistics::Declaration>& declarations() const { return declarations_; }

  // Ring elements that each site shares: the aggregates of all analyses, each distinct one once.
  std::size_t aggregate_size() const { return aggregate_size_; }
  // At a site, in the clear.
  std::vector<mpc::u128> local(const data::Table& table) const;
  // At the compute parties: the sum over all sites' aggregates to released outcomes, one per analysis. The release
  // rules are applied on the way; nothing else is opened. `progress` is told how many analyses are done.
  std::vector<mpc::ReleasedOutcome> secure(mpc::Engine& engine, const mpc::Shared<mpc::u128>& aggregates,
                                           const std::function<void(std::size_t)>& progress = {}) const;
  // The released outcomes as result.json's "analyses".
  nlohmann::json present(const std::vector<mpc::ReleasedOutcome>& outcomes) const;
  // What was withheld, and by which rule: result.json's "withheld".
  nlohmann::json withheld(const std::vector<mpc::ReleasedOutcome>& outcomes) const;

 private:
  Study study_;
  std::vector<std::unique_ptr<statistics::Analysis>> analyses_;
  std::vector<statistics::Declaration> declarations_;
  std::vector<std::size_t> offsets_;  // of each analysis' aggregate
  std::size_t aggregate_size_ = 0;
};

}  // namespace cohortium::study
