#include "oblivious/normal.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "oblivious/fixed_point.h"
#include "oblivious/one_hot.h"
#include "oblivious/public_table.h"

namespace cohortium::oblivious {
namespace {

constexpr int intervals = 32, interval_bits = 5, degree = 6;
constexpr int table_bits = 40;

// Q(x) for x = (i + (t + 1) / 2) / 4, t in [-1, 1], by powers of t with 40 fraction bits: row i.
constexpr std::array<std::array<std::int64_t, degree + 1>, intervals> tail_pieces = {
    {{495068057342, -54403517374, 425027479, 139461628, -1651609, -320675, 4264},
     {389040455802, -51107374907, 1197829098, 114375740, -4459673, -225653, 11023},
     {292454182009, -45102100089, 1761800782, 71573167, -5985917, -74240, 13398},
     {209772473089, -37390954298, 2044817810, 22821902, -5949063, 76099, 10972},
     {143260336627, -29120104509, 2047507345, -20142918, -4623886, 176490, 5476},
     {92980995037, -21304723581, 1830874680, -49412484, -2644704, 206068, -397},
     {57263972306, -14642508098, 1487129728, -62559373, -695893, 174552, -4449},
     {33421153203, -9453913764, 1107880520, -61933590, 743807, 110274, -5840},
     {18464435709, -5734088539, 761558636, -52497245, 1502909, 43392, -5035},
     {9647637395, -3267185156, 484972799, -39483932, 1667489, -6212, -3154},
     {4763577352, -1748798189, 286912205, -26826965, 1453476, -32301, -1255},
     {2221164660, -879350952, 158008375, -16638170, 1083353, -38750, 66},
     {977493654, -415375979, 81128121, -9481870, 714693, -33571, 695},
     {405806052, -184321975, 38880416, -4987550, 424781, -24158, 811},
     {158858238, -76836832, 17408344, -2429277, 229859, -15163, 664},
     {58617548, -30089737, 7287358, -1098233, 114013, -8497, 447},
     {20381359, -11069396, 2853828, -461665, 52081, -4308, 261},
     {6675821, -3825481, 1046030, -180714, 21984, -1993, 135},
     {2059376, -1241952, 359002, -65945, 8597, -846, 63},
     {598181, -378774, 115408, -22454, 3120, -331, 27},
     {163573, -108521, 34760, -7140, 1053, -119, 10},
     {42102, -29208, 9812, -2121, 331, -40, 4},
     {10198, -7385, 2596, -589, 97, -12, 1},
     {2325, -1754, 644, -153, 26, -4, 0},
     {499, -391, 150, -37, 7, -1, 0},
     {101, -82, 33, -8, 2, 0, 0},
     {19, -16, 7, -2, 0, 0, 0},
     {3, -3, 1, 0, 0, 0, 0},
     {1, -1, 0, 0, 0, 0, 0},
     {0, 0, 0, 0, 0, 0, 0},
     {0, 0, 0, 0, 0, 0, 0},
     {0, 0, 0, 0, 0, 0, 0}}};
// Bits of the largest coefficient of each power, rounded up, without the sign.
constexpr std::array<int, degree + 1> magnitude_bits = {39, 36, 31, 28, 23, 19, 14};

template <RingWord W>
W rounded(std::int64_t coefficient, int f) {
  const int drop = table_bits - f;
  return static_cast<W>((mpc::i128{coefficient} + (mpc::i128{1} << (drop - 1))) >> drop);
}

// The coefficients of the interval that is 1 in `one_hot`, f fraction bits: power k in block k. Powers change their sign
// from interval to interval, so an offset keeps what is composed positive.
template <RingWord W>
std::vector<Shared<W>> coefficients(Engine& engine, std::span<const SharedBits> one_hot, int f) {
  std::vector<Shared<W>> result;
  for (int k = 0; k <= degree; ++k) {
    const int bits = std::max(magnitude_bits[k] - (table_bits - f), 0) + 1;
    const W offset = W{1} << bits;
    std::vector<W> table;
    for (const auto& piece : tail_pieces) table.push_back(rounded<W>(piece[k], f) + offset);
    const auto shifted = read_table(engine, one_hot, std::span<const W>(table), bits + 1);
    result.push_back(mpc::subtract(shifted, constant_fill(engine, shifted.size, offset)));
  }
  return result;
}

Shared<u64> low_words(const Shared<u64>& a) { return a; }
Shared<u64> low_words(const Shared<u128>& a) { return mpc::narrow(a); }

// Q(size) for 0 <= size < 8 with f fraction bits; the result has g.
template <RingWord W>
Shared<W> upper_tail(Engine& engine, const Shared<W>& size, int f, int g) {
  const int inner = f - 2;  // fraction bits of a place inside an interval
  const std::vector<SharedBits> planes = engine.to_bits(low_words(size), f + 3);
  const auto place = demultiplex(engine, {planes.begin() + inner, planes.end()});
  // t = 2 (4 size - i) - 1 with g fraction bits.
  const auto index = index_of<W>(engine, place);
  const auto t = mpc::subtract(mpc::subtract(mpc::scale(size, W{1} << (3 + g - f)), mpc::scale(index, W{2} << g)),
                               constant_fill(engine, size.size, W{1} << g));
  const auto c = coefficients<W>(engine, place, g);
  // Horner's rule in pairs of powers would save rounds; three products of t^2 are few enough.
  const auto square = engine.multiply_truncate(t, t, g);
  const auto pair = [&](int k) { return mpc::add(c[k], engine.multiply_truncate(c[k + 1], t, g)); };
  auto sum = mpc::add(pair(4), engine.multiply_truncate(c[6], square, g));
  sum = mpc::add(pair(2), engine.multiply_truncate(sum, square, g));
  return mpc::add(pair(0), engine.multiply_truncate(sum, square, g));
}

template <RingWord W>
struct Folded {
  Shared<W> size;       // min(|x|, cap)
  SharedBits negative;  // x < 0
};

template <RingWord W>
Folded<W> fold(Engine& engine, const Shared<W>& x, W cap) {
  const std::size_t n = x.size;
  const auto caps = constant_fill(engine, n, cap);
  // x < 0, x < -cap, cap < x; and what each adds to x: -2x, then what brings |x| back to the cap.
  const std::array differences{x, mpc::add(x, caps), mpc::subtract(caps, x)};
  const auto bits = engine.bit(mpc::concatenate(std::span<const Shared<W>>(differences)), mpc::bits_of<W> - 1);
  const std::array moves{mpc::scale(mpc::negate(x), W{2}), differences[1], differences[2]};
  const auto kept = engine.keep_where(bits, mpc::concatenate(std::span<const Shared<W>>(moves)));
  const auto corrections = mpc::add(mpc::slice(kept, n, n), mpc::slice(kept, 2 * n, n));
  return {.size = mpc::add(mpc::add(x, mpc::slice(kept, 0, n)), corrections), .negative = mpc::slice(bits, 0, n)};
}

// negative ? other : value
template <RingWord W>
Shared<W> mirrored(Engine& engine, const SharedBits& negative, const Shared<W>& value, const Shared<W>& other) {
  return mpc::add(value, engine.keep_where(negative, mpc::subtract(other, value)));
}

}  // namespace

// In units of 2^-g: seven rounded coefficients and six products, 9.5 at most; a sixteenth of it, the interpolant's error
// and the last rounding remain.
template <RingWord W>
Shared<W> normal_tail(Engine& engine, const Shared<W>& x, int fraction_bits) {
  constexpr int limit = mpc::bits_of<W> == 128 ? 32 : 24;
  COHORTIUM_CHECK(fraction_bits >= 3 && fraction_bits <= limit);
  const int f = fraction_bits, g = f + 4;
  const auto folded = fold(engine, x, static_cast<W>((W{8} << f) - 1));
  const auto upper = engine.truncate(upper_tail(engine, folded.size, f, g), g - f);
  return mirrored(engine, folded.negative, upper, mpc::subtract(constant_fill(engine, x.size, W{1} << f), upper));
}

// sqrt(2) x is rounded to f + 3 bits, where the slope of 2 Q is at most 0.8.
template <RingWord W>
Shared<W> error_function(Engine& engine, const Shared<W>& x, int fraction_bits) {
  constexpr int limit = mpc::bits_of<W> == 128 ? 30 : 22;
  COHORTIUM_CHECK(fraction_bits >= 3 && fraction_bits <= limit);
  constexpr u64 root_of_two = 6521908912666391106;  // 62 fraction bits
  const int f = fraction_bits, inner = f + 3, factor_bits = f + 8, g = f + 5;
  const auto factor = static_cast<W>(root_of_two >> (62 - factor_bits));
  const auto folded = fold(engine, x, static_cast<W>((W{565} << f) / 100));  // 5.65 sqrt(2) < 8
  const auto argument = engine.truncate(mpc::scale(folded.size, factor), factor_bits + f - inner);
  const auto twice = mpc::scale(upper_tail(engine, argument, inner, g), W{2});
  const auto upper = engine.truncate(mpc::subtract(constant_fill(engine, x.size, W{1} << g), twice), g - f);
  return mirrored(engine, folded.negative, upper, mpc::negate(upper));
}

#define COHORTIUM_FOR_RING(W)                                     \
  template Shared<W> normal_tail(Engine&, const Shared<W>&, int); \
  template Shared<W> error_function(Engine&, const Shared<W>&, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::oblivious
