// Division by 2^f, off by at most one unit in the last place, always.
//
// Let x' = x + 2^(k-2), which lies in [0, 2^(k-1)), and x' = a' + b mod 2^k, where party 0 knows a' = x0 + x1 + 2^(k-2)
// and parties 1 and 2 know b = x2. Because the top bit of x' is 0, the sum a' + b wraps exactly when a' or b has its
// top bit set. Hence
//
//   floor(x' / 2^f) = (a' >> f) + (b >> f) - 2^(k-f) * (top(a') or top(b)) + {0 or 1},
//
// the last term being the carry out of the low f bits, which is left out; adding 1 instead centres the error: the
// result minus x / 2^f lies in (-1, 1]. With t = top(a') and v = top(b), t or v = t + v (1 - t), so the result is
//
//   T + (b >> f) - 2^(k-f) v (1 - t),    where party 0 knows T = (a' >> f) - 2^(k-f) t + centre.
//
// Party 0 draws r and p with party 2, q with party 1, and lets x0 = r + 2^(k-f) p and x1 = T - r + 2^(k-f) q. Then
// x2 = (b >> f) - 2^(k-f) e with e = p + q + v (1 - t), of which f bits count. Parties 1 and 2 learn e by a choice
// between party 0's two candidates: party 0 sends each of them both, every candidate under a mask of its own that party
// 0 shares with the other one, and the other one sends the mask of the candidate that v chooses.
//
// Security   semi-honest, 1 corruption of 3. Party 0 receives nothing. Party 1 receives T - r (hidden by r), the
//            candidates (hidden by masks it does not know) and the mask of one, which opens e (hidden by p); party 2
//            opens e likewise (hidden by q). Choices are made by arithmetic, without branches or secret addresses. The
//            last digit of the result depends on the low bits of a and b, which are uniform: as a function, this is a
//            rounding with a random threshold that the parties know, whatever x is
// Reveals    nothing
// Rounds     1 per 2^20 elements; the roles move on by one party from one such piece to the next
// Sent       in the role of party 0: k bits and 4 words of at least f bits; of the others: 1 such word
// Requires   |x| < 2^(k-2), 1 <= f <= k-2; `out` is not `a`
// Source     the derivation above; the choice: Mohassel and Rindal, CCS 2018, section 5.4 (three-party oblivious
//            transfer), run in both directions at once; the carry is left out as in Catrina and Saxena, Financial
//            Cryptography 2010
#include "mpc/replicated3/lane.h"
#include "mpc/rounding.h"

