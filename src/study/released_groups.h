// The groups of people that a study shows numbers of, and which of them each row of a site belongs to: what differences
// between studies are looked for in (release/differences.h).
//
// Families, each once: everyone whom the study selects; of every analysis the people and the events that it counts
// (counted.h; of a kind that is not described there, the rows that have values, by the columns `by`), these by each of
// its columns alone, and all of them together. A family of more than 1,024 groups is left out, and so is what would bring
// all families beyond 4,096 groups; their margins stand for them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "release/differences.h"
#include "release/population.h"
#include "statistics/analysis.h"
#include "study/study_file.h"

namespace cohortium::study {

class ReleasedGroups {
 public:
  explicit ReleasedGroups(const Study& study, const std::vector<statistics::Declaration>& declarations);

  release::ReleaseShape shape() const;
  // Of a family: the analysis that shows it first; none of the first family.
  std::string analysis(std::size_t family) const { return analyses_.at(family); }

  // By family: the group of each row of `table`, no_group where there is none.
  std::vector<std::vector<std::uint16_t>> of_rows(const data::Table& table) const;

 private:
  void add(const std::string& analysis, std::vector<release::Population> groups);

  const Study& study_;
  std::vector<std::vector<release::Population>> families_;
  std::vector<std::string> analyses_;
};

inline constexpr std::uint16_t no_group = 0xffff;

// Rows of one release at one site: their names, ascending and each once, and by family the group of each.
struct ReleasedRows {
  std::vector<std::uint64_t> names;
  std::vector<std::vector<std::uint16_t>> groups;
};

// Rows with the same name are told apart by their order.
ReleasedRows released_rows(const std::vector<std::uint64_t>& names,
                           const std::vector<std::vector<std::uint16_t>>& groups);

// What this site counts for release::small_differences, in the order of DifferenceShape::counts. Of an earlier release
// that it had no part in: no rows.
std::vector<mpc::u128> count_differences(const release::DifferenceShape& shape, const ReleasedRows& now,
                                         std::span<const ReleasedRows> earlier);

}  // namespace cohortium::study
