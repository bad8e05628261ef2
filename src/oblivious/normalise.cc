#include "oblivious/normalise.h"

#include <array>
#include <vector>

#include "base/error.h"
#include "oblivious/boolean.h"

namespace cohortium::oblivious {
namespace {

// The top bit is where the running disjunction from above turns to 1.
Shared<u128> find_top_bit(Engine& engine, const Shared<u128>& d, int bits) {
  std::vector<SharedBits> planes = or_from_top(engine, engine.to_bits(mpc::narrow(d), bits));
  for (int j = 0; j + 1 < bits; ++j) planes[j] = mpc::exclusive_or(planes[j], planes[j + 1]);
  return engine.ring<u128>().from_bit(mpc::concatenate(std::span<const SharedBits>(planes)));
}

Normalised located(Engine& engine, const Shared<u128>& d, int bits) {
  COHORTIUM_CHECK(bits >= 1 && bits <= 62);
  Normalised result;
  result.bits = bits;
  result.top_bit = find_top_bit(engine, d, bits);
  result.scale = by_top_bit(result, [bits](int top) { return u128{1} << (bits - 1 - top); });
  return result;
}

}  // namespace

Normalised normalise(Engine& engine, const Shared<u128>& d, int bits) {
  Normalised result = located(engine, d, bits);
  result.mantissa = engine.multiply(d, result.scale);
  return result;
}

Normalised normalise(Engine& engine, const Shared<u128>& d, int bits, const Shared<u128>& also_scaled,
                     Shared<u128>& scaled) {
  COHORTIUM_CHECK(d.size == also_scaled.size);
  Normalised result = located(engine, d, bits);
  const std::array both{d, also_scaled};
  const Shared<u128> products =
      engine.multiply(mpc::concatenate(std::span<const Shared<u128>>(both)), mpc::tile(result.scale, 2));
  result.mantissa = mpc::slice(products, 0, d.size);
  scaled = mpc::slice(products, d.size, d.size);
  return result;
}

Shared<u128> by_top_bit(const Normalised& normalised, const std::function<u128(int top)>& value) {
  const std::size_t n = normalised.top_bit.size / normalised.bits;
  Shared<u128> sum(n, normalised.top_bit.components);
  for (int top = 0; top < normalised.bits; ++top) {
    sum = mpc::add(sum, mpc::scale(mpc::slice(normalised.top_bit, top * n, n), value(top)));
  }
  return sum;
}

}  // namespace cohortium::oblivious
