// Steps that kernels on bits share.
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "mpc/replicated3/bit_lane.h"

namespace cohortium::mpc {

// The index of the component that stands first (0), second (1) at a party.
inline int index_of(PartyId self, int component) { return (self + component) % 3; }

// Plane by plane.
TiledPlanes xor_planes(std::span<const PlaneView> a, std::span<const PlaneView> b, const Tiling& tiling);

// All in one round; none where there are none.
TiledPlanes conjoin_all(BitLane& lane, std::span<const PlaneConjunction> conjunctions, const Tiling& tiling);

// The carries of an addition, and what they stand in.
struct Addition {
  BlockPlanes blocks{{0, 0}, {0, 0}, {0, 0}};  // its sums are a xor b
  std::deque<TiledPlanes> levels;
  std::vector<PlaneView> carries;  // out of every position
};
// By all_carries_of (cost.h).
Addition add_planes(BitLane& lane, const Adder& adder, std::span<const PlaneView> a, std::span<const PlaneView> b,
                    TiledPlanes sums, const Tiling& tiling);

}  // namespace cohortium::mpc
