// Products divided by 2^f, in one: off by at most one unit in the last place, always.
//
// The parties' summands z0 + z1 + z2 of the product, made uniform by a zero share, need not be shared again before they
// are truncated. Party 0 knows a = z0; parties 1 and 2 send each other z1 and z2 and both know b = z1 + z2. From here on
// truncate.cc applies to x = a + b, with the same r, p, q, T, t, v:
//
//   x0 = r + 2^(k-f) p,   x1 = T - r + 2^(k-f) q,   x2 = (b >> f) - 2^(k-f) e,   e = p + q + v (1 - t).
//
// Party 0 sends party 1 T - r and d = (1 - t) - s, where s of f bits is drawn with party 2. When v is known, party 1
// sends v d + q, party 2 sends v s + p, and e is their sum.
//
// Security   semi-honest, 1 corruption of 3. Party 0 receives nothing. Party 1 receives z2 (hidden by the zero share's
//            part that parties 0 and 2 know), T - r (hidden by r), d (hidden by s) and v s + p (hidden by p); party 2
//            receives z1 (hidden by the part that parties 0 and 1 know) and v d + q (hidden by q). The rounding is that
//            of truncate.cc
// Reveals    nothing
// Rounds     2 per 2^20 results; the roles move on by one party from one such piece to the next
// Sent       k bits and a word of at least f bits, by every party
// Requires   |exact product| < 2^(k-2), 1 <= f <= k-2
// Source     the derivation above; products: Araki et al., CCS 2016, section 2.2
#include "mpc/replicated3/lane.h"
#include "mpc/rounding.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

template <class W, class Narrow>
constexpr std::size_t block_of = stream_block(sizeof(W) + sizeof(Narrow));

template <class T>
std::span<std::byte> first_bytes(Buffer<T>& buffer, std::size_t count) {
  return std::as_writable_bytes(std::span(buffer).first(count));
}

}  // namespace

// Masked summands [from, from + n) to `to`.
template <RingWord W>
void Lane::make_summands(const Summands<W>& summands, std::size_t start, std::size_t length, W* to) {
  in_pieces(length, mask_bytes / sizeof(W), [&](std::size_t offset, std::size_t n) {
    const auto [plus, minus] = masks<W>(n);
    const std::size_t from = start + offset;
    if (summands.ready != nullptr) {
      std::copy_n(summands.ready + from, n, to + offset);
      add_difference(plus, minus, to + offset, n);
    } else {
      const ConstParts<W> x = summands.a.from(from), y = summands.b.from(from);
      masked_cross_products(x.first, x.second, y.first, y.second, plus, minus, to + offset, n);
    }
  });
}

template <RingWord W, class Narrow>
void Lane::fused_as_first(const Summands<W>& summands, std::size_t count, int bits, Parts<W> out) {
  constexpr std::size_t block = block_of<W, Narrow>, unit = sizeof(W) + sizeof(Narrow);
  const Rounding<W, Narrow> rounding(bits);
  const std::size_t largest = std::min(block, count);
  Buffer<W> message(largest + largest * sizeof(Narrow) / sizeof(W) + 1);
  Buffer<Narrow> p(largest), q(largest);
  const OutgoingStream send{
      .to = channels_.next(),
      .bytes = count * unit,
      .unit = unit,
      .make =
          [&](std::size_t at, std::size_t bytes) {
            const std::size_t from = at / unit, n = bytes / unit;
            W *const x0 = out.first + from, *const x1 = out.second + from, *const masked = message.data();
            auto* const corrections = reinterpret_cast<Narrow*>(message.data() + n);
            make_summands(summands, from, n, masked);
            with_previous_.fill(std::as_writable_bytes(std::span(x0, n)));
            with_previous_.fill(first_bytes(p, n));
            with_previous_.fill(std::as_writable_bytes(std::span(corrections, n)));
            with_next_.fill(first_bytes(q, n));
            for (std::size_t i = 0; i < n; ++i) {
              const W summand = masked[i];
              corrections[i] = static_cast<Narrow>(rounding.correction_of_first(summand) - corrections[i]);
              masked[i] = rounding.quotient_of_first(summand) - x0[i];
              x0[i] += rounding.units(p[i]);
              x1[i] = masked[i] + rounding.units(q[i]);
            }
            return bytes_of(message).first(bytes);
          },
      .units_per_block = block};
  channels_.stream({&send, 1}, {});
  channels_.exchange({}, {});
}

// The second round of parties 1 and 2: turns b, which stands in `common`, into x2.
template <RingWord W, class Narrow>
void Lane::exchange_corrections(PartyId other, Buffer<Narrow>& factor, const Buffer<Narrow>& offset, int bits,
                                W* common) {
  const Rounding<W, Narrow> rounding(bits);
  Buffer<Narrow> received(std::min(factor.size(), stream_block(sizeof(Narrow))));
  const OutgoingStream send_correction{
      .to = other,
      .bytes = factor.size() * sizeof(Narrow),
      .unit = sizeof(Narrow),
      .make = [&](std::size_t at, std::size_t bytes) {
        const std::size_t from = at / sizeof(Narrow), n = bytes / sizeof(Narrow);
        for (std::size_t i = from; i < from + n; ++i) {
          factor[i] = static_cast<Narrow>(rounding.top(common[i]) * factor[i] + offset[i]);
          common[i] = rounding.quotient_of_second(common[i]) - rounding.units(factor[i]);
        }
        return bytes_of(factor).subspan(at, bytes);
      }};
  const IncomingStream receive_correction{
      .from = other,
      .bytes = factor.size() * sizeof(Narrow),
      .unit = sizeof(Narrow),
      .place = [&](std::size_t, std::size_t bytes) { return writable_bytes_of(received).first(bytes); },
      .arrived =
          [&](std::size_t at, std::size_t bytes) {
            W* const to = common + at / sizeof(Narrow);
            for (std::size_t i = 0; i < bytes / sizeof(Narrow); ++i) to[i] -= rounding.units(received[i]);
          }};
  channels_.stream({&send_correction, 1}, {&receive_correction, 1});
}

