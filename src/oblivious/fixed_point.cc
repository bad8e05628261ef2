#include "oblivious/fixed_point.h"

#include <vector>

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

template Shared<u64> multiply_fixed(Engine&, const Shared<u64>&, const Shared<u64>&, int);
template Shared<u128> multiply_fixed(Engine&, const Shared<u128>&, const Shared<u128>&, int);
template Shared<u64> dot_fixed(Engine&, const Shared<u64>&, const Shared<u64>&, std::size_t, int);
template Shared<u128> dot_fixed(Engine&, const Shared<u128>&, const Shared<u128>&, std::size_t, int);
template Shared<u64> constant_fill(Engine&, std::size_t, u64);
template Shared<u128> constant_fill(Engine&, std::size_t, u128);

}  // namespace cohortium::oblivious
