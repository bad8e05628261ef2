// Ring elements to bits, from conjunctions alone. Every component x_i is known
// to two parties, so its bits are shared without a message: as component i, the
// others zero. Three such operands become two, x0 xor x1 xor x2 and twice their
// majority, by one AND per position; an adder of two does the rest (one bit:
// bit.cc). Zero needs no adder: a + b = 0 mod 2^n where a xor b
// = 2 (a or b) mod 2^n.
//
// Security   that of conjunctions, each of which is proved (bit_proof.cc)
// Reveals    nothing
// Rounds     to_bits: 2 + ceil(log2(count)), or
// `count` where carries ripple; is_zero:
//            2 + ceil(log2(count)). Vectors beyond 2^16 elements are done one
//            such stretch after the other
// Sent       every party, per element: to_bits of 64,
// rippling: 125 bits; is_zero of 64: 188 bits Source     Mohassel and Rindal,
// CCS 2018, section 5.3 (the split); Sklansky 1960 (prefix adder)
#include <algorithm>
#include <deque>

#include "base/error.h"
#include "mpc/replicated3_malicious/cost.h"
#include "mpc/replicated3_malicious/planes.h"
#include "mpc/replicated3_malicious/replicated3_malicious.h"
#include "mpc/replicated3_malicious/two_operands.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

// Adders of single positions; the propagates are the sums.
Adder single_positions(int positions, AdderSchedule schedule) {
  Adder adder{.blocks = {}, .schedule = std::move(schedule), .all = true, .level_ands = {}};
  adder.blocks.widths.assign(positions, 1);
  for (int i = 0; i < positions; ++i) adder.blocks.tables.push_back({.block = i, .length = 1, .propagate = false});
  for (const auto& level : adder.schedule) adder.level_ands.push_back(static_cast<int>(conjunctions(level)));
  return adder;
}

Cost cost_of(const Adder& adder, std::size_t words) {
  Cost cost;
  if (!adder.ripple) cost += {1, adder.blocks.widths.size() * words * sizeof(u64)};
  for (int ands : adder.level_ands) cost += {1, ands * words * sizeof(u64)};
  return cost;
}

// All planes: their component 0.
void negate(PartyId self, TiledPlanes& planes, std::size_t words) {
  if (self == 1) return;
  u64* const component = self == 0 ? planes.parts().first : planes.parts().second;
  for (std::size_t i = 0; i < planes.planes() * words; ++i) component[i] = ~component[i];
}

// Two neighbours at a time; an odd one out waits at the front.
template <class Level>
void halve(std::size_t planes, Level level) {
  for (; planes > 1; planes -= planes / 2) level(planes, planes / 2);
}

}  // namespace

Adder all_carries_of(int positions, std::size_t words, const Link& link) {
  const Adder prefix = single_positions(positions, all_carries(positions)), ripple = rippling(positions, positions);
  const auto seconds = [&](const Adder& adder) {
    return slowest_seconds(3, link, [&](PartyId) { return cost_of(adder, words); });
  };
  return seconds(ripple) < seconds(prefix) ? ripple : prefix;
}

TiledPlanes xor_planes(std::span<const PlaneView> a, std::span<const PlaneView> b, const Tiling& tiling) {
  TiledPlanes result(a.size(), tiling.words);
  for (std::size_t word = 0; word < tiling.words; word += tiling.tile) {
    const std::size_t width = tiling.width(word);
    for (std::size_t j = 0; j < a.size(); ++j) {
      const ConstParts<u64> x = a[j].at(word, width), y = b[j].at(word, width);
      const Parts<u64> out = result.parts().from(word * a.size() + j * width);
      xor_words(x.first, y.first, out.first, width);
      xor_words(x.second, y.second, out.second, width);
    }
  }
  return result;
}

TiledPlanes conjoin_all(BitLane& lane, std::span<const PlaneConjunction> conjunctions, const Tiling& tiling) {
  TiledPlanes result(conjunctions.size(), tiling.words);
  if (!conjunctions.empty()) lane.conjoin(conjunctions, tiling, result.parts());
  return result;
}

