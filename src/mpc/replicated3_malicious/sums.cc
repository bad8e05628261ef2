// Bits to ring elements, and the division by 2^f that is made of it.
//
// The sum of c_j b_j over the planes given, b = b0 xor b1 xor b2: every
// component is known to two parties and shared as it is, as 0 or 1 in the ring.
// Products p_j = b0 b1 give d_j = b0 + b1 - 2 p_j, and the sum of c_j (d_j + b2
// - 2 d_j b2) is one sum of products more. Many planes of many elements go
// through a masked opening (masked_sum.cc).
//
// Division: x' = x + 2^(k-2) lies in [0, 2^(k-1)). With x' = x0 + x1 + x2 - 2^k
// w the result is
//
//   (x0 >> f) + (x1 >> f) + (x2 >> f) + c - 2^(k-f) w + centre,    c the carry
//   out of the low f bits.
//
// In each position three bits give a sum s and a majority m that counts in the
// next. c is m_{f-1} and a carry of the sums and majorities, which is left out;
// 1 instead centres the error: the result minus x / 2^f lies in (-1, 1]. w is
// m_{k-1} and the carry out of the top position, in which the two operands
// s_{k-1}, m_{k-2} and the carry into it make the top bit of x', 0: then a
// carry comes out where s_{k-1} or m_{k-2}. So four conjunctions do, and no
// adder.
//
// Security   that of products and conjunctions, each of which is proved
// Reveals    nothing
// Rounds     sum: 2; division: 4
// Sent       sum of p planes: (p + 1) k bits per element and party; division: 4
// k + 4 bits Requires   division: |x| < 2^(k-2), 1 <= f <= k-2 Source     the
// derivations above; Catrina and Saxena, Financial Cryptography 2010 (the carry
// left out)
#include <algorithm>

#include "base/error.h"
#include "mpc/replicated3_malicious/cost.h"
#include "mpc/replicated3_malicious/planes.h"
#include "mpc/replicated3_malicious/replicated3_malicious.h"

