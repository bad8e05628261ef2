#include "oblivious/public_table.h"

#include <bit>
#include <numeric>
#include <vector>

#include "base/error.h"

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