Addition add_planes(BitLane& lane, const Adder& adder, std::span<const PlaneView> a, std::span<const PlaneView> b,
                    TiledPlanes sums, const Tiling& tiling) {
  Addition addition;
  addition.blocks.sums = std::move(sums);
  const std::size_t positions = adder.blocks.widths.size();
  if (adder.ripple) {  // a carry is a xor ((a xor b) and (a xor the carry
                       // before))
    const std::vector<PlaneView> other(b.begin(), b.begin() + static_cast<std::ptrdiff_t>(positions));
    std::vector<PlaneView> both;
    for (std::size_t j = 0; j < positions; ++j) both.push_back(addition.blocks.sums.plane(j));
    addition.blocks.operand = xor_planes(both, other, tiling);
  } else {
    std::vector<PlaneConjunction> generates;
    for (std::size_t j = 0; j < positions; ++j) generates.push_back({.left = a[j], .right = b[j]});
    addition.blocks.tables = conjoin_all(lane, generates, tiling);
  }
  addition.carries = lane.carries(adder, tiling, addition.blocks, addition.levels);
  return addition;
}

Cost Replicated3MaliciousCost::conjoin(std::size_t planes, std::size_t words) {
  if (planes == 0) return {};
  pending_.words += planes * words;
  return {1, planes * words * sizeof(u64)};
}

Cost Replicated3MaliciousCost::add(const Adder& adder, std::size_t words) {
  Cost cost = adder.ripple ? Cost{} : conjoin(adder.blocks.widths.size(), words);
  for (int ands : adder.level_ands) cost += conjoin(ands, words);
  return cost;
}

template <RingWord W>
std::vector<SharedBits> Replicated3Malicious::to_bits(const Shared<W>& a, int count) {
  COHORTIUM_CHECK(a.components == 2 && count >= 1 && count <= bits_of<W>);
  std::vector<SharedBits> planes(count);
  for (SharedBits& plane : planes) plane = SharedBits::uninitialised(a.size, 2);
  in_stretches(a.size, [&](std::size_t from, std::size_t n) {
    const std::size_t words = words_for_bits(n), word = from / 64;
    const Tiling tiling = tiling_for(words, 2 * bits_of<W>);
    BitLane lane = lane_.bits();
    TwoOperands<W> operands(lane, self(), parts_of(a).from(from), n, count, count - 1, tiling);
    gather_plane(tiling, operands.sum(0), std::nullopt, parts_of(planes[0]).from(word));
    std::vector<PlaneView> sums, majorities;
    for (int j = 1; j < count; ++j) {
      sums.push_back(operands.sum(j));
      majorities.push_back(operands.majority(j - 1));
    }
    TiledPlanes propagates = xor_planes(sums, majorities, tiling);
    Addition addition;
    if (count > 2) {
      addition =
          add_planes(lane, all_carries_of(count - 2, words, link()), sums, majorities, std::move(propagates), tiling);
    } else {
      addition.blocks.sums = std::move(propagates);
    }
    for (int j = 1; j < count; ++j) {
      gather_plane(tiling, addition.blocks.sums.plane(j - 1),
                   j == 1 ? std::nullopt : std::optional(addition.carries[j - 2]), parts_of(planes[j]).from(word));
    }
    prove_if_many();
  });
  return planes;
}

template <RingWord W>
Cost Replicated3MaliciousCost::to_bits(std::size_t count, int bits) {
  Cost cost;
  in_stretches(count, [&](std::size_t, std::size_t n) {
    const std::size_t words = words_for_bits(n);
    cost += conjoin(bits - 1, words);
    if (bits > 2) cost += add(all_carries_of(bits - 2, words, link_), words);
    cost = with_proofs(cost);
  });
  return cost;
}

