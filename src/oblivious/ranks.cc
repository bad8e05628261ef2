#include "oblivious/ranks.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/error.h"
#include "oblivious/segments.h"

namespace cohortium::oblivious {
namespace {

template <class T>
T join(const T& a, const T& b) {
  const std::array both{a, b};
  return mpc::concatenate(std::span<const T>(both));
}

SharedBits reversed(const SharedBits& bits) {
  std::vector<std::uint32_t> order(bits.size);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(order.size() - 1 - i);
  return gather(bits, order);
}

Shared<u64> constants(Engine& engine, const std::vector<u64>& values) {
  return engine.constant(std::span<const u64>(values));
}

int bits_of_rows(std::size_t n) { return std::max(1, static_cast<int>(std::bit_width(n))); }

// One level: which half of its block each row belongs to. Blocks of `length` consecutive places start at its multiples.
struct Halving {
  Shared<u64> inverted;      // summed over all blocks: one element
  Shared<u64> destinations;  // that put the lower half of each block first, in the same order
};

Halving halve(Engine& engine, const SharedBits& upper_half, std::size_t length) {
  const std::size_t n = upper_half.size, padded = (n + length - 1) / length * length;
  const Shared<u64> upper = engine.ring<u64>().from_bit(upper_half);
  const Shared<u64> filled = join(upper, constants(engine, std::vector<u64>(padded - n)));
  // Rows of the upper half that stand before each row in its block.
  const Shared<u64> passed = mpc::subtract(mpc::slice(mpc::prefix_sum_blocks(filled, length), 0, n), upper);
  const Shared<u64> passed_by_upper = engine.multiply(upper, passed);
  std::vector<u64> own_place(n), to_upper_half(n);
  for (std::size_t i = 0; i < n; ++i) {
    own_place[i] = i;
    to_upper_half[i] = length / 2 - i % length;
  }
  Halving halving;
  halving.inverted = mpc::sum_blocks(mpc::subtract(passed, passed_by_upper), n);
  // Lower: back by the upper ones passed. Upper: to the half's start, then as many on as upper ones were passed.
  halving.destinations =
      mpc::add(mpc::add(mpc::subtract(constants(engine, own_place), passed), mpc::scale(passed_by_upper, u64{2})),
               mpc::multiply_public(upper, std::span<const u64>(to_upper_half)));
  return halving;
}

}  // namespace

TiedRanks tied_ranks(Engine& engine, const Shared<u64>& keys, int bits) {
  const std::size_t n = keys.size;
  COHORTIUM_CHECK(bits >= 1 && bits <= 63);
  const SortKey key{.values = keys, .bits = bits};
  TiedRanks ranks{.before = {}, .ties = {}, .order = sort_order(engine, std::span(&key, 1))};
  if (n == 0) {
    ranks.before = ranks.ties = keys;
    return ranks;
  }
  const Shared<u64> sorted = apply(engine, ranks.order, keys);
  const SortKey by{.values = sorted, .bits = bits};
  const SharedBits starts = group_starts(engine, std::span(&by, 1));
  // The first place of each group from above, the last one from below, in one scan over both.
  const Shared<u64> places = row_numbers<u64>(engine, n);
  const Shared<u64> firsts = running(engine, Running::kFirst, join(places, mpc::reverse(places)),
                                     join(starts, reversed(ends_of(engine, starts))));
  const Shared<u64> first = mpc::slice(firsts, 0, n), last = mpc::reverse(mpc::slice(firsts, n, n));
  const Shared<u64> ties = mpc::add(mpc::subtract(last, first), constants(engine, std::vector<u64>(n, 1)));
  Columns back = apply(engine, inverse(ranks.order), Columns{.words = {first, ties}, .wide = {}, .bits = {}});
  ranks.before = std::move(back.words[0]);
  ranks.ties = std::move(back.words[1]);
  return ranks;
}

Shared<u64> inversions(Engine& engine, const Shared<u64>& places) {
  const std::size_t n = places.size;
  Shared<u64> sum = constants(engine, {0});
  if (n < 2) return sum;
  const int levels = static_cast<int>(std::bit_width(n - 1));
  std::vector<SharedBits> planes = engine.to_bits(places, levels);
  for (int level = levels - 1; level >= 0; --level) {
    const SharedBits upper = std::move(planes.back());
    planes.pop_back();
    const Halving halving = halve(engine, upper, std::size_t{2} << level);
    sum = mpc::add(sum, halving.inverted);
    if (level == 0) break;
    const Rearrangement to_halves = from_destinations(engine, halving.destinations);
    planes = apply(engine, to_halves, Columns{.words = {}, .wide = {}, .bits = std::move(planes)}).bits;
  }
  return sum;
}

Discordance discordant(Engine& engine, const Shared<u64>& first, const Shared<u64>& second) {
  const std::size_t n = first.size;
  const int bits = bits_of_rows(n);
  COHORTIUM_CHECK(2 * bits <= 63);
  // In the order of the first key, ties by the second: only pairs that differ in both can come out inverted, as long as
  // rows with the same second key keep this order.
  const TiedRanks joint = tied_ranks(engine, mpc::add(mpc::scale(first, u64{1} << bits), second), 2 * bits);
  const Shared<u64> arranged = apply(engine, joint.order, second);
  const SortKey key{.values = arranged, .bits = bits};
  const Rearrangement order = sort_order(engine, std::span(&key, 1));
  const Shared<u64> places = apply(engine, inverse(order), row_numbers<u64>(engine, n));
  return {.pairs = inversions(engine, places), .ties = joint.ties};
}

}  // namespace cohortium::oblivious
