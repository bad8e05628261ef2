// Which neighbours to take together so that every group is large enough: decided on shared counts, all at once.
//
// A binary tree of blocks stands over a public row of places (grid points, steps): the leaves are the places, every
// other block is the union of two neighbours. One comparison tells for every block of every row whether it holds none,
// few (fewer than the minimum) or enough; that is opened, and it decides the groups: a block with enough is divided as
// long as one half has enough; a half with few joins the nearest group of the other half; when both halves have few,
// the block is one group.
//
// Reveals    for every block whether it holds none, few or enough: more than the borders of the groups, which follow
// Rounds     those of one comparison, and one to open
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "mpc/engine.h"

namespace cohortium::release {

// Places from..to, inclusive.
struct Interval {
  std::size_t from = 0, to = 0;
};

enum class Zeros {
  kAreFew,  // a group needs at least the minimum
  kAreFine  // a group may also hold none
};

// For each row of counts (below 2^count_bits) its groups, in order, covering all places; nothing for a row which in all
// holds too few to be shown. `minimum` is at least 1; rows are not empty.
std::vector<std::optional<std::vector<Interval>>> merge(mpc::Engine& engine,
                                                        const std::vector<mpc::Shared<mpc::u64>>& rows,
                                                        mpc::u64 minimum, Zeros zeros);

}  // namespace cohortium::release