template <RingWord W>
SharedBits Replicated3Malicious::is_zero(const Shared<W>& a, int count) {
  COHORTIUM_CHECK(a.components == 2 && count >= 1 && count <= bits_of<W>);
  auto result = SharedBits::uninitialised(a.size, 2);
  in_stretches(a.size, [&](std::size_t from, std::size_t n) {
    const std::size_t words = words_for_bits(n);
    const Tiling tiling = tiling_for(words, 2 * bits_of<W>);
    BitLane lane = lane_.bits();
    TwoOperands<W> operands(lane, self(), parts_of(a).from(from), n, count, count - 1, tiling);
    // Position j differs where s_j xor m_{j-1} xor (s_{j-1} or m_{j-2}), of
    // which the last is s xor m xor (s and m).
    std::vector<PlaneConjunction> conjunctions;
    std::vector<PlaneView> sums, majorities;
    for (int j = 1; j < count; ++j) {
      sums.push_back(operands.sum(j));
      majorities.push_back(operands.majority(j - 1));
    }
    const TiledPlanes either = xor_planes(sums, majorities, tiling);
    for (int j = 1; j + 1 < count; ++j) {
      conjunctions.push_back(
          {.left = operands.sum(j), .right = operands.majority(j - 1), .addend = either.plane(j - 1)});
    }
    const TiledPlanes ors = conjoin_all(lane, conjunctions, tiling);
    std::vector<PlaneView> below;
    for (int j = 1; j < count; ++j) below.push_back(j == 1 ? operands.sum(0) : ors.plane(j - 2));
    std::vector<PlaneView> unlike;
    for (int j = 1; j < count; ++j) unlike.push_back(either.plane(j - 1));
    std::deque<TiledPlanes> levels;
    levels.push_back(xor_planes(unlike, below, tiling));
    std::vector<PlaneView> planes{operands.sum(0)};
    for (int j = 1; j < count; ++j) planes.push_back(levels.back().plane(j - 1));
    negate(self(), levels.back(), words);
    negate(self(), operands.sums(), words);
    halve(planes.size(), [&](std::size_t left, std::size_t ands) {
      std::vector<PlaneConjunction> level;
      for (std::size_t i = left - 2 * ands; i < left; i += 2) {
        level.push_back({.left = planes[i], .right = planes[i + 1]});
      }
      levels.push_back(conjoin_all(lane, level, tiling));
      planes.resize(left - 2 * ands);
      for (std::size_t i = 0; i < ands; ++i) planes.push_back(levels.back().plane(i));
    });
    gather_plane(tiling, planes[0], std::nullopt, parts_of(result).from(from / 64));
    prove_if_many();
  });
  return result;
}

template <RingWord W>
Cost Replicated3MaliciousCost::is_zero(std::size_t count, int bits) {
  Cost cost;
  in_stretches(count, [&](std::size_t, std::size_t n) {
    const std::size_t words = words_for_bits(n);
    cost += conjoin(bits - 1, words);
    cost += conjoin(std::max(bits - 2, 0), words);
    halve(bits, [&](std::size_t, std::size_t ands) { cost += conjoin(ands, words); });
    cost = with_proofs(cost);
  });
  return cost;
}

SharedBits Replicated3Malicious::and_bits(const SharedBits& a, const SharedBits& b) {
  COHORTIUM_CHECK(a.size == b.size && a.components == 2 && b.components == 2);
  auto result = SharedBits::uninitialised(a.size, 2);
  lane_.and_bits(parts_of(a), parts_of(b), a.words(), parts_of(result));
  prove_if_many();
  return result;
}

Cost Replicated3MaliciousCost::and_bits(std::size_t count) { return with_proofs(conjoin(1, words_for_bits(count))); }

#define COHORTIUM_FOR_RING(W)                                                            \
  template std::vector<SharedBits> Replicated3Malicious::to_bits(const Shared<W>&, int); \
  template SharedBits Replicated3Malicious::is_zero(const Shared<W>&, int);              \
  template Cost Replicated3MaliciousCost::to_bits<W>(std::size_t, int);                  \
  template Cost Replicated3MaliciousCost::is_zero<W>(std::size_t, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
