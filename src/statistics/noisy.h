// Analyses that noise can be added to: all that sites share of them are counts and sums to which a row adds little
// (release/noise.h). What they say of themselves is what noise has to know, and their intervals and errors know the noise.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "statistics/analysis.h"

namespace cohortium::statistics {

// A part of an aggregate: so many elements, to at most one of which a row adds, and at most `most` in absolute value.
struct AggregatePart {
  std::size_t size = 0;
  std::uint64_t most = 1;
  bool people = true;     // counts, never below 0; else sums, and this is what they are:
  std::string sums = {};  // "age"
  double one = 1;         // what 1 stands for
  std::string unit = {};
};

// The noise that each element of a part carries.
struct AddedNoise {
  double deviation = 0;  // standard
  bool laplace = false;  // whether its tails are heavier than normal ones
};

class NoisyAnalysis : public Analysis {
 public:
  // Of the aggregate, in their order.
  virtual std::vector<AggregatePart> parts() const = 0;
  // `noise`: of each part.
  virtual nlohmann::json present_noisy(const mpc::ReleasedOutcome& outcome,
                                       std::span<const AddedNoise> noise) const = 0;
};

// Fails as make_analysis does. Null for a kind that takes no noise.
std::unique_ptr<NoisyAnalysis> make_noisy_analysis(const AnalysisEntry& entry, const std::string& path,
                                                   const std::vector<data::ColumnDeclaration>& columns,
                                                   const mpc::ReleaseRule& rule);

}  // namespace cohortium::statistics
