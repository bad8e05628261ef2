#include "oblivious/eigen.h"

#include <array>
#include <numeric>
#include <utility>
#include <vector>

#include "base/error.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/normalise.h"
#include "oblivious/square_root.h"

namespace cohortium::oblivious {
namespace {

constexpr int f = eigen_fraction_bits;
constexpr int angle_bits = 24;                      // fraction bits of what the angle's denominator is made of
constexpr u128 root_of_half = 3260954456333195553;  // sqrt(1/2), 62 fraction bits

constexpr int scaled_bits = f + 2;

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;
using Indices = std::vector<std::size_t>;

// Step `step` of a tournament of `players` (even): everybody but the last moves around a circle. Pairs with a player
// that does not exist, because d is odd, stay out.
Pairs tournament(std::size_t step, std::size_t players, std::size_t d) {
  Pairs pairs;
  const std::size_t circle = players - 1;
  const auto at = [&](std::size_t place) { return place == circle ? circle : (place + step) % circle; };
  for (std::size_t i = 0; i < players / 2; ++i) {
    const std::size_t p = i == 0 ? circle : at(i), q = i == 0 ? at(0) : at(circle - i);
    if (p < d && q < d) pairs.emplace_back(std::min(p, q), std::max(p, q));
  }
  return pairs;
}

Shared<u128> joined(const Shared<u128>& a, const Shared<u128>& b) {
  const std::array both{a, b};
  return mpc::concatenate(std::span<const Shared<u128>>(both));
}

struct Rotation {
  Shared<u128> cosine, sine;  // f fraction bits, one per pair
};

// |h| and |2 a_pq| are first scaled by a common power of two, so that the angle is as good where both are small. With x =
// |h| + 2^-22 in place of |h| the denominator is never 0.
Rotation rotation_of(Engine& engine, const Shared<u128>& a, std::size_t d, const Pairs& pairs) {
  Indices pp, qq, pq;
  for (auto [p, q] : pairs) {
    pp.push_back(p * d + p);
    qq.push_back(q * d + q);
    pq.push_back(p * d + q);
  }
  const std::size_t n = pairs.size();
  const auto h = mpc::subtract(mpc::gather(a, qq), mpc::gather(a, pp));
  const auto twice = mpc::scale(mpc::gather(a, pq), u128{2});
  const auto both = joined(h, twice);
  const auto negative = engine.bit(both, 127);
  const auto sizes = mpc::add(both, engine.keep_where(negative, mpc::scale(both, static_cast<u128>(-2))));
  const auto sum = mpc::add(mpc::slice(sizes, 0, n), mpc::slice(sizes, n, n));
  const auto scaled = engine.multiply(sizes, mpc::tile(normalise(engine, sum, scaled_bits).scale, 2));
  const auto coarse = engine.truncate(scaled, scaled_bits - angle_bits);
  const auto x = mpc::add(mpc::slice(coarse, 0, n), constant_fill(engine, n, u128{1} << (angle_bits - 22)));
  const auto operands = joined(x, mpc::slice(coarse, n, n));
  const auto squares = engine.multiply(operands, operands);
  const auto root = square_root(engine, mpc::add(mpc::slice(squares, 0, n), mpc::slice(squares, n, n)),
                                2 * angle_bits + 3, scaled_bits - angle_bits);
  const auto denominator = mpc::add(mpc::scale(x, u128{1} << (scaled_bits - angle_bits)), root);
  const auto size = divide(engine, mpc::slice(scaled, n, n), denominator,
                           {.denominator_bits = scaled_bits + 2, .quotient_bits = 1, .fraction_bits = f});
  const auto opposite = mpc::exclusive_or(mpc::slice(negative, 0, n), mpc::slice(negative, n, n));
  const auto tangent = mpc::add(size, engine.keep_where(opposite, mpc::scale(size, static_cast<u128>(-2))));
  // C = (1 + tan^2) / 2 lies in [1/2, 1]; the cosine is 1 / sqrt(2 C).
  constexpr int work = 50;
  const auto half = constant_fill(engine, n, u128{1} << (work - 1));
  const auto mantissa = mpc::add(half, engine.multiply_truncate(tangent, tangent, 2 * f - work + 1));
  const auto inverse = inverse_root_of_mantissa(engine, mantissa, work, work);
  const auto cosine = engine.truncate(mpc::scale(inverse, root_of_half), work + 4 + 62 - f);
  return {.cosine = cosine, .sine = engine.multiply_truncate(cosine, tangent, f)};
}

// Rows p and q of m (rows of length `length`) become c p - s q and s p + c q, for all pairs at once.
Shared<u128> rotate_rows(Engine& engine, const Shared<u128>& m, std::size_t length, const Pairs& pairs,
                         const Rotation& rotation) {
  Indices upper, lower, merged(m.size);
  std::iota(merged.begin(), merged.end(), std::size_t{0});
  for (auto [p, q] : pairs) {
    for (std::size_t k = 0; k < length; ++k) {
      upper.push_back(p * length + k);
      lower.push_back(q * length + k);
    }
  }
  for (std::size_t i = 0; i < upper.size(); ++i) {
    merged[upper[i]] = m.size + i;
    merged[lower[i]] = m.size + upper.size() + i;
  }
  const auto p = mpc::gather(m, upper), q = mpc::gather(m, lower);
  const auto c = mpc::repeat(rotation.cosine, length), s = mpc::repeat(rotation.sine, length);
  // Two products to a sum, rounded once: (c, -s) . (p, q), then (s, c) . (p, q).
  const std::array rows{p, q, p, q}, factors{c, mpc::negate(s), s, c};
  Indices order;
  const std::size_t n = upper.size();
  for (std::size_t half = 0; half < 2; ++half) {
    for (std::size_t i = 0; i < n; ++i) {
      order.push_back(2 * half * n + i);
      order.push_back((2 * half + 1) * n + i);
    }
  }
  const auto rotated =
      engine.dot_truncate(mpc::gather(mpc::concatenate(std::span<const Shared<u128>>(rows)), order),
                          mpc::gather(mpc::concatenate(std::span<const Shared<u128>>(factors)), order), 2, f);
  const std::array all{m, rotated};
  return mpc::gather(mpc::concatenate(std::span<const Shared<u128>>(all)), merged);
}

}  // namespace

Eigen eigen_decomposition(Engine& engine, const SharedMatrix& a, int sweeps) {
  const std::size_t d = a.rows, players = d + d % 2;
  COHORTIUM_CHECK(d >= 1 && d <= 32 && a.columns == d && a.elements.size == d * d && sweeps >= 1);
  std::vector<u128> identity(d * d);
  for (std::size_t i = 0; i < d; ++i) identity[i * d + i] = u128{1} << f;
  SharedMatrix matrix = a;
  SharedMatrix vectors{.elements = engine.constant(std::span<const u128>(identity)), .rows = d, .columns = d};  // V'
  for (int sweep = 0; sweep < sweeps && d > 1; ++sweep) {
    for (std::size_t step = 0; step + 1 < players; ++step) {
      const Pairs pairs = tournament(step, players, d);
      const Rotation rotation = rotation_of(engine, matrix.elements, d, pairs);
      // J'A, then (J'(J'A)')' = J'A J; V' takes the same rotations as the rows of A.
      vectors.elements = rotate_rows(engine, vectors.elements, d, pairs, rotation);
      matrix.elements = rotate_rows(engine, matrix.elements, d, pairs, rotation);
      matrix = transpose(matrix);
      matrix.elements = rotate_rows(engine, matrix.elements, d, pairs, rotation);
    }
  }
  Indices diagonal;
  for (std::size_t i = 0; i < d; ++i) diagonal.push_back(i * d + i);
  return {.values = mpc::gather(matrix.elements, diagonal), .vectors = transpose(vectors)};
}

}  // namespace cohortium::oblivious