// Parties 1 and 2, in these roles; `own` is x1 or x0, `common` is x2.
template <RingWord W, class Narrow>
void Lane::fused_as_second(bool is_party_1, const Summands<W>& summands, std::size_t count, int bits, W* own,
                           W* common) {
  constexpr std::size_t block = block_of<W, Narrow>, unit = sizeof(W) + sizeof(Narrow);
  const Rounding<W, Narrow> rounding(bits);
  const std::size_t largest = std::min(block, count);
  const PartyId other = is_party_1 ? channels_.next() : channels_.previous();
  crypto::RandomGenerator& with_first = is_party_1 ? with_previous_ : with_next_;
  Buffer<Narrow> factor(count), offset(count);  // d or s, q or p
  Buffer<W> others_summands(largest), offered(is_party_1 ? largest + largest * sizeof(Narrow) / sizeof(W) + 1 : 0);

  const OutgoingStream send_summands{.to = other,
                                     .bytes = count * sizeof(W),
                                     .unit = sizeof(W),
                                     .make =
                                         [&](std::size_t at, std::size_t bytes) {
                                           const std::size_t from = at / sizeof(W), n = bytes / sizeof(W);
                                           make_summands(summands, from, n, common + from);
                                           const auto narrow = [&](Buffer<Narrow>& to) {
                                             return std::as_writable_bytes(std::span(to).subspan(from, n));
                                           };
                                           if (!is_party_1)
                                             with_first.fill(std::as_writable_bytes(std::span(own + from, n)));
                                           with_first.fill(narrow(offset));
                                           if (!is_party_1) with_first.fill(narrow(factor));
                                           for (std::size_t i = from; i < from + n; ++i) {
                                             own[i] = (is_party_1 ? W{0} : own[i]) + rounding.units(offset[i]);
                                           }
                                           return std::as_bytes(std::span(common + from, n));
                                         },
                                     .units_per_block = block};
  const IncomingStream receives[] = {
      {.from = other,
       .bytes = count * sizeof(W),
       .unit = sizeof(W),
       .place = [&](std::size_t, std::size_t bytes) { return writable_bytes_of(others_summands).first(bytes); },
       .arrived =
           [&](std::size_t at, std::size_t bytes) {
             W* const to = common + at / sizeof(W);
             add_words(to, others_summands.data(), to, bytes / sizeof(W));
           },
       .units_per_block = block},
      {.from = channels_.previous(),
       .bytes = is_party_1 ? count * unit : 0,
       .unit = unit,
       .place = [&](std::size_t, std::size_t bytes) { return writable_bytes_of(offered).first(bytes); },
       .arrived =
           [&](std::size_t at, std::size_t bytes) {
             const std::size_t from = at / unit, n = bytes / unit;
             add_words(own + from, offered.data(), own + from, n);
             std::copy_n(reinterpret_cast<const Narrow*>(offered.data() + n), n, factor.begin() + from);
           },
       .units_per_block = block}};
  channels_.stream({&send_summands, 1}, receives);

  exchange_corrections<W, Narrow>(other, factor, offset, bits, common);
}

template <RingWord W>
void Lane::fused(const Summands<W>& summands, std::size_t count, int bits, Parts<W> out) {
  with_narrow_word(bits, [&]<class Narrow>(Narrow) {
    in_pieces(count, turn_length, [&](std::size_t from, std::size_t n) {
      const Summands<W> stretch = summands.from(from);
      const Parts<W> result = out.from(from);
      switch (role(self(), from)) {
        case 0:
          return fused_as_first<W, Narrow>(stretch, n, bits, result);
        case 1:
          return fused_as_second<W, Narrow>(true, stretch, n, bits, result.first, result.second);
        default:
          return fused_as_second<W, Narrow>(false, stretch, n, bits, result.second, result.first);
      }
    });
  });
}

template <RingWord W>
void Lane::multiply_truncate(ConstParts<W> a, ConstParts<W> b, std::size_t count, int bits, Parts<W> out) {
  fused<W>({.a = a, .b = b}, count, bits, out);
}

template <RingWord W>
void Lane::reshare_truncated(const W* summands, std::size_t count, int bits, Parts<W> out) {
  fused<W>({.ready = summands}, count, bits, out);
}

template <RingWord W>
Cost LaneCost::multiply_truncate(std::size_t results, int bits) const {
  Cost cost;
  in_pieces(results, turn_length, [&](std::size_t, std::size_t n) {
    cost += {2, n * (sizeof(W) + narrow_bytes(bits))};
  });
  return cost;
}

#define COHORTIUM_FOR_RING(W)                                                                      \
  template Cost LaneCost::multiply_truncate<W>(std::size_t, int) const;                            \
  template void Lane::multiply_truncate(ConstParts<W>, ConstParts<W>, std::size_t, int, Parts<W>); \
  template void Lane::reshare_truncated(const W*, std::size_t, int, Parts<W>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
