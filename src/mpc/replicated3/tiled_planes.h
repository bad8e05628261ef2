// Many shared bit planes of equal length, in tiles, so that a pass over all of them stays in the cache: a tile holds
// `tile` words of every plane, plane after plane; the last tile may be narrower. A kernel works tile by tile and sends
// them in the same order.
#pragma once

#include <algorithm>
#include <cstddef>

#include "mpc/replicated3/lane.h"

namespace cohortium::mpc {

// How planes of `words` words are cut.
struct Tiling {
  std::size_t words = 0;
  std::size_t tile = 64;

  std::size_t width(std::size_t from) const { return std::min(tile, words - from); }
};

// The widest tiles, up to 4,096 elements, of which at least one fits into a block of a stream.
inline Tiling tiling_for(std::size_t words, std::size_t planes) {
  Tiling tiling{.words = words};
  while (tiling.tile > 1 && planes * tiling.tile * sizeof(u64) > stream_block_bytes) tiling.tile /= 2;
  return tiling;
}

// One plane of a set, or a plane that stands alone (planes = 1).
struct PlaneView {
  ConstParts<u64> base;
  std::size_t planes = 1, index = 0;

  // The stretch of the tile that begins at `word`.
  ConstParts<u64> at(std::size_t word, std::size_t width) const { return base.from(word * planes + index * width); }
};

class TiledPlanes {
 public:
  TiledPlanes(std::size_t planes, std::size_t words)
      : planes_(planes), component_{Buffer<u64>(planes * words), Buffer<u64>(planes * words)} {}

  std::size_t planes() const { return planes_; }
  Parts<u64> parts() { return parts_of(component_); }
  PlaneView plane(std::size_t index) const { return {parts_of(component_), planes_, index}; }

 private:
  std::size_t planes_;
  Components<u64> component_;
};

}  // namespace cohortium::mpc
