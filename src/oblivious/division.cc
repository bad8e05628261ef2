#include "oblivious/division.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "oblivious/fixed_point.h"
#include "oblivious/normalise.h"

namespace cohortium::oblivious {
namespace {

template <RingWord W>
std::array<Shared<W>, 2> multiply_both(Engine& engine, const Shared<W>& a, const Shared<W>& b, const Shared<W>& c,
                                       const Shared<W>& d, int bits) {
  const std::array left{a, c}, right{b, d};
  const auto products = engine.multiply_truncate(mpc::concatenate(std::span<const Shared<W>>(left)),
                                                 mpc::concatenate(std::span<const Shared<W>>(right)), bits);
  return {mpc::slice(products, 0, a.size), mpc::slice(products, a.size, c.size)};
}

// How the working precision follows from the domain.
struct Precision {
  int mantissa;   // fraction bits of C
  int work;       // fraction bits of e
  int inverse;    // fraction bits of w
  int numerator;  // fraction bits of numerator * scale / 2^denominator_bits
  int series;     // bits the series must reach
  bool corrected;
};

template <RingWord W>
Precision precision_of(const DivisionDomain& domain) {
  constexpr int room = mpc::bits_of<W> - 2;
  constexpr bool wide = mpc::bits_of<W> == 128;
  const int length = domain.denominator_bits, result = domain.quotient_bits + domain.fraction_bits;
  COHORTIUM_CHECK(length >= 1 && length <= (wide ? 54 : 31) && domain.quotient_bits >= 0);
  COHORTIUM_CHECK(domain.fraction_bits >= 0 && result >= 1 && result <= (wide ? 57 : 32));
  COHORTIUM_CHECK(length + domain.quotient_bits <= (wide ? 111 : 60));
  Precision p{};
  p.corrected = !wide && result > 24;
  p.work = wide ? std::min(61, result + 5) : p.corrected ? std::min(25, 54 - result) : result + 4;
  p.inverse = p.work + 3;
  p.mantissa = std::min(length, p.work);
  p.series = p.corrected ? 18 : result + 2;
  const bool exact = domain.quotient_bits + length + p.inverse + 2 <= room && !p.corrected;
  p.numerator = exact ? length : std::min(length, domain.fraction_bits + 3);
  COHORTIUM_CHECK(exact || !wide || result <= 56);
  COHORTIUM_CHECK(domain.quotient_bits + p.numerator + p.inverse + 2 <= room);
  return p;
}

// a * b / 2^drop; drop may be 0 or less.
template <RingWord W>
Shared<W> product(Engine& engine, const Shared<W>& a, const Shared<W>& b, int drop) {
  return drop > 0 ? engine.multiply_truncate(a, b, drop) : mpc::scale(engine.multiply(a, b), W{1} << -drop);
}

}  // namespace

// Errors in units of 2^-f: e is off by 1, each of its powers by little more than 1, and w <= 2.1 doubles them: 4.2 for
// w (1 + e + e^2), 2.1 more for each factor after that. Rounding at f + 3 bits adds an eighth each time.
template <RingWord W>
Shared<W> reciprocal_of_mantissa(Engine& engine, const Shared<W>& mantissa, int f, int precision) {
  COHORTIUM_CHECK(2 * f + 4 <= mpc::bits_of<W> - 2);
  const std::size_t n = mantissa.size;
  const auto one = constant_fill(engine, n, W{1} << f);
  const auto square = engine.multiply_truncate(mantissa, mantissa, f);
  const auto start = mpc::add(mpc::subtract(mpc::scale(square, W{19}), mpc::scale(mantissa, W{44})),
                              mpc::scale(one, W{33}));  // f + 3 fraction bits
  const auto e = mpc::subtract(one, engine.multiply_truncate(mantissa, start, f + 3));
  const auto grow = [&](const Shared<W>& w, const Shared<W>& by) {
    return mpc::add(w, engine.multiply_truncate(w, by, f));
  };
  if (precision <= 12) return grow(start, e);
  const auto e2 = engine.multiply_truncate(e, e, f);
  if (precision <= 18) return grow(start, mpc::add(e, e2));
  if (precision <= 24) return grow(grow(start, e), e2);
  const auto [e3, added] = multiply_both(engine, e2, e, start, mpc::add(e, e2), f);
  const auto third = mpc::add(start, added);
  if (precision <= 36) return grow(third, e3);
  const auto [e6, added3] = multiply_both(engine, e3, e3, third, e3, f);
  if (precision <= 54) return grow(third, mpc::add(e3, e6));
  return grow(mpc::add(third, added3), e6);  // 72 bits
}

template <RingWord W>
Shared<W> divide(Engine& engine, const Shared<W>& numerator, const Shared<W>& denominator,
                 const DivisionDomain& domain) {
  COHORTIUM_CHECK(numerator.size == denominator.size);
  const Precision p = precision_of<W>(domain);
  const int length = domain.denominator_bits, f = domain.fraction_bits;
  const Normalised<W> normalised = normalise(engine, denominator, length);
  const auto mantissa =
      mpc::scale(product(engine, denominator, normalised.scale, length - p.mantissa), W{1} << (p.work - p.mantissa));
  const auto dividend = product(engine, numerator, normalised.scale, length - p.numerator);
  const auto inverse = reciprocal_of_mantissa(engine, mantissa, p.work, p.series);
  const auto quotient = product(engine, dividend, inverse, p.numerator + p.inverse - f);
  if (!p.corrected) return quotient;
  // What is left, numerator 2^f - quotient * denominator, is exact in the ring and small beside the denominator.
  const auto remainder = mpc::subtract(mpc::scale(numerator, W{1} << f), engine.multiply(quotient, denominator));
  const int kept = std::min(length, 3);
  const auto rest = product(engine, remainder, normalised.scale, length - kept);
  return mpc::add(quotient, engine.multiply_truncate(rest, inverse, kept + p.inverse));
}

Shared<u128> divide(Engine& engine, const Shared<u128>& numerator, const Shared<u128>& denominator,
                    int denominator_bits, int fraction_bits) {
  COHORTIUM_CHECK(fraction_bits >= 1);
  return divide(engine, numerator, denominator,
                DivisionDomain{.denominator_bits = denominator_bits, .fraction_bits = fraction_bits});
}

template <RingWord W>
Shared<W> reciprocal(Engine& engine, const Shared<W>& x, int input_fraction_bits, const DivisionDomain& domain) {
  COHORTIUM_CHECK(input_fraction_bits >= 0 && input_fraction_bits + domain.fraction_bits <= mpc::bits_of<W> - 3);
  return divide(engine, constant_fill(engine, x.size, W{1} << input_fraction_bits), x, domain);
}

#define COHORTIUM_FOR_RING(W)                                                                    \
  template Shared<W> divide(Engine&, const Shared<W>&, const Shared<W>&, const DivisionDomain&); \
  template Shared<W> reciprocal(Engine&, const Shared<W>&, int, const DivisionDomain&);          \
  template Shared<W> reciprocal_of_mantissa(Engine&, const Shared<W>&, int, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::oblivious
