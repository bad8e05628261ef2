#include "oblivious/public_table.h"

#include <bit>
#include <numeric>

#include "base/error.h"
#include "oblivious/boolean.h"

namespace cohortium::oblivious {
namespace {

void add_into(SharedBits& sum, const SharedBits& plane) {
  for (int c = 0; c < sum.components; ++c) {
    u64* to = sum.component[c].data();
    const u64* from = plane.component[c].data();
    for (std::size_t i = 0; i < sum.words(); ++i) to[i] ^= from[i];
  }
}

}  // namespace

// Halves are decoded apart, then every pair of planes is multiplied; the last entry of a row is what the others leave.
std::vector<SharedBits> one_hot(Engine& engine, std::span<const SharedBits> planes) {
  COHORTIUM_CHECK(!planes.empty() && planes.size() <= 16);
  if (planes.size() == 1) return {engine.not_bits(planes[0]), planes[0]};
  const std::vector<SharedBits> low = one_hot(engine, planes.first(planes.size() / 2));
  const std::vector<SharedBits> high = one_hot(engine, planes.subspan(planes.size() / 2));
  std::vector<SharedBits> left, right;
  for (const auto& row : high) {
    for (std::size_t i = 0; i + 1 < low.size(); ++i) {
      left.push_back(row);
      right.push_back(low[i]);
    }
  }
  const std::vector<SharedBits> products = and_each(engine, left, right);
  std::vector<SharedBits> result;
  auto next = products.begin();
  for (const auto& row : high) {
    SharedBits last = row;
    for (std::size_t i = 0; i + 1 < low.size(); ++i) {
      add_into(last, *next);
      result.push_back(*next++);
    }
    result.push_back(std::move(last));
  }
  return result;
}

template <RingWord W>
Shared<W> read_table(Engine& engine, std::span<const SharedBits> one_hot, std::span<const W> table, int bits) {
  COHORTIUM_CHECK(!one_hot.empty() && one_hot.size() == table.size() && bits >= 1 && bits <= mpc::bits_of<W>);
  std::vector<SharedBits> planes;
  for (int j = 0; j < bits; ++j) {
    SharedBits plane(one_hot[0].size, one_hot[0].components);
    for (std::size_t i = 0; i < table.size(); ++i) {
      if ((table[i] >> j & 1) != 0) add_into(plane, one_hot[i]);
    }
    planes.push_back(std::move(plane));
  }
  return engine.ring<W>().from_bits(planes);
}

template <RingWord W>
Shared<W> index_of(Engine& engine, std::span<const SharedBits> one_hot) {
  std::vector<W> numbers(one_hot.size());
  std::iota(numbers.begin(), numbers.end(), W{0});
  const int bits = std::max(1, static_cast<int>(std::bit_width(one_hot.size() - 1)));
  return read_table(engine, one_hot, std::span<const W>(numbers), bits);
}

template Shared<u64> read_table(Engine&, std::span<const SharedBits>, std::span<const u64>, int);
template Shared<u128> read_table(Engine&, std::span<const SharedBits>, std::span<const u128>, int);
template Shared<u64> index_of(Engine&, std::span<const SharedBits>);
template Shared<u128> index_of(Engine&, std::span<const SharedBits>);

}  // namespace cohortium::oblivious
