// The ring elements whose bits are given, where they are many: the bits of z +
// s + r are added up by conjunctions and opened to parties 0 and 2. Party 0
// lacks r, which parties 1 and 2 draw, and party 2 lacks s, which parties 0 and
// 1 draw; z = (z + s + r) - s - r is the result as it stands.
//
// Security   that of conjunctions, each of which is proved before the opening.
// Parties 0 and 2 each see z under a mask that
//            they do not know
// Reveals    nothing
// Rounds     those of to_bits, the proofs, and 1, per 2^16 elements
// Sent       to 64 bits: about 190 bits per element and party, and 64 more by
// parties 1 (to 0) and 2 Source     the derivation above
#include <algorithm>

#include "mpc/replicated3_malicious/cost.h"
#include "mpc/replicated3_malicious/planes.h"
#include "mpc/replicated3_malicious/replicated3_malicious.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

// The three operands: z, and the masks' bits as components 1 and 2.
template <RingWord W>
class Operands {
 public:
  Operands(PartyId self, const Tiling& tiling) : self_(self), tiling_(tiling), z_(k, tiling.words), masks_(z_) {}

  // The bits behind the last element need masks too.
  void draw_masks(crypto::RandomGenerator& with_previous, crypto::RandomGenerator& with_next) {
    for (int c : {0, 1}) {
      if (index_of(self_, c) == 0) continue;
      mask[c].resize(64 * tiling_.words);
      (c == 0 ? with_previous : with_next).fill(writable_bytes_of(mask[c]));
    }
  }
  // The planes from word `at` on; zeros above them.
  void load(std::span<const SharedBits> planes, std::size_t at) {
    for (std::size_t word = 0; word < tiling_.words; word += tiling_.tile) {
      const std::size_t width = tiling_.width(word);
      for (int c : {0, 1}) {
        u64* const z = z_.parts()[c] + word * k;
        std::fill_n(z, k * width, u64{0});
        for (std::size_t j = 0; j < planes.size(); ++j) {
          std::copy_n(planes[j].component[c].data() + at + word, width, z + j * width);
        }
        u64* const masked = masks_.parts()[c] + word * k;
        if (mask[c].empty()) {
          std::fill_n(masked, k * width, u64{0});
        } else {
          split_planes(mask[c].data() + 64 * word, 64 * width, static_cast<int>(k), masked, width);
        }
      }
    }
  }

  // z xor s xor r.
  TiledPlanes sums() const { return xor_planes(all(z_), all(masks_), tiling_); }
  // (z xor s) and (r xor s), xor s, but for the top position.
  TiledPlanes majorities(BitLane& lane) {
    Buffer<u64> zeros(k * tiling_.words, 0);
    const Parts<u64> held = masks_.parts();
    const ConstParts<u64> s{index_of(self_, 0) == 1 ? held.first : zeros.data(),
                            index_of(self_, 1) == 1 ? held.second : zeros.data()};
    std::vector<PlaneView> s_planes;
    for (std::size_t j = 0; j < k; ++j) s_planes.push_back({s, k, j});
    const TiledPlanes left = xor_planes(s_planes, all(z_), tiling_);
    std::vector<PlaneConjunction> conjunctions;
    for (std::size_t j = 0; j + 1 < k; ++j) {
      conjunctions.push_back({.left = left.plane(j), .right = masks_.plane(j), .addend = s_planes[j]});
    }
    return conjoin_all(lane, conjunctions, tiling_);
  }

  Buffer<W> mask[2];  // by component, where it is a mask

 private:
  static constexpr std::size_t k = bits_of<W>;
  static std::vector<PlaneView> all(const TiledPlanes& planes) {
    std::vector<PlaneView> views;
    for (std::size_t j = 0; j < planes.planes(); ++j) views.push_back(planes.plane(j));
    return views;
  }

  PartyId self_;
  Tiling tiling_;
  TiledPlanes z_, masks_;
};

// All bits of a sum: the lowest, and those above it with their carries.
TiledPlanes total_of(const PlaneView& lowest, const Addition& above, std::size_t planes, const Tiling& tiling) {
  TiledPlanes total(planes, tiling.words);
  for (std::size_t word = 0; word < tiling.words; word += tiling.tile) {
    const std::size_t width = tiling.width(word);
    for (int c : {0, 1}) {
      u64* to = total.parts()[c] + word * planes;
      std::copy_n(lowest.at(word, width)[c], width, to);
      for (std::size_t j = 1; j < planes; ++j) {
        to += width;
        std::copy_n(above.blocks.sums.plane(j - 1).at(word, width)[c], width, to);
        if (j > 1) xor_words(to, above.carries[j - 2].at(word, width)[c], to, width);
      }
    }
  }
  return total;
}

}  // namespace

template <RingWord W>
Shared<W> Replicated3Malicious::masked_sum(std::span<const SharedBits> planes) {
  constexpr int k = bits_of<W>;
  auto result = Shared<W>::uninitialised(planes[0].size, 2);
  in_stretches(result.size, [&](std::size_t from, std::size_t n) {
    const std::size_t words = words_for_bits(n), size = static_cast<std::size_t>(k) * words;
    const Tiling tiling = tiling_for(words, 2 * k);
    Operands<W> operands(self(), tiling);
    operands.draw_masks(with_previous_, with_next_);
    operands.load(planes, from / 64);
    BitLane lane = lane_.bits();
    const TiledPlanes sums = operands.sums(), majorities = operands.majorities(lane);
    std::vector<PlaneView> a, b;
    for (int j = 1; j < k; ++j) {
      a.push_back(sums.plane(j));
      b.push_back(majorities.plane(j - 1));
    }
    const Addition above =
        add_planes(lane, all_carries_of(k - 2, words, link()), a, b, xor_planes(a, b, tiling), tiling);
    TiledPlanes total = total_of(sums.plane(0), above, k, tiling);

    prove_all();
    Buffer<u64> opened(size);
    const auto [first, second] = total.parts();
    complete(std::as_bytes(std::span(first, size)), std::as_bytes(std::span(second, size)), writable_bytes_of(opened),
             {true, false, true});
    xor_words(opened.data(), first, opened.data(), size);
    xor_words(opened.data(), second, opened.data(), size);
    const Parts<W> out = parts_of(result).from(from);
    for (int c : {0, 1}) {
      if (index_of(self(), c) != 0) {
        scale_words(operands.mask[c].data(), static_cast<W>(-1), out[c], n);
        continue;
      }
      for (std::size_t word = 0; word < words; word += tiling.tile) {
        const std::size_t width = tiling.width(word);
        join_planes(opened.data() + word * k, width, k, out[c] + 64 * word, std::min(64 * width, n - 64 * word));
      }
    }
  });
  return result;
}

template <RingWord W>
Cost Replicated3MaliciousCost::masked_sum(std::size_t count) {
  constexpr int k = bits_of<W>;
  Cost cost;
  in_stretches(count, [&](std::size_t, std::size_t n) {
    const std::size_t words = words_for_bits(n);
    cost += conjoin(k - 1, words);
    cost += add(all_carries_of(k - 2, words, link_), words);
    cost += open_bytes(k * words * sizeof(u64), {true, false, true});
  });
  return cost;
}

#define COHORTIUM_FOR_RING(W)                                                       \
  template Shared<W> Replicated3Malicious::masked_sum(std::span<const SharedBits>); \
  template Cost Replicated3MaliciousCost::masked_sum<W>(std::size_t);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
