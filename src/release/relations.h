// Where two counts of a study count the same people in different ways: public, from the study alone.
//
// A whole is a population that an analysis counts, or a margin of the populations that an analysis counts (those alike in
// some columns, taken together). A side divides a whole as one analysis does: into those of its populations that lie in
// it, and the rest, where any row may be left. Two sides of one whole make a relation: the difference of what the one hides
// and of what the other hides follows from what they show.
//
// Not covered: what follows from three or more analyses together and from no two of them.
#pragma once

#include <cstddef>
#include <vector>

#include "release/population.h"

namespace cohortium::release {

struct Side {
  std::size_t whole = 0;                 // a group when below Relations::groups.size(), else a margin
  std::vector<std::size_t> groups = {};  // ascending
  bool rest = false;                     // whether rows of the whole may be in none of the groups
};

struct Relation {
  std::size_t left = 0, right = 0;  // sides
};

struct Relations {
  std::vector<Population> groups;                  // distinct populations that are counted
  std::vector<std::vector<std::size_t>> group_of;  // by family and place in it
  std::vector<Side> sides;
  std::vector<Relation> relations;
};

// The work grows with the square of the number of populations.
inline constexpr std::size_t most_populations = 2048;

// `families`: simplified populations, those of one family without a row in common; at most most_populations in all.
Relations find_relations(const std::vector<std::vector<Population>>& families);

}  // namespace cohortium::release
