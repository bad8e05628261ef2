#include "oblivious/fixed_point.h"

#include <vector>

#include "base/error.h"

namespace cohortium::oblivious {

template <RingWord W>
Shared<W> multiply_fixed(Engine& engine, const Shared<W>& a, const Shared<W>& b, int fraction_bits) {
  return engine.multiply_truncate(a, b, fraction_bits);
}

template <RingWord W>
Shared<W> dot_fixed(Engine& engine, const Shared<W>& a, const Shared<W>& b, std::size_t length, int fraction_bits) {
  return engine.dot_truncate(a, b, length, fraction_bits);
}

template <RingWord W>
Shared<W> constant_fill(Engine& engine, std::size_t count, W value) {
  return engine.constant(std::span<const W>(std::vector<W>(count, value)));
}

// With 2^bits added, the value is its own bits in either ring.
Shared<u128> widen(Engine& engine, const Shared<u64>& a, int bits) {
  COHORTIUM_CHECK(bits >= 1 && bits <= 62);
  const auto planes = engine.to_bits(mpc::add(a, constant_fill(engine, a.size, u64{1} << bits)), bits + 1);
  return mpc::subtract(engine.ring<u128>().from_bits(planes), constant_fill(engine, a.size, u128{1} << bits));
}

template Shared<u64> multiply_fixed(Engine&, const Shared<u64>&, const Shared<u64>&, int);
template Shared<u128> multiply_fixed(Engine&, const Shared<u128>&, const Shared<u128>&, int);
template Shared<u64> dot_fixed(Engine&, const Shared<u64>&, const Shared<u64>&, std::size_t, int);
template Shared<u128> dot_fixed(Engine&, const Shared<u128>&, const Shared<u128>&, std::size_t, int);
template Shared<u64> constant_fill(Engine&, std::size_t, u64);
template Shared<u128> constant_fill(Engine&, std::size_t, u128);

}  // namespace cohortium::oblivious