namespace cohortium::mpc {
namespace {

// Elements of a stretch of weighted sums: so many products at once.
std::size_t summed_at_once(std::size_t planes) { return std::max<std::size_t>(64, most_products / planes / 64 * 64); }

template <class Body>
void in_sums(std::size_t count, std::size_t planes, Body body) {
  const std::size_t at_once = summed_at_once(planes);
  for (std::size_t from = 0; from == 0 || from < count; from += at_once) body(from, std::min(at_once, count - from));
}

}  // namespace

bool sums_planes(std::size_t count, std::size_t planes) { return planes <= 4 || planes * count <= 4096; }

template <RingWord W>
Shared<W> Replicated3Malicious::weighted_sum(std::span<const SharedBits> planes, std::span<const W> factors) {
  const std::size_t p = planes.size(), count = planes[0].size;
  auto result = Shared<W>::uninitialised(count, 2);
  in_sums(count, p, [&](std::size_t from, std::size_t n) {
    // Element by element, plane by plane.
    Shared<W> b0(n * p, 2), b1(n * p, 2), b2(n * p, 2);
    for (int c = 0; c < 2; ++c) {
      const int index = index_of(self(), c);
      Shared<W>& known = index == 0 ? b0 : index == 1 ? b1 : b2;
      for (std::size_t j = 0; j < p; ++j) {
        const u64* const words = planes[j].component[c].data();
        for (std::size_t i = 0; i < n; ++i) {
          known.component[c][i * p + j] = static_cast<W>(words[(from + i) / 64] >> ((from + i) % 64) & 1);
        }
      }
    }
    Shared<W> d = multiply(b0, b1);
    auto weighted = Shared<W>::uninitialised(n * p, 2), product = Shared<W>::uninitialised(n, 2);
    for (int c = 0; c < 2; ++c) {
      for (std::size_t i = 0; i < n; ++i) {
        W linear = 0;
        for (std::size_t j = 0; j < p; ++j) {
          const std::size_t at = i * p + j;
          d.component[c][at] = b0.component[c][at] + b1.component[c][at] - 2 * d.component[c][at];
          weighted.component[c][at] = factors[j] * d.component[c][at];
          linear += weighted.component[c][at] + factors[j] * b2.component[c][at];
        }
        result.component[c][from + i] = linear;
      }
    }
    sum_products<W>(parts_of(weighted), parts_of(b2), n, p, parts_of(product));
    for (int c = 0; c < 2; ++c) {
      for (std::size_t i = 0; i < n; ++i) result.component[c][from + i] -= 2 * product.component[c][i];
    }
  });
  return result;
}

template <RingWord W>
Cost Replicated3MaliciousCost::weighted_sum(std::size_t count, std::size_t planes) {
  Cost cost;
  in_sums(count, planes, [&](std::size_t, std::size_t n) {
    cost += multiply<W>(n * planes, 1);
    pending_.products[sizeof(W) / 16] += n * planes;
    cost += with_proofs({1, n * sizeof(W)});
  });
  return cost;
}

template <RingWord W>
Shared<W> Replicated3Malicious::from_bit(const SharedBits& bits) {
  COHORTIUM_CHECK(bits.components == 2);
  const W one = 1;
  return weighted_sum<W>(std::span(&bits, 1), std::span(&one, 1));
}

template <RingWord W>
Shared<W> Replicated3Malicious::from_bits(std::span<const SharedBits> planes) {
  COHORTIUM_CHECK(!planes.empty() && planes.size() <= bits_of<W>);
  for (const SharedBits& plane : planes) COHORTIUM_CHECK(plane.size == planes[0].size && plane.components == 2);
  if (!sums_planes(planes[0].size, planes.size())) return masked_sum<W>(planes);
  std::vector<W> factors;
  for (std::size_t j = 0; j < planes.size(); ++j) factors.push_back(W{1} << j);
  return weighted_sum<W>(planes, std::span<const W>(factors));
}

template <RingWord W>
Cost Replicated3MaliciousCost::from_bits(std::size_t count, int planes) {
  return sums_planes(count, planes) ? weighted_sum<W>(count, planes) : masked_sum<W>(count);
}

template <RingWord W>
Shared<W> Replicated3Malicious::truncate(const Shared<W>& a, int bits) {
  COHORTIUM_CHECK(a.components == 2 && bits >= 1 && bits <= bits_of<W> - 2);
  constexpr int k = bits_of<W>;
  Shared<W> shifted = a;
  for (int c = 0; c < 2; ++c) {
    if (index_of(self(), c) != 0) continue;
    for (W& x : shifted.component[c]) x += W{1} << (k - 2);
  }
  // Majorities at three positions, one plane after the other; then whether
  // s_{k-1} or m_{k-2}.
  const std::array<int, 3> positions{bits - 1, k - 1, k - 2};
  const std::size_t words = words_for_bits(a.size);
  SharedBits left(3 * 64 * words, 2), right(3 * 64 * words, 2), third(3 * 64 * words, 2), top(64 * words, 2);
  for (int c = 0; c < 2; ++c) {
    const int index = index_of(self(), c);
    for (int j = 0; j < 3; ++j) {
      Buffer<u64> plane(words);
      split_plane(shifted.component[c].data(), a.size, positions[j], plane.data());
      const auto put = [&](SharedBits& to) { std::copy_n(plane.data(), words, to.component[c].data() + j * words); };
      if (index != 1) put(left);
      if (index != 0) put(right);
      if (index == 2) put(third);
      if (positions[j] == k - 1) top.component[c] = plane;
    }
  }
  const SharedBits majorities = exclusive_or(and_bits(left, right), third);
  const SharedBits below = slice(majorities, 2 * 64 * words, 64 * words);
  const SharedBits carries = exclusive_or(exclusive_or(top, below), and_bits(top, below));
  std::array<SharedBits, 3> planes{slice(majorities, 0, a.size), slice(majorities, 64 * words, a.size),
                                   slice(carries, 0, a.size)};
  const W wrap = W{0} - (W{1} << (k - bits));
  const std::array<W, 3> factors{W{1}, wrap, wrap};
  Shared<W> result = weighted_sum<W>(planes, std::span<const W>(factors));
  const W centre = W{1} - (W{1} << (k - 2 - bits));
  for (int c = 0; c < 2; ++c) {
    for (std::size_t i = 0; i < a.size; ++i) {
      result.component[c][i] += (shifted.component[c][i] >> bits) + (index_of(self(), c) == 0 ? centre : W{0});
    }
  }
  return result;
}

template <RingWord W>
Cost Replicated3MaliciousCost::truncate(std::size_t count, int /*bits*/) {
  const std::size_t words = words_for_bits(count);
  Cost cost = and_bits(3 * 64 * words);
  cost += and_bits(64 * words);
  return cost += weighted_sum<W>(count, 3);
}

#define COHORTIUM_FOR_RING(W)                                                      \
  template Shared<W> Replicated3Malicious::from_bit(const SharedBits&);            \
  template Shared<W> Replicated3Malicious::from_bits(std::span<const SharedBits>); \
  template Shared<W> Replicated3Malicious::truncate(const Shared<W>&, int);        \
  template Cost Replicated3MaliciousCost::from_bits<W>(std::size_t, int);          \
  template Cost Replicated3MaliciousCost::truncate<W>(std::size_t, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