namespace cohortium::mpc {
namespace {

// Elements of a block; the largest message of a block counts.
template <class W, class Narrow>
constexpr std::size_t block_of = stream_block(sizeof(W) + 2 * sizeof(Narrow));

// A block's candidates as they travel: those for v = 0, then those for v = 1.
template <class Narrow>
Narrow chosen(const Narrow* candidates, std::size_t n, std::size_t i, Narrow choice) {
  const auto all_ones_if_one = static_cast<Narrow>(Narrow{0} - choice);
  return static_cast<Narrow>(candidates[i] ^ ((candidates[i] ^ candidates[n + i]) & all_ones_if_one));
}

template <class T>
std::span<std::byte> first_bytes(Buffer<T>& buffer, std::size_t count) {
  return std::as_writable_bytes(std::span(buffer).first(count));
}

}  // namespace

template <RingWord W, class Narrow>
void Lane::truncate_as_first(ConstParts<W> a, std::size_t count, int bits, Parts<W> out) {
  constexpr std::size_t block = block_of<W, Narrow>;
  const Rounding<W, Narrow> rounding(bits);
  const std::size_t largest = std::min(block, count);
  Buffer<Narrow> p(largest), q(largest), for_second(2 * largest);
  Buffer<W> for_first(largest + 2 * largest * sizeof(Narrow) / sizeof(W) + 1);

  const auto make_both = [&](std::size_t from, std::size_t n) {
    const auto bytes = [n](W* words) { return std::as_writable_bytes(std::span(words, n)); };
    W *const x0 = out.first + from, *const x1 = out.second + from, *const masked = for_first.data();
    auto* const candidates = reinterpret_cast<Narrow*>(for_first.data() + n);
    with_previous_.fill(bytes(x0));
    with_previous_.fill(first_bytes(p, n));
    with_previous_.fill(std::as_writable_bytes(std::span(candidates, 2 * n)));
    with_next_.fill(first_bytes(q, n));
    with_next_.fill(first_bytes(for_second, 2 * n));
    for (std::size_t i = 0; i < n; ++i) {
      const W sum = a.first[from + i] + a.second[from + i];
      masked[i] = rounding.quotient_of_first(sum) - x0[i];
      x0[i] += rounding.units(p[i]);
      x1[i] = masked[i] + rounding.units(q[i]);
      const auto zero = static_cast<Narrow>(p[i] + q[i]);
      const auto one = static_cast<Narrow>(zero + rounding.correction_of_first(sum));
      candidates[i] = static_cast<Narrow>(candidates[i] + zero);
      candidates[n + i] = static_cast<Narrow>(candidates[n + i] + one);
      for_second[i] = static_cast<Narrow>(for_second[i] + zero);
      for_second[n + i] = static_cast<Narrow>(for_second[n + i] + one);
    }
  };
  constexpr std::size_t first_unit = sizeof(W) + 2 * sizeof(Narrow), second_unit = 2 * sizeof(Narrow);
  const OutgoingStream sends[] = {
      {.to = channels_.next(),
       .bytes = count * first_unit,
       .unit = first_unit,
       .make =
           [&](std::size_t from, std::size_t bytes) {
             make_both(from / first_unit, bytes / first_unit);
             return bytes_of(for_first).first(bytes);
           },
       .units_per_block = block},
      {.to = channels_.previous(),
       .bytes = count * second_unit,
       .unit = second_unit,
       .make = [&](std::size_t, std::size_t bytes) { return bytes_of(for_second).first(bytes); },
       .units_per_block = block}};
  channels_.stream(sends, {});
}

// Parties 1 and 2, in these roles; `own` is x1 or x0, `common` is x2.
template <RingWord W, class Narrow>
void Lane::truncate_as_second(bool is_party_1, const W* b, std::size_t count, int bits, W* own, W* common) {
  constexpr std::size_t block = block_of<W, Narrow>;
  const Rounding<W, Narrow> rounding(bits);
  const std::size_t largest = std::min(block, count);
  const PartyId other = is_party_1 ? channels_.next() : channels_.previous();
  const PartyId first = is_party_1 ? channels_.previous() : channels_.next();
  crypto::RandomGenerator& with_first = is_party_1 ? with_previous_ : with_next_;
  Buffer<Narrow> offset(largest), masks(2 * largest), mask(largest), mask_received(largest);
  Buffer<W> offered(largest + 2 * largest * sizeof(Narrow) / sizeof(W) + 1);

  const OutgoingStream send{.to = other,
                            .bytes = count * sizeof(Narrow),
                            .unit = sizeof(Narrow),
                            .make =
                                [&](std::size_t at, std::size_t bytes) {
                                  const std::size_t from = at / sizeof(Narrow), n = bytes / sizeof(Narrow);
                                  if (!is_party_1) with_first.fill(std::as_writable_bytes(std::span(own + from, n)));
                                  with_first.fill(first_bytes(offset, n));
                                  with_first.fill(first_bytes(masks, 2 * n));
                                  for (std::size_t i = 0; i < n; ++i) {
                                    own[from + i] = (is_party_1 ? W{0} : own[from + i]) + rounding.units(offset[i]);
                                    common[from + i] = rounding.quotient_of_second(b[from + i]);
                                    mask[i] = chosen(masks.data(), n, i, rounding.top(b[from + i]));
                                  }
                                  return bytes_of(mask).first(bytes);
                                },
                            .units_per_block = block};
  const std::size_t unit = (is_party_1 ? sizeof(W) : 0) + 2 * sizeof(Narrow);
  const IncomingStream receives[] = {
      {.from = first,
       .bytes = count * unit,
       .unit = unit,
       .place = [&](std::size_t, std::size_t bytes) { return writable_bytes_of(offered).first(bytes); },
       .arrived =
           [&](std::size_t at, std::size_t bytes) {
             const std::size_t from = at / unit, n = bytes / unit;
             const auto* candidates = reinterpret_cast<const Narrow*>(offered.data() + (is_party_1 ? n : 0));
             for (std::size_t i = 0; i < n; ++i) {
               if (is_party_1) own[from + i] += offered[i];
               common[from + i] -= rounding.units(chosen(candidates, n, i, rounding.top(b[from + i])));
             }
           },
       .units_per_block = block},
      {.from = other,
       .bytes = count * sizeof(Narrow),
       .unit = sizeof(Narrow),
       .place = [&](std::size_t, std::size_t bytes) { return writable_bytes_of(mask_received).first(bytes); },
       .arrived =
           [&](std::size_t at, std::size_t bytes) {
             W* const to = common + at / sizeof(Narrow);
             for (std::size_t i = 0; i < bytes / sizeof(Narrow); ++i) to[i] += rounding.units(mask_received[i]);
           },
       .units_per_block = block}};
  channels_.stream({&send, 1}, receives);
}

template <RingWord W>
void Lane::truncate(ConstParts<W> a, std::size_t count, int bits, Parts<W> out) {
  with_narrow_word(bits, [&]<class Narrow>(Narrow) {
    in_pieces(count, turn_length, [&](std::size_t from, std::size_t n) {
      const ConstParts<W> x = a.from(from);
      const Parts<W> result = out.from(from);
      switch (role(self(), from)) {
        case 0:
          return truncate_as_first<W, Narrow>(x, n, bits, result);
        case 1:
          return truncate_as_second<W, Narrow>(true, x.second, n, bits, result.first, result.second);
        default:
          return truncate_as_second<W, Narrow>(false, x.first, n, bits, result.second, result.first);
      }
    });
  });
}

template <RingWord W>
Cost LaneCost::truncate(std::size_t count, int bits) const {
  Cost cost;
  in_pieces(count, turn_length, [&](std::size_t from, std::size_t n) {
    const bool is_first = role(party_, from) == 0;
    cost += {1, n * (is_first ? sizeof(W) + 4 * narrow_bytes(bits) : narrow_bytes(bits))};
  });
  return cost;
}

#define COHORTIUM_FOR_RING(W)                                  \
  template Cost LaneCost::truncate<W>(std::size_t, int) const; \
  template void Lane::truncate(ConstParts<W>, std::size_t, int, Parts<W>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
