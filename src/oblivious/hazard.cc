#include "oblivious/hazard.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "oblivious/fixed_point.h"
#include "oblivious/hazard_tables.h"
#include "oblivious/one_hot.h"
#include "oblivious/public_table.h"

namespace cohortium::oblivious {
namespace {

constexpr std::size_t powers = std::tuple_size_v<Piece>;

// min(max(x, -8), 8 - 2^-f) + 8
Shared<u128> place_of(Engine& engine, const Shared<u128>& x, int f) {
  const std::size_t n = x.size;
  const auto above = mpc::add(x, constant_fill(engine, n, u128{8} << f));  // negative left of -8
  const auto below = mpc::subtract(constant_fill(engine, n, (u128{8} << f) - 1), x);
  const std::array distances{above, below};
  const auto outside = engine.bit(mpc::concatenate(std::span<const Shared<u128>>(distances)), 127);
  const std::array moves{mpc::negate(above), below};
  const auto kept = engine.keep_where(outside, mpc::concatenate(std::span<const Shared<u128>>(moves)));
  return mpc::add(above, mpc::add(mpc::slice(kept, 0, n), mpc::slice(kept, n, n)));
}

// Coefficient k of the interval that is 1 in `one_hot`, g fraction bits: powers change their sign from interval to interval,
// so an offset keeps what is composed positive.
Shared<u128> coefficient(Engine& engine, std::span<const SharedBits> one_hot,
                         const std::array<Piece, piece_count>& pieces, std::size_t k, int magnitude_bits, int g) {
  const int drop = piece_bits - g, bits = std::max(magnitude_bits - drop, 0) + 1;
  std::vector<u128> table;
  for (const Piece& piece : pieces) {
    const mpc::i128 rounded = (mpc::i128{piece[k]} + (mpc::i128{1} << (drop - 1))) >> drop;
    table.push_back(static_cast<u128>(rounded + (mpc::i128{1} << bits)));
  }
  const auto shifted = read_table(engine, one_hot, std::span<const u128>(table), bits + 1);
  return mpc::subtract(shifted, constant_fill(engine, shifted.size, u128{1} << bits));
}

// In units of 2^-g, g = f + 4: eight rounded coefficients and seven products, each off by at most 1 or carried on by |t| <=
// 1; a sixteenth of it, the interpolant's error and the last rounding remain.
Shared<u128> by_pieces(Engine& engine, const Shared<u128>& x, int f, const std::array<Piece, piece_count>& pieces,
                       const std::array<int, powers>& magnitude_bits) {
  COHORTIUM_CHECK(f >= 8 && f <= 44);
  const int g = f + 4, inner = f - 2;
  const auto place = place_of(engine, x, f);
  const std::vector<SharedBits> planes = engine.to_bits(place, f + 4);
  const auto interval = demultiplex(engine, {planes.begin() + inner, planes.end()});
  // t = 2 (4 place - i) - 1
  const auto index = index_of<u128>(engine, interval);
  const auto t =
      mpc::subtract(mpc::subtract(mpc::scale(place, u128{1} << (3 + g - f)), mpc::scale(index, u128{2} << g)),
                    constant_fill(engine, x.size, u128{1} << g));
  std::vector<Shared<u128>> c;
  for (std::size_t k = 0; k < powers; ++k) {
    c.push_back(coefficient(engine, interval, pieces, k, magnitude_bits[k], g));
  }
  const auto square = engine.multiply_truncate(t, t, g);
  const auto pair = [&](std::size_t k) { return mpc::add(c[k], engine.multiply_truncate(c[k + 1], t, g)); };
  auto sum = mpc::add(pair(4), engine.multiply_truncate(pair(6), square, g));
  sum = mpc::add(pair(2), engine.multiply_truncate(sum, square, g));
  sum = mpc::add(pair(0), engine.multiply_truncate(sum, square, g));
  return engine.truncate(sum, g - f);
}

}  // namespace

Shared<u128> normal_hazard(Engine& engine, const Shared<u128>& x, int fraction_bits) {
  return by_pieces(engine, x, fraction_bits, hazard_pieces, hazard_pieces_bits);
}

Shared<u128> log_normal_tail(Engine& engine, const Shared<u128>& x, int fraction_bits) {
  return by_pieces(engine, x, fraction_bits, log_tail_pieces, log_tail_pieces_bits);
}

}  // namespace cohortium::oblivious
