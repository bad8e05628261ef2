#include "oblivious/segments.h"

#include <array>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"

namespace cohortium::oblivious {
namespace {

using Index = std::uint32_t;

SharedBits constant_one(Engine& engine) {
  const std::vector<u64> one{1};
  return engine.constant_bits(one, 1);
}

SharedBits join(const SharedBits& a, const SharedBits& b) {
  const std::array both{a, b};
  return mpc::concatenate(std::span<const SharedBits>(both));
}

std::vector<Index> backwards(std::size_t n) {
  std::vector<Index> order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = static_cast<Index>(n - 1 - i);
  return order;
}

template <RingWord W>
void put(Shared<W>& column, const std::vector<Index>& places, const Shared<W>& values, std::size_t from) {
  for (int c = 0; c < column.components; ++c) {
    for (std::size_t i = 0; i < places.size(); ++i) column.component[c][places[i]] = values.component[c][from + i];
  }
}

void put(SharedBits& column, const std::vector<Index>& places, const SharedBits& values) {
  for (int c = 0; c < column.components; ++c) {
    for (std::size_t i = 0; i < places.size(); ++i) {
      const u64 bit = values.component[c][i / 64] >> (i % 64) & 1;
      u64& word = column.component[c][places[i] / 64];
      word = (word & ~(u64{1} << (places[i] % 64))) | bit << (places[i] % 64);
    }
  }
}

// One step of a scan: each place takes in the place `distance` before it.
struct Step {
  std::vector<Index> place, earlier;
  bool upwards = false;  // of the network: whether stretches must be joined for later steps
};

std::vector<Step> brent_kung(std::size_t n) {
  std::vector<Step> steps;
  const auto add = [&](std::size_t first, std::size_t distance, bool upwards) {
    Step step{.place = {}, .earlier = {}, .upwards = upwards};
    for (std::size_t i = first; i < n; i += 2 * distance) {
      step.place.push_back(static_cast<Index>(i));
      step.earlier.push_back(static_cast<Index>(i - distance));
    }
    if (!step.place.empty()) steps.push_back(std::move(step));
  };
  std::size_t distance = 1;
  for (; distance < n; distance *= 2) add(2 * distance - 1, distance, true);
  for (; distance > 0; distance /= 2) add(3 * distance - 1, distance, false);
  return steps;
}

// What is added to `later` so that it takes in `earlier`, where `joined` (one bit per element).
template <RingWord W>
Shared<W> taken_in(Engine& engine, Running kind, const Shared<W>& earlier, const Shared<W>& later,
                   const SharedBits& joined, int bits) {
  if (kind == Running::kSum) return engine.keep_where(joined, earlier);
  const Shared<W> difference = mpc::subtract(earlier, later);
  if (kind == Running::kFirst) return engine.keep_where(joined, difference);
  const SharedBits better =
      kind == Running::kMinimum ? less_than(engine, earlier, later, bits) : less_than(engine, later, earlier, bits);
  return engine.keep_where(engine.and_bits(joined, better), difference);
}

}  // namespace

SharedBits group_starts(Engine& engine, std::span<const SortKey> keys) {
  COHORTIUM_CHECK(!keys.empty());
  const std::size_t n = keys[0].values.size;
  if (n == 0) return engine.constant_bits({}, 0);
  std::vector<SharedBits> same;
  for (const SortKey& key : keys) {
    same.push_back(equal(engine, mpc::slice(key.values, 1, n - 1), mpc::slice(key.values, 0, n - 1), key.bits));
  }
  return join(constant_one(engine), engine.not_bits(and_all(engine, std::move(same))));
}

SharedBits ends_of(Engine& engine, const SharedBits& starts) {
  if (starts.size == 0) return starts;
  return join(mpc::slice(starts, 1, starts.size - 1), constant_one(engine));
}

template <RingWord W>
std::vector<Shared<W>> running(Engine& engine, Running kind, const std::vector<Shared<W>>& values,
                               const SharedBits& starts, int bits) {
  std::vector<Shared<W>> results = values;
  SharedBits continues = engine.not_bits(starts);  // whether a stretch holds no start
  for (const Step& step : brent_kung(starts.size)) {
    const SharedBits joined = gather(continues, step.place);
    std::vector<Shared<W>> earlier, later;
    for (const Shared<W>& column : results) {
      COHORTIUM_CHECK(column.size == starts.size);
      earlier.push_back(gather(column, step.earlier));
      later.push_back(gather(column, step.place));
    }
    const Shared<W> all_later = mpc::concatenate(std::span<const Shared<W>>(later));
    const std::vector<SharedBits> joined_each(results.size(), joined);
    const Shared<W> sum =
        mpc::add(all_later, taken_in(engine, kind, mpc::concatenate(std::span<const Shared<W>>(earlier)), all_later,
                                     mpc::concatenate(std::span<const SharedBits>(joined_each)), bits));
    for (std::size_t i = 0; i < results.size(); ++i) put(results[i], step.place, sum, i * step.place.size());
    if (step.upwards) put(continues, step.place, engine.and_bits(joined, gather(continues, step.earlier)));
  }
  return results;
}

template <RingWord W>
Shared<W> running(Engine& engine, Running kind, const Shared<W>& values, const SharedBits& starts, int bits) {
  return std::move(running(engine, kind, std::vector<Shared<W>>{values}, starts, bits)[0]);
}

template <RingWord W>
Shared<W> running_upwards(Engine& engine, Running kind, const Shared<W>& values, const SharedBits& starts, int bits) {
  const SharedBits ends = gather(ends_of(engine, starts), backwards(starts.size));
  return mpc::reverse(running(engine, kind, mpc::reverse(values), ends, bits));
}

#define COHORTIUM_FOR_RING(W)                                                                                       \
  template Shared<W> running(Engine&, Running, const Shared<W>&, const SharedBits&, int);                           \
  template std::vector<Shared<W>> running(Engine&, Running, const std::vector<Shared<W>>&, const SharedBits&, int); \
  template Shared<W> running_upwards(Engine&, Running, const Shared<W>&, const SharedBits&, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::oblivious
