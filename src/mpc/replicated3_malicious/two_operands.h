// The operands whose sum is a shared element; see bits.cc.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "mpc/replicated3_malicious/planes.h"

namespace cohortium::mpc {

// The two operands that three components become, at positions 0 .. n-1: sums,
// and majorities, which count twice.
template <RingWord W>
class TwoOperands {
 public:
  TwoOperands(BitLane& lane, PartyId self, ConstParts<W> a, std::size_t count, int sums, int majorities,
              const Tiling& tiling)
      : sums_(sums, tiling.words), zeros_(sums * tiling.words, 0), majorities_(0, 0) {
    for (std::size_t word = 0; word < tiling.words; word += tiling.tile) {
      const std::size_t width = tiling.width(word), from = 64 * word, n = std::min(64 * width, count - from);
      const Parts<u64> out = sums_.parts().from(word * sums);
      split_planes(a.first + from, n, sums, out.first, width);
      split_planes(a.second + from, n, sums, out.second, width);
    }
    // (x0 xor x2) and (x1 xor x2), xor x2
    std::vector<PlaneConjunction> conjunctions;
    for (int j = 0; j < majorities; ++j) {
      conjunctions.push_back({.left = components(self, j, {true, false, true}),
                              .right = components(self, j, {false, true, true}),
                              .addend = components(self, j, {false, false, true})});
    }
    majorities_ = conjoin_all(lane, conjunctions, tiling);
  }
  TiledPlanes& sums() { return sums_; }
  PlaneView sum(int j) { return sums_.plane(j); }
  PlaneView majority(int j) { return majorities_.plane(j); }

 private:
  // Bit j of the components given, added up.
  PlaneView components(PartyId self, int j, std::array<bool, 3> wanted) {
    const Parts<u64> held = sums_.parts();
    return {{wanted[self] ? held.first : zeros_.data(), wanted[(self + 1) % 3] ? held.second : zeros_.data()},
            sums_.planes(),
            static_cast<std::size_t>(j)};
  }

  TiledPlanes sums_;
  Buffer<u64> zeros_;
  TiledPlanes majorities_;
};

}  // namespace cohortium::mpc
