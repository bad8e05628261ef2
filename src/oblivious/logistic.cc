#include "oblivious/logistic.h"

#include <array>
#include <vector>

#include "base/error.h"
#include "oblivious/division.h"
#include "oblivious/exponential.h"
#include "oblivious/fixed_point.h"

namespace cohortium::oblivious {
namespace {

// Whether each of the differences is negative, one batch.
template <RingWord W>
SharedBits negative(Engine& engine, const std::vector<Shared<W>>& differences) {
  return engine.bit(mpc::concatenate(std::span<const Shared<W>>(differences)), mpc::bits_of<W> - 1);
}

// base plus, for every choice whose bit is set, its addend.
template <RingWord W>
Shared<W> add_where(Engine& engine, const Shared<W>& base, const SharedBits& bits,
                    const std::vector<Shared<W>>& addends) {
  const auto kept = engine.keep_where(bits, mpc::concatenate(std::span<const Shared<W>>(addends)));
  Shared<W> sum = base;
  for (std::size_t i = 0; i < addends.size(); ++i) sum = mpc::add(sum, mpc::slice(kept, i * base.size, base.size));
  return sum;
}

}  // namespace

// In units of the result: e^t is off by 2/16, hence the quotient by 4.2/16; the series adds 1/8, saturation 1/4, the
// last rounding 1.
template <RingWord W>
Shared<W> logistic(Engine& engine, const Shared<W>& x, int fraction_bits) {
  constexpr int limit = mpc::bits_of<W> == 128 ? 49 : 24;
  COHORTIUM_CHECK(fraction_bits >= 1 && fraction_bits <= limit);
  const int f = fraction_bits, g = f + 4, lowest = f + 2;
  const auto bound = constant_fill(engine, x.size, static_cast<W>(multiple_of_ln2(lowest, f)));
  const auto below = mpc::negate(mpc::add(x, bound)), above = mpc::subtract(x, bound);
  // x < 0, x < -bound, bound < x
  const auto bits = negative<W>(engine, {x, mpc::negate(below), mpc::negate(above)});
  // t = -x; + 2x where negative; and what brings it to -bound at either end.
  const auto t = add_where<W>(engine, mpc::negate(x), bits, {mpc::scale(x, W{2}), below, above});
  const auto power = exponential(engine, mpc::scale(t, W{1} << (g - f)),
                                 ExponentialDomain{.lowest = lowest, .highest = 0, .fraction_bits = g});
  const auto half_sum = mpc::add(power, constant_fill(engine, x.size, W{1} << g));  // g + 1 fraction bits
  const auto inverse = reciprocal_of_mantissa(engine, half_sum, g + 1, f + 3);      // 2 / (1 + e^t), g + 4
  const auto upper = engine.truncate(inverse, g + 5 - f);
  const auto mirrored = mpc::subtract(constant_fill(engine, x.size, W{1} << f), mpc::scale(upper, W{2}));
  return add_where<W>(engine, upper, mpc::slice(bits, 0, x.size), {mirrored});
}

template <RingWord W>
Shared<W> logistic_approximate(Engine& engine, const Shared<W>& x, int fraction_bits) {
  COHORTIUM_CHECK(fraction_bits >= 4 && fraction_bits <= mpc::bits_of<W> - 16);
  const auto public_value = [&](W sixteenths) {
    return constant_fill(engine, x.size, static_cast<W>(sixteenths << (fraction_bits - 4)));
  };
  const auto near = public_value(26), far = public_value(59);  // 13/8, 59/16
  const std::vector<Shared<W>> beyond{mpc::subtract(x, far), mpc::subtract(x, near), mpc::add(x, near),
                                      mpc::add(x, far)};  // negative left of each corner
  const auto bits = negative(engine, beyond);
  // 32 times the result, from the right: each corner, where x lies left of it, changes the slope.
  const auto right = mpc::add(public_value(16 * 16 + 7 * 26), mpc::scale(mpc::subtract(far, near), W{2}));
  const auto sum = add_where<W>(engine, right, bits,
                                {mpc::scale(beyond[0], W{2}), mpc::scale(beyond[1], W{5}),
                                 mpc::negate(mpc::scale(beyond[2], W{5})), mpc::negate(mpc::scale(beyond[3], W{2}))});
  return engine.truncate(sum, 5);
}

#define COHORTIUM_FOR_RING(W)                                  \
  template Shared<W> logistic(Engine&, const Shared<W>&, int); \
  template Shared<W> logistic_approximate(Engine&, const Shared<W>&, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::oblivious
