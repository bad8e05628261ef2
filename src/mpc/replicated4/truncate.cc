// Division by 2^f, off by at most one unit in the last place, always; of a value, or of products on their way to be
// shared.
//
// Let x' = x + 2^(k-2), which lies in [0, 2^(k-1)), and x' = a' + b mod 2^k, where the first pair knows
// a' = a + 2^(k-2) and the second knows b. As derived in replicated3/truncate.cc, with t = top(a') and v = top(b),
//
//   x / 2^f is within one unit of  T + (b >> f) - 2^(k-f) v u,   u = 1 - t,   T = (a' >> f) - 2^(k-f) t + centre.
//
// The first pair shares T and u, the second b >> f and v; then v u is a product of what either pair knows, of which f bits
// count.
//
// Products: the parts of the component pairs (2, 3) and (0, 1) are known to the first and the second pair, so they go into a
// and b as they are; the four other parts are shared first. So two of the six messages of a product fall away.
//
// Security   malicious, 1 corruption of 4 (joint_round.h). As a function this is a rounding whose threshold, the low bits of
//            a and b, is uniform and independent of x
// Reveals    nothing
// Rounds     2; of products 3
// Sent       per element in all: 2k bits and 6 words of at least f bits; of products 4k bits more
// Requires   |x| < 2^(k-2), 1 <= f <= k-2
// Source     the derivations above and in replicated3/truncate.cc; the carry is left out as in Catrina and Saxena,
//            Financial Cryptography 2010
#include "base/error.h"
#include "mpc/replicated4/replicated4.h"
#include "mpc/rounding.h"

namespace cohortium::mpc {

template <RingWord W>
Cost Replicated4Cost::truncate(std::size_t count, int bits) const {
  const std::size_t wide = count * sizeof(W), narrow = count * narrow_bytes(bits);
  Cost cost = JointRoundCost(party_).share(2, 3, wide).share(3, 2, narrow).share(0, 1, wide).share(1, 0, narrow);
  return cost += cross_products(narrow);
}

template <RingWord W>
Cost Replicated4Cost::multiply_truncate(std::size_t results, std::size_t /*length*/, int bits) const {
  Cost cost = cross_products(results * sizeof(W));
  return cost += truncate<W>(results, bits);
}

template <RingWord W>
Buffer<W> Replicated4::known_summand(View<const W> x, std::size_t count) const {
  Buffer<W> sum(count);
  const PartyId c = in_first_pair() ? 2 : 0;
  add_words(x[c], x[c + 1], sum.data(), count);
  return sum;
}

template <RingWord W, class Narrow>
void Replicated4::truncate_known(const Buffer<W>& known, int bits, View<W> out) {
  const std::size_t count = known.size();
  const Rounding<W, Narrow> rounding(bits);
  HeldComponents<Narrow> tops(self(), count);  // u of the first pair, v of the second
  const View<Narrow> top = tops.view();
  const W* const x = known.data();
  const auto each = [x](auto function) {
    return [x, function](std::size_t from, std::size_t n, auto* to) {
      for (std::size_t i = 0; i < n; ++i) to[i] = function(x[from + i]);
    };
  };
  JointRound round(party_);
  round.share<Sums<W>>(2, 3, count, out, each([=](W a) { return rounding.quotient_of_first(a); }));
  round.share<Sums<Narrow>>(3, 2, count, top, each([=](W a) { return rounding.correction_of_first(a); }));
  round.share<Sums<W>>(0, 1, count, out, each([=](W b) { return rounding.quotient_of_second(b); }));
  round.share<Sums<Narrow>>(1, 0, count, top, each([=](W b) { return rounding.top(b); }));
  round.run();

  HeldComponents<Narrow> corrections(self(), count);
  const auto products = [top](const Pair& pair) {
    const Narrow *const u = top[first_of(pair)], *const v = top[second_of(pair)];
    return MakeValues<Narrow>([u, v](std::size_t from, std::size_t n, Narrow* to) {
      using Product = std::common_type_t<Narrow, unsigned>;  // no overflow of int
      for (std::size_t i = from; i < from + n; ++i) *to++ = static_cast<Narrow>(Product{u[i]} * Product{v[i]});
    });
  };
  add_pairs<Sums<Narrow>>(cross_pairs, count, products, corrections.view());
  for (PartyId c = 0; c < four; ++c) {
    if (c == self()) continue;
    const Narrow* const correction = corrections.view()[c];
    for (std::size_t i = 0; i < count; ++i) out[c][i] -= rounding.units(correction[i]);
  }
}

template <RingWord W>
Shared<W> Replicated4::truncate_known(const Buffer<W>& known, int bits) {
  COHORTIUM_CHECK(bits >= 1 && bits <= bits_of<W> - 2);
  auto result = Shared<W>::uninitialised(known.size(), four - 1);
  with_narrow_word(bits, [&]<class Narrow>(Narrow) { truncate_known<W, Narrow>(known, bits, view(result)); });
  return result;
}

template <RingWord W>
Shared<W> Replicated4::truncate(const Shared<W>& a, int bits) {
  COHORTIUM_CHECK(a.components == four - 1);
  return truncate_known(known_summand<W>(view(a), a.size), bits);
}

template <RingWord W>
Shared<W> Replicated4::truncated_products(std::size_t count, int bits, const PairValues<W>& values) {
  HeldComponents<W> crossing(self(), count);
  add_pairs<Sums<W>>(cross_pairs, count, values, crossing.view());
  Buffer<W> known = known_summand<W>(crossing.view(), count), own(count);
  const Pair inside = in_first_pair() ? Pair{2, 3, true} : Pair{0, 1, true};
  values(inside)(0, count, own.data());
  add_words(known.data(), own.data(), known.data(), count);
  return truncate_known(known, bits);
}

#define COHORTIUM_FOR_RING(W)                                                               \
  template Cost Replicated4Cost::truncate<W>(std::size_t, int) const;                       \
  template Cost Replicated4Cost::multiply_truncate<W>(std::size_t, std::size_t, int) const; \
  template Buffer<W> Replicated4::known_summand(View<const W>, std::size_t) const;          \
  template Shared<W> Replicated4::truncate(const Shared<W>&, int);                          \
  template Shared<W> Replicated4::truncated_products(std::size_t, int, const PairValues<W>&);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
