// The rule between studies: what a study shows must not differ from what earlier ones showed by a few people.
//
// A release is a study's numbers of people, in families: the groups of a family have no row in common, and the first
// family of every release is one group, everyone that the study looked at. Sums over a group that is shown can be
// subtracted from sums over others; what is left depends on the rows on which the groups' indicators do not cancel. It may
// depend on none, or on as many as the smallest minimum of the studies involved (so many, that study could have shown as a
// group), but not on fewer. Looked at are
//
//   a group and any union  of groups of one family of the other release, for every group and family of the new and of each
//                          earlier release, either way. Of all unions the one that cancels most is found by itself: a
//                          group h belongs to it when more than half of its rows are in the other group g, and leaves
//                          n_g - sum over these h of (2 |g and h| - n_h) rows. Any other union leaves more, by whole
//                          groups that are shown
//   three releases         everyone of one, and everyone of two others together, for the new release and each two of the
//                          earlier ones: queries that complement each other, bands side by side
//
// A group with fewer people than its own study's minimum is not shown, so it cancels nothing and need not be protected.
//
// Security   as the engine's protocol
// Reveals    per earlier release and family of the new one, and per two earlier releases, whether such a difference is small
// Rounds     two comparisons one after the other with their conjunctions, two keep_where, one from_bit and an is_zero; an opening
// Sent       as two comparisons of 33 bits per overlap of a new with an earlier group, and two of 32 per group and release
// Source     Denning 1982, chapter 6 (differencing attacks on statistical databases); the union's bound is ours
#pragma once

#include <cstddef>
#include <vector>

#include "mpc/engine.h"

namespace cohortium::release {

struct ReleaseShape {
  mpc::u64 minimum = 1;
  std::vector<std::size_t> families = {1};  // the number of groups of each

  std::size_t groups() const;
  bool operator==(const ReleaseShape&) const = default;
};

struct DifferenceShape {
  ReleaseShape now;
  std::vector<ReleaseShape> earlier;
  std::size_t in_threes = 0;  // how many of the earlier ones, from the first, are taken two at a time

  // Numbers that a site counts, in this order: the sizes of all groups, of `now` first; per earlier release, family of
  // now and family of that release the table of overlaps (rows: groups of now); per two earlier releases i < j, how many
  // rows do not cancel in now + i - j, in now + j - i and in i + j - now.
  std::size_t counts() const;
  std::size_t overlaps() const;
  std::size_t pairs() const { return in_threes * (in_threes - (in_threes > 0 ? 1 : 0)) / 2; }
  bool operator==(const DifferenceShape&) const = default;
};

struct SmallDifferences {
  std::vector<std::vector<bool>> families;  // by earlier release and family of now
  std::vector<bool> pairs;                  // of earlier releases: (0, 1), (0, 2), (1, 2), (0, 3), …

  bool any() const;
};

// `counts`: summed over sites, each below 2^32.
SmallDifferences small_differences(mpc::Engine& engine, const DifferenceShape& shape,
                                   const mpc::Shared<mpc::u64>& counts);

}  // namespace cohortium::release
