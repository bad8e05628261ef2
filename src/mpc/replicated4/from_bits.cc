// The ring element whose bits are given: z = the sum of 2^j z_j. Two forms; which is quicker follows from the number of
// planes, the sizes and the link.
//
// Weighted sum, for few planes: z_j = c_j xor v_j = c_j + v_j - 2 c_j v_j, where the first pair of parties knows c_j and
// the second v_j. Both share theirs as ring elements; the products are summed before they are shared.
//
// Masked opening, for many: the second pair draws a ring element r and shares its bits; an adder makes the bits of z + r.
// Above the planes the carry runs through the ones of r only, so there the second pair shares the products of its bits.
// z + r mod 2^k is opened to the first pair, which shares it; the second pair shares -r.
//
// Security   malicious, 1 corruption of 4 (joint_round.h). The first pair learns z + r, which is uniform
// Reveals    nothing
// Rounds     weighted sum: 2. Masked opening: 4 and those of the adder
// Sent       weighted sum of p planes, per element in all: 2 k p + 4k bits. Masked opening of p planes: 6k + 12 (k - p) bits
//            and 6 bits for every conjunction of the adder
// Source     the derivations above
#include "base/error.h"
#include "mpc/replicated4/replicated4.h"

namespace cohortium::mpc {
namespace {

// Carries of p positions whose sums and products of bits are shared already: no blocks.
Adder adder_for_sum(int planes, int carries, std::size_t words, const Link& link) {
  return quickest({carries_out_of(carries, planes, 1), rippling(carries, planes)}, four, link,
                  [&](PartyId party, const Adder& adder) {
                    Cost cost;
                    for (int ands : adder.level_ands) {
                      cost += Replicated4Cost(party, link).products(ands * words * sizeof(u64));
                    }
                    if (!adder.ripple) {
                      cost += Replicated4Cost(party, link).products(carries * words * sizeof(u64));
                    }
                    return cost;
                  });
}

template <RingWord W>
int carries_of(int planes) {
  return std::min(planes, bits_of<W> - 1);
}

// Positions above the planes and the one that the last carry goes into.
template <RingWord W>
int above_of(int planes) {
  return std::max(0, bits_of<W> - planes - 1);
}

template <RingWord W>
Cost weighted_cost(PartyId party, std::size_t count, int planes) {
  const std::size_t bytes = count * sizeof(W);
  Cost cost = JointRoundCost(party).share(2, 3, planes * bytes).share(0, 1, planes * bytes);
  return cost += Replicated4Cost(party).cross_products(bytes);
}

template <RingWord W>
Cost masked_cost(PartyId party, std::size_t count, int planes, const Link& link) {
  const std::size_t words = words_for_bits(count), plane = words * sizeof(u64);
  const int above = above_of<W>(planes), carries = carries_of<W>(planes);
  const Replicated4Cost kernels(party, link);
  Cost cost = JointRoundCost(party).share(0, 1, bits_of<W> * plane).share(1, 0, above * plane);
  const Adder adder = adder_for_sum(planes, carries, words, link);
  if (!adder.ripple) cost += kernels.products(carries * plane);
  for (int ands : adder.level_ands) cost += kernels.products(ands * plane);
  if (above > 0) cost += kernels.products(above * plane);
  cost += JointRoundCost(party).tell(0, bits_of<W> * plane).tell(1, bits_of<W> * plane);
  return cost += JointRoundCost(party).share(2, 3, count * sizeof(W)).share(0, 1, count * sizeof(W));
}

// Whether the weighted sum is at least as quick.
template <RingWord W>
bool weighted(std::size_t count, int planes, const Link& link) {
  if (planes == 1) return true;
  return slowest_seconds(four, link, [&](PartyId p) { return weighted_cost<W>(p, count, planes); }) <=
         slowest_seconds(four, link, [&](PartyId p) { return masked_cost<W>(p, count, planes, link); });
}

}  // namespace

template <RingWord W>
Cost Replicated4Cost::from_bits(std::size_t count, int planes) const {
  Cost cost;
  over_stretches_of_four(count, [&](std::size_t, std::size_t n) {
    cost +=
        weighted<W>(n, planes, link_) ? weighted_cost<W>(party_, n, planes) : masked_cost<W>(party_, n, planes, link_);
  });
  return cost;
}

template <RingWord W>
void Replicated4::weighted_sum(std::span<const Plane> planes, std::size_t count, View<W> out) {
  const std::size_t all = planes.size() * count;
  HeldComponents<W> elements(self(), all);  // plane after plane
  const View<W> e = elements.view();
  const PartyId own = in_first_pair() ? 2 : 0;
  const MakeValues<W> bits = [&](std::size_t from, std::size_t n, W* to) {
    while (n > 0) {
      const std::size_t j = from / count, at = from % count, here = std::min(n, count - at);
      const u64 *const first = planes[j].at(own, 0, 0), *const second = planes[j].at(own + 1, 0, 0);
      by_words(at, here, [&](std::size_t word, std::size_t shift, std::size_t start, std::size_t some) {
        const u64 w = (first[word] ^ second[word]) >> shift;
        for (std::size_t i = 0; i < some; ++i) to[start + i] = static_cast<W>(w >> i & 1);
      });
      from += here, to += here, n -= here;
    }
  };
  JointRound round(party_);
  round.share<Sums<W>>(2, 3, all, e, bits);
  round.share<Sums<W>>(0, 1, all, e, bits);
  round.run();
  for (PartyId c = 0; c < four; ++c) {
    if (c == self()) continue;
    std::copy_n(e[c], count, out[c]);
    for (std::size_t j = 1; j < planes.size(); ++j) {
      for (std::size_t i = 0; i < count; ++i) out[c][i] += e[c][j * count + i] << j;
    }
  }
  add_pairs<Sums<W>>(
      cross_pairs, count,
      [e, count, size = planes.size()](const Pair& pair) {
        const W *const c = e[first_of(pair)], *const v = e[second_of(pair)];
        return MakeValues<W>([=](std::size_t from, std::size_t n, W* to) {
          for (std::size_t i = 0; i < n; ++i) {
            W sum = 0;
            for (std::size_t j = 0; j < size; ++j) {
              sum += (c[j * count + from + i] * v[j * count + from + i]) << j;
            }
            to[i] = W{0} - 2 * sum;
          }
        });
      },
      out, true);
}

// The second pair draws r and shares its bits, and the products of them from the planes up; for the rest of the last word,
// too, so that what is opened behind the last element is masked like the elements.
template <RingWord W>
BitMask<W> Replicated4::draw_mask(int planes, std::size_t count) {
  constexpr int k = bits_of<W>;
  const int above = above_of<W>(planes);
  const std::size_t words = words_for_bits(count);
  BitMask<W> mask{.element = Buffer<W>(64 * words),
                  .bits = {self(), k, words},
                  .runs = {self(), static_cast<std::size_t>(above), words}};
  Buffer<u64> own(in_first_pair() ? 0 : mask.bits.size()), own_runs(in_first_pair() ? 0 : mask.runs.size());
  if (!in_first_pair()) {
    party_.with(self() == 2 ? 3 : 2).fill(writable_bytes_of(mask.element));
    for_tiles(words, [&](std::size_t word, std::size_t width) {
      const std::size_t from = 64 * word;
      u64 *const bits = own.data() + word * k, *const runs = own_runs.data() + word * above;
      split_planes(mask.element.data() + from, 64 * width, k, bits, width);
      for (int j = 0; j < above; ++j) {
        u64* const run = runs + j * width;
        std::copy_n(bits + (planes + j) * width, width, run);
        if (j > 0) and_words(run, run - width, run, width);
      }
    });
  }
  const auto copy = [](const Buffer<u64>& from) {
    return MakeValues<u64>([&from](std::size_t at, std::size_t n, u64* to) { std::copy_n(from.data() + at, n, to); });
  };
  for (PartyId c : {2, 3}) {  // the first pair has no part in r
    if (c == self()) continue;
    std::fill_n(mask.bits.view()[c], mask.bits.size(), 0);
    std::fill_n(mask.runs.view()[c], mask.runs.size(), 0);
  }
  JointRound round(party_);
  round.share<Bits>(0, 1, mask.bits.size(), mask.bits.view(), copy(own));
  round.share<Bits>(1, 0, mask.runs.size(), mask.runs.view(), copy(own_runs));
  round.run();
  return mask;
}

// The bits of z + r.
template <RingWord W>
PlaneSet Replicated4::masked_sum(std::span<const Plane> planes, const BitMask<W>& mask, std::size_t count) {
  constexpr int k = bits_of<W>;
  const int size = static_cast<int>(planes.size()), above = above_of<W>(size), carry_count = carries_of<W>(size);
  const std::size_t words = words_for_bits(count);
  const Adder adder = adder_for_sum(size, carry_count, words, link());
  SharedBlocks blocks{
      .tables = {self(), 0, 0}, .sums = {self(), planes.size(), words}, .operand = {self(), planes.size(), words}};
  std::vector<Conjunction<Plane>> generate, through;
  for (int j = 0; j < size; ++j) {
    if (j < carry_count) generate.push_back({.left = planes[j], .right = mask.bits.plane(j)});
    for_held_tiles(words, [&](PartyId c, std::size_t word, std::size_t width) {
      const u64* const bit = planes[j].at(c, word, width);
      xor_words(bit, mask.bits.plane(j).at(c, word, width), blocks.sums.at(j, c, word, width), width);
      std::copy_n(bit, width, blocks.operand.at(j, c, word, width));
    });
  }
  if (!adder.ripple) blocks.tables = conjoin(generate, words);
  std::deque<PlaneSet> levels;
  const std::vector<Plane> carry = carries(adder, words, blocks, levels);
  for (int j = 0; j < above; ++j) through.push_back({.left = carry.back(), .right = mask.runs.plane(j)});
  const PlaneSet carried = above > 0 ? conjoin(through, words) : PlaneSet(self(), 0, 0);

  PlaneSet sum(self(), k, words);
  for_held_tiles(words, [&](PartyId c, std::size_t word, std::size_t width) {
    for (int j = 0; j < k; ++j) {
      u64* const to = sum.at(j, c, word, width);
      std::copy_n((j < size ? blocks.sums.plane(j) : mask.bits.plane(j)).at(c, word, width), width, to);
      if (j > 0 && j <= size) Bits::add(carry[j - 1].at(c, word, width), to, width);
      if (j > size) Bits::add(carried.plane(j - size - 1).at(c, word, width), to, width);
    }
  });
  return sum;
}

template <RingWord W>
void Replicated4::open_masked(std::span<const Plane> planes, std::size_t count, View<W> out) {
  constexpr int k = bits_of<W>;
  BitMask<W> mask = draw_mask<W>(static_cast<int>(planes.size()), count);
  const PlaneSet sum = masked_sum<W>(planes, mask, count);
  const std::size_t words = words_for_bits(count);
  Buffer<u64> opened(in_first_pair() ? k * words : 0);
  JointRound opening(party_);
  for (PartyId receiver : {0, 1}) {
    opening.tell<u64>(receiver, k * words, sum.view()[receiver],
                      [&, receiver](std::size_t from, std::size_t n, const u64* missing) {
                        std::copy_n(missing, n, opened.data() + from);
                        for (PartyId c = 0; c < four; ++c) {
                          if (c != receiver) Bits::add(sum.view()[c] + from, opened.data() + from, n);
                        }
                      });
  }
  opening.run();
  for_tiles(in_first_pair() ? words : 0, [&](std::size_t word, std::size_t width) {
    const std::size_t from = 64 * word;
    join_planes(opened.data() + word * k, width, k, mask.element.data() + from, std::min(64 * width, count - from));
  });
  JointRound round(party_);
  round.share<Sums<W>>(2, 3, count, out,
                       [&](std::size_t from, std::size_t n, W* to) { std::copy_n(mask.element.data() + from, n, to); });
  round.share<Sums<W>>(0, 1, count, out, [&](std::size_t from, std::size_t n, W* to) {
    scale_words(mask.element.data() + from, static_cast<W>(-1), to, n);
  });
  round.run();
}

template <RingWord W>
Shared<W> Replicated4::from_bits(std::span<const SharedBits> planes) {
  COHORTIUM_CHECK(!planes.empty() && planes.size() <= bits_of<W>);
  for (const SharedBits& plane : planes) {
    COHORTIUM_CHECK(plane.size == planes[0].size && plane.components == four - 1);
  }
  auto result = Shared<W>::uninitialised(planes[0].size, four - 1);
  over_stretches_of_four(result.size, [&](std::size_t from, std::size_t n) {
    std::vector<Plane> stretch;
    for (const SharedBits& plane : planes) stretch.emplace_back(view(plane).from(from / 64));
    const View<W> out = view(result).from(from);
    weighted<W>(n, static_cast<int>(planes.size()), link()) ? weighted_sum<W>(stretch, n, out)
                                                            : open_masked<W>(stretch, n, out);
  });
  return result;
}

template <RingWord W>
Shared<W> Replicated4::from_bit(const SharedBits& bits) {
  return from_bits<W>(std::span(&bits, 1));
}

#define COHORTIUM_FOR_RING(W)                                             \
  template Cost Replicated4Cost::from_bits<W>(std::size_t, int) const;    \
  template Shared<W> Replicated4::from_bits(std::span<const SharedBits>); \
  template Shared<W> Replicated4::from_bit(const SharedBits&);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
