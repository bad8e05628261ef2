#include "oblivious/extremes.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "oblivious/compare.h"

namespace cohortium::oblivious {
namespace {

template <RingWord W>
SharedBits below(Engine& engine, const Shared<W>& a, const Shared<W>& b, std::optional<int> bits) {
  return bits ? less_than(engine, a, b, *bits) : less_than(engine, a, b);
}

template <RingWord W>
Shared<W> constant_column(Engine& engine, std::size_t size, W value) {
  return engine.constant(std::span<const W>(std::vector<W>(size, value)));
}

// Neighbours two by two: what stands at even places of each block, and at odd ones; an odd one out stays behind.
struct Pairs {
  std::vector<std::uint32_t> first, second, alone;
};

Pairs pair_up(std::size_t blocks, std::size_t length) {
  Pairs pairs;
  for (std::size_t b = 0; b < blocks; ++b) {
    for (std::size_t i = 0; i + 1 < length; i += 2) {
      pairs.first.push_back(static_cast<std::uint32_t>(b * length + i));
      pairs.second.push_back(static_cast<std::uint32_t>(b * length + i + 1));
    }
    if (length % 2 == 1) pairs.alone.push_back(static_cast<std::uint32_t>(b * length + length - 1));
  }
  return pairs;
}

// The winners of all pairs and those left alone, block by block.
template <RingWord W>
Shared<W> next_round(const Shared<W>& winners, const Shared<W>& alone, std::size_t blocks) {
  if (alone.size == 0) return winners;
  const std::size_t pairs = winners.size / blocks;
  const std::array both{winners, alone};
  std::vector<std::uint32_t> order;
  for (std::size_t b = 0; b < blocks; ++b) {
    for (std::size_t i = 0; i < pairs; ++i) order.push_back(static_cast<std::uint32_t>(b * pairs + i));
    order.push_back(static_cast<std::uint32_t>(winners.size + b));
  }
  return gather(mpc::concatenate(std::span<const Shared<W>>(both)), order);
}

}  // namespace

template <RingWord W>
Shared<W> lesser(Engine& engine, const Shared<W>& a, const Shared<W>& b, std::optional<int> bits) {
  return select(engine, below(engine, a, b, bits), a, b);
}

template <RingWord W>
Shared<W> greater(Engine& engine, const Shared<W>& a, const Shared<W>& b, std::optional<int> bits) {
  return select(engine, below(engine, a, b, bits), b, a);
}

// a or, where it is negative, a - 2a.
template <RingWord W>
Shared<W> absolute(Engine& engine, const Shared<W>& a) {
  const SharedBits negative = engine.bit(a, mpc::bits_of<W> - 1);
  return mpc::subtract(a, engine.keep_where(negative, mpc::scale(a, W{2})));
}

template <RingWord W>
Shared<W> clamp(Engine& engine, const Shared<W>& a, W low, W high) {
  const Shared<W> not_below = greater(engine, a, constant_column(engine, a.size, low));
  return lesser(engine, not_below, constant_column(engine, a.size, high));
}

template <RingWord W>
ExtremeOf<W> extreme(Engine& engine, Extreme kind, const Shared<W>& values, std::size_t length, bool with_place,
                     std::optional<int> bits) {
  COHORTIUM_CHECK(length > 0 && values.size % length == 0);
  const std::size_t blocks = values.size / length;
  ExtremeOf<W> best{.value = values, .place = {}};
  if (with_place) best.place = mpc::tile(row_numbers<u64>(engine, length), blocks);
  for (; length > 1; length = (length + 1) / 2) {
    const Pairs pairs = pair_up(blocks, length);
    const Shared<W> first = gather(best.value, pairs.first), second = gather(best.value, pairs.second);
    const SharedBits second_wins =
        kind == Extreme::kMinimum ? below(engine, second, first, bits) : below(engine, first, second, bits);
    best.value = next_round(select(engine, second_wins, second, first), gather(best.value, pairs.alone), blocks);
    if (!with_place) continue;
    const Shared<u64> chosen =
        select(engine, second_wins, gather(best.place, pairs.second), gather(best.place, pairs.first));
    best.place = next_round(chosen, gather(best.place, pairs.alone), blocks);
  }
  return best;
}

Columns top(Engine& engine, std::span<const SortKey> keys, const Columns& table, std::size_t k) {
  const std::size_t n = rows(table);
  k = std::min(k, n);
  return slice(apply(engine, sort_order(engine, keys, SortMethod::kAutomatic, k), table), 0, k);
}

#define COHORTIUM_FOR_RING(W)                                                                  \
  template Shared<W> lesser(Engine&, const Shared<W>&, const Shared<W>&, std::optional<int>);  \
  template Shared<W> greater(Engine&, const Shared<W>&, const Shared<W>&, std::optional<int>); \
  template Shared<W> absolute(Engine&, const Shared<W>&);                                      \
  template Shared<W> clamp(Engine&, const Shared<W>&, W, W);                                   \
  template ExtremeOf<W> extreme(Engine&, Extreme, const Shared<W>&, std::size_t, bool, std::optional<int>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::oblivious
