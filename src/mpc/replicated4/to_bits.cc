// Ring elements to bits: x = a + b, where the first pair of parties knows a and the second b. Blocks of positions get their
// carries from tables (block_tables.cc), and a parallel-prefix adder over the blocks does the rest (mpc/carries.h): all
// carries for to_bits, only the carry into the wanted position for bit; or all carries ripple, where bytes are dearer than
// rounds. Whether x is zero modulo 2^count: exactly when every position of a + (b - 1) propagates; so no carries.
//
// Security   malicious, 1 corruption of 4 (block tables, conjunctions)
// Reveals    nothing
// Rounds     bit: 2 + ceil(log2(position / w)) for blocks of w, at most 4; to_bits: at most 1 more, or `count` where it
//            ripples; is_zero: 2 + ceil(log2(count / w)). Vectors beyond 2^20 elements are done one such stretch after the
//            other
// Sent       bit 63 with w = 3, per element in all: 296 bits of products, 164 of tables, 210 of levels: 670 bits. is_zero of
//            64 bits: about 500 bits. to_bits of 64 bits, rippling: 506 bits
// Source     Sklansky 1960 (prefix adder); the split of x as in Mohassel and Rindal, CCS 2018, section 5.3
#include <memory>

#include "base/error.h"
#include "mpc/replicated4/replicated4.h"

