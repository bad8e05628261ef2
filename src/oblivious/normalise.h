// Bringing integers of unknown magnitude into [1/2, 1): where the top bit stands, and the power of two that shifts it to
// the first place.
//
// Domain     0 <= d < 2^bits, 1 <= bits <= 62
// Error      none
// Rounds     those of Engine::to_bits and Engine::from_bits, plus ceil(log2(bits))
// Method     the planes of the top bit, read backwards, are the bits of the scale: one composition
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "oblivious/names.h"

namespace cohortium::oblivious {

template <RingWord W>
struct Normalised {
  int bits = 0;
  std::vector<SharedBits> top_bit;  // plane j: whether bit j is the top bit; all 0 for d = 0
  Shared<W> scale;                  // 2^(bits - 1 - top), or 0 for d = 0: d * scale lies in [2^(bits-1), 2^bits)
};

template <RingWord W>
Normalised<W> normalise(Engine& engine, const Shared<W>& d, int bits);

// Any public function of the top bit's place with values below 2^value_bits; 0 for d = 0. One composition.
template <RingWord W>
Shared<W> by_top_bit(Engine& engine, const Normalised<W>& normalised, int value_bits,
                     const std::function<W(int top)>& value);

}  // namespace cohortium::oblivious
