#include "oblivious/compare.h"

#include <array>

#include "base/error.h"
#include "oblivious/fixed_point.h"

namespace cohortium::oblivious {

template <RingWord W>
SharedBits less_than(Engine& engine, const Shared<W>& a, const Shared<W>& b) {
  return engine.bit(mpc::subtract(a, b), mpc::bits_of<W> - 1);
}

// a - b lies in (-2^bits, 2^bits): its sign is bit `bits` of its residue modulo 2^(bits + 1).
template <RingWord W>
SharedBits less_than(Engine& engine, const Shared<W>& a, const Shared<W>& b, int bits) {
  COHORTIUM_CHECK(bits >= 1 && bits < mpc::bits_of<W>);
  return engine.bit(mpc::subtract(a, b), bits);
}

// The borrow out of a - b at the top: the majority of not a, b and the difference, by their top bits (Warren, Hacker's
// Delight, section 2-12). maj(x, y, z) = ((x xor z) and (y xor z)) xor z.
template <RingWord W>
SharedBits less_than_unsigned(Engine& engine, const Shared<W>& a, const Shared<W>& b) {
  const std::array<Shared<W>, 3> operands{a, b, mpc::subtract(a, b)};
  const SharedBits tops = engine.bit(mpc::concatenate(std::span<const Shared<W>>(operands)), mpc::bits_of<W> - 1);
  const SharedBits difference = mpc::slice(tops, 2 * a.size, a.size);
  const SharedBits not_a = engine.not_bits(mpc::slice(tops, 0, a.size));
  const SharedBits both = engine.and_bits(mpc::exclusive_or(not_a, difference),
                                          mpc::exclusive_or(mpc::slice(tops, a.size, a.size), difference));
  return mpc::exclusive_or(both, difference);
}

template <RingWord W>
SharedBits less_than_public(Engine& engine, const Shared<W>& a, W bound) {
  return engine.bit(mpc::subtract(a, constant_fill(engine, a.size, bound)), mpc::bits_of<W> - 1);
}

template <RingWord W>
SharedBits less_than_public(Engine& engine, const Shared<W>& a, W bound, int bits) {
  COHORTIUM_CHECK(bits >= 1 && bits < mpc::bits_of<W> && bound <= W{1} << bits);
  return engine.bit(mpc::subtract(a, constant_fill(engine, a.size, bound)), bits);
}

template <RingWord W>
SharedBits equal(Engine& engine, const Shared<W>& a, const Shared<W>& b) {
  return equal(engine, a, b, mpc::bits_of<W>);
}

template <RingWord W>
SharedBits equal(Engine& engine, const Shared<W>& a, const Shared<W>& b, int bits) {
  return engine.is_zero(mpc::subtract(a, b), bits);
}

template <RingWord W>
SharedBits equal_zero(Engine& engine, const Shared<W>& a, int bits) {
  return engine.is_zero(a, bits);
}

template <RingWord W>
Shared<W> select(Engine& engine, const SharedBits& bit, const Shared<W>& a, const Shared<W>& b) {
  return mpc::add(b, keep_where(engine, bit, mpc::subtract(a, b)));
}

template <RingWord W>
Shared<W> keep_where(Engine& engine, const SharedBits& bit, const Shared<W>& a) {
  return engine.keep_where(bit, a);
}

#define COHORTIUM_FOR_RING(W)                                                                \
  template SharedBits less_than(Engine&, const Shared<W>&, const Shared<W>&);                \
  template SharedBits less_than(Engine&, const Shared<W>&, const Shared<W>&, int);           \
  template SharedBits less_than_unsigned(Engine&, const Shared<W>&, const Shared<W>&);       \
  template SharedBits less_than_public(Engine&, const Shared<W>&, W);                        \
  template SharedBits less_than_public(Engine&, const Shared<W>&, W, int);                   \
  template SharedBits equal(Engine&, const Shared<W>&, const Shared<W>&);                    \
  template SharedBits equal(Engine&, const Shared<W>&, const Shared<W>&, int);               \
  template SharedBits equal_zero(Engine&, const Shared<W>&, int);                            \
  template Shared<W> select(Engine&, const SharedBits&, const Shared<W>&, const Shared<W>&); \
  template Shared<W> keep_where(Engine&, const SharedBits&, const Shared<W>&);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::oblivious