namespace cohortium::mpc {
namespace {

const Adder& quickest_of_four(const std::vector<Adder>& adders, std::size_t words, const Link& link) {
  return quickest(adders, four, link,
                  [&](PartyId party, const Adder& adder) { return Replicated4Cost(party, link).adder(words, adder); });
}

Adder adder_for_bit(int position, std::size_t words, const Link& link) {
  return quickest_of_four({carry_into(position, 3), carry_into(position, 4)}, words, link);
}

Adder adder_for_bits(int bits, std::size_t words, const Link& link) {
  return quickest_of_four(
      {carries_out_of(bits - 1, bits, 2), carries_out_of(bits - 1, bits, 3), rippling(bits - 1, bits)}, words, link);
}

Adder adder_for_zero(int count, std::size_t words, const Link& link) {
  if (count == 1) return all_propagate(count, 1);
  return quickest_of_four({all_propagate(count, 2), all_propagate(count, 3), all_propagate(count, 4)}, words, link);
}

void keep(PartyId self, const Plane& plane, const std::optional<Plane>& addend, std::size_t words, View<u64> out) {
  for (PartyId c = 0; c < four; ++c) {
    if (c == self) continue;
    for_tiles(words, [&](std::size_t word, std::size_t width) {
      std::copy_n(plane.at(c, word, width), width, out[c] + word);
      if (addend) Bits::add(addend->at(c, word, width), out[c] + word, width);
    });
  }
}

}  // namespace

Cost Replicated4Cost::adder(std::size_t words, const Adder& adder) const {
  Cost cost = block_tables(words, adder.blocks);
  for (int ands : adder.level_ands) cost += products(ands * words * sizeof(u64));
  return cost;
}

template <RingWord W>
Cost Replicated4Cost::to_bits(std::size_t count, int bits) const {
  Cost cost;
  over_stretches_of_four(count, [&](std::size_t, std::size_t n) {
    cost += adder(words_for_bits(n), adder_for_bits(bits, words_for_bits(n), link_));
  });
  return cost;
}

template <RingWord W>
Cost Replicated4Cost::bit(std::size_t count, int position) const {
  Cost cost;
  over_stretches_of_four(count, [&](std::size_t, std::size_t n) {
    cost += adder(words_for_bits(n), adder_for_bit(position, words_for_bits(n), link_));
  });
  return cost;
}

template <RingWord W>
Cost Replicated4Cost::is_zero(std::size_t count, int bits) const {
  Cost cost;
  over_stretches_of_four(count, [&](std::size_t, std::size_t n) {
    cost += adder(words_for_bits(n), adder_for_zero(bits, words_for_bits(n), link_));
  });
  return cost;
}

// The planes of what this party's pair knows of x.
template <RingWord W>
LoadKnown Replicated4::known_planes(View<const W> x, std::size_t count, int planes, W offset_of_second) const {
  struct Scratch {
    Buffer<W> values;
    Buffer<u64> planes;
  };
  auto scratch = std::make_shared<Scratch>();
  return [=, c = in_first_pair() ? 2 : 0](std::size_t word, std::size_t width) {
    const std::size_t from = 64 * word, n = std::min(64 * width, count - from);
    scratch->values.resize(64 * width);
    scratch->planes.resize(planes * width);
    W* const values = scratch->values.data();
    add_words(x[c] + from, x[c + 1] + from, values, n);
    if (c == 0 && offset_of_second != 0) {
      for (std::size_t i = 0; i < n; ++i) values[i] += offset_of_second;
    }
    split_planes(values, n, planes, scratch->planes.data(), width);
    return static_cast<const u64*>(scratch->planes.data());
  };
}

std::vector<Plane> Replicated4::carries(const Adder& adder, std::size_t words, const SharedBlocks& blocks,
                                        std::deque<PlaneSet>& levels) {
  return find_carries<Plane>(adder, blocks, [&](std::span<const Conjunction<Plane>> level) -> const PlaneSet& {
    return levels.emplace_back(conjoin(level, words));
  });
}

template <RingWord W>
std::vector<SharedBits> Replicated4::to_bits(const Shared<W>& a, int count) {
  COHORTIUM_CHECK(a.components == four - 1 && count >= 1 && count <= bits_of<W>);
  std::vector<SharedBits> planes(count);
  for (SharedBits& plane : planes) plane = SharedBits::uninitialised(a.size, four - 1);
  over_stretches_of_four(a.size, [&](std::size_t from, std::size_t n) {
    const std::size_t words = words_for_bits(n);
    const Adder adder = adder_for_bits(count, words, link());
    const auto known = known_planes<W>(view(a).from(from), n, count, 0);
    const SharedBlocks blocks = block_tables(adder.blocks, words, known);
    std::deque<PlaneSet> levels;
    const std::vector<Plane> carry = carries(adder, words, blocks, levels);
    for (int j = 0; j < count; ++j) {
      keep(self(), blocks.sums.plane(j), j == 0 ? std::nullopt : std::optional(carry[j - 1]), words,
           view(planes[j]).from(from / 64));
    }
  });
  return planes;
}

template <RingWord W>
SharedBits Replicated4::bit(const Shared<W>& a, int position) {
  COHORTIUM_CHECK(a.components == four - 1 && position >= 0 && position < bits_of<W>);
  auto result = SharedBits::uninitialised(a.size, four - 1);
  over_stretches_of_four(a.size, [&](std::size_t from, std::size_t n) {
    const std::size_t words = words_for_bits(n);
    const Adder adder = adder_for_bit(position, words, link());
    const auto known = known_planes<W>(view(a).from(from), n, position + 1, 0);
    const SharedBlocks blocks = block_tables(adder.blocks, words, known);
    std::deque<PlaneSet> levels;
    std::optional<Plane> carry;
    if (position > 0) carry = carries(adder, words, blocks, levels).back();
    keep(self(), blocks.sums.plane(0), carry, words, view(result).from(from / 64));
  });
  return result;
}

template <RingWord W>
SharedBits Replicated4::is_zero(const Shared<W>& a, int count) {
  COHORTIUM_CHECK(a.components == four - 1 && count >= 1 && count <= bits_of<W>);
  auto result = SharedBits::uninitialised(a.size, four - 1);
  over_stretches_of_four(a.size, [&](std::size_t from, std::size_t n) {
    const std::size_t words = words_for_bits(n);
    const Adder adder = adder_for_zero(count, words, link());
    const auto known = known_planes<W>(view(a).from(from), n, count, static_cast<W>(-1));
    const SharedBlocks blocks = block_tables(adder.blocks, words, known);
    std::deque<PlaneSet> levels;
    std::vector<Plane> planes;
    for (std::size_t i = 0; i < blocks.tables.planes(); ++i) planes.push_back(blocks.tables.plane(i));
    if (planes.empty()) planes.push_back(blocks.sums.plane(0));
    const Plane all = all_of<Plane>(adder, planes, [&](std::span<const Conjunction<Plane>> level) -> const PlaneSet& {
      return levels.emplace_back(conjoin(level, words));
    });
    keep(self(), all, std::nullopt, words, view(result).from(from / 64));
  });
  return result;
}

#define COHORTIUM_FOR_RING(W)                                                   \
  template Cost Replicated4Cost::to_bits<W>(std::size_t, int) const;            \
  template Cost Replicated4Cost::bit<W>(std::size_t, int) const;                \
  template Cost Replicated4Cost::is_zero<W>(std::size_t, int) const;            \
  template std::vector<SharedBits> Replicated4::to_bits(const Shared<W>&, int); \
  template SharedBits Replicated4::bit(const Shared<W>&, int);                  \
  template SharedBits Replicated4::is_zero(const Shared<W>&, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
