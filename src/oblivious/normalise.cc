#include "oblivious/normalise.h"

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/public_table.h"

namespace cohortium::oblivious {
namespace {

Shared<u64> low_words(const Shared<u64>& a) { return a; }
Shared<u64> low_words(const Shared<u128>& a) { return mpc::narrow(a); }

}  // namespace

// The top bit is where the running disjunction from above turns to 1.
template <RingWord W>
Normalised<W> normalise(Engine& engine, const Shared<W>& d, int bits) {
  COHORTIUM_CHECK(bits >= 1 && bits <= 62);
  Normalised<W> result;
  result.bits = bits;
  result.top_bit = or_from_top(engine, engine.to_bits(low_words(d), bits));
  for (int j = 0; j + 1 < bits; ++j) {
    result.top_bit[j] = mpc::exclusive_or(result.top_bit[j], result.top_bit[j + 1]);
  }
  const std::vector<SharedBits> backwards(result.top_bit.rbegin(), result.top_bit.rend());
  result.scale = engine.ring<W>().from_bits(backwards);
  return result;
}

template <RingWord W>
Shared<W> by_top_bit(Engine& engine, const Normalised<W>& normalised, int value_bits,
                     const std::function<W(int top)>& value) {
  std::vector<W> table;
  for (int top = 0; top < normalised.bits; ++top) table.push_back(value(top));
  return read_table(engine, std::span<const SharedBits>(normalised.top_bit), std::span<const W>(table), value_bits);
}

#define COHORTIUM_FOR_RING(W)                                            \
  template Normalised<W> normalise(Engine&, const Shared<W>&, int bits); \
  template Shared<W> by_top_bit(Engine&, const Normalised<W>&, int, const std::function<W(int)>&);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::oblivious
