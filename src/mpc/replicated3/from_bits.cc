// The ring element whose bits are given: z = the sum of 2^j z_j. Two forms; which is quicker follows from the number of
// planes, the sizes and the link.
//
// Weighted sum, for few planes: z_j = (1 - 2 v_j) z'_j + v_j as in from_bit, where party 0 knows z'_j and parties 1 and
// 2 know v_j: z is linear in what party 0 knows.
//
// Masked opening, for many: parties 1 and 2 draw a ring element r; an adder (block_tables.cc, carries.cc) makes the bits
// of z + r, where position j, z_j = z'_j xor v_j, propagates z'_j xor (v_j xor r_j) and generates
// r_j (z'_j xor v_j): again party 0 knows one operand and the others the coefficients. Above the planes the carry runs
// through the ones of r only. z + r mod 2^k is opened to party 0, which splits it: x1 is drawn with party 1, and
// x0 = z + r - x1 goes to party 2; x2 = -r.
//
// Security   semi-honest, 1 corruption of 3. Party 0 learns z + r, which is uniform, and its own components: above the
//            planes parties 1 and 2 each send their summand of the bit under a mask that both draw, so only the bit
//            itself comes of it. Party 2 receives z + r - x1, uniform because x1 is
// Reveals    nothing
// Rounds     weighted sum: 2, or 1 where that is quicker. Masked opening: those of to_bits, and 2
// Sent       weighted sum of p planes: party 0 k p bits per element (2 k p in 1 round), parties 1 and 2 k bits each.
//            Masked opening: as to_bits on p planes; party 1 sends k bits, party 2 k - p bits, party 0 k bits more. From
//            32 planes to 64 bits: about 60 bytes per element in all, 36 where the carry ripples
// Source     the derivations above
#include <array>

#include "mpc/replicated3/bit_lane.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

template <RingWord W>
Adder adder_for_sum(int planes, std::size_t words, const Link& link) {
  const int carries = std::min(planes, bits_of<W> - 1);
  return quickest(
      also_at_once({carries_out_of(carries, planes, 3), carries_out_of(carries, planes, 4), rippling(carries, planes)}),
      words, link);
}

template <RingWord W>
Cost masked_opening_cost(PartyId party, std::size_t count, int planes, const Link& link) {
  const std::size_t words = words_for_bits(count), plane_bytes = words * sizeof(u64);
  Cost cost = adder_cost(party, words, adder_for_sum<W>(planes, words, link));
  constexpr int k = bits_of<W>;
  cost += {1, party == 0 ? 0 : (party == 1 ? k : k - planes) * plane_bytes};
  return cost += {1, party == 0 ? count * sizeof(W) : 0};
}

// Whether the weighted sum is at least as quick.
template <RingWord W>
bool weighted(std::size_t count, int planes, const Link& link) {
  if (planes == 1) return true;
  return slowest_seconds(3, link, [&](PartyId p) { return linear_transfer_cost<W>(p, count, planes, link); }) <=
         slowest_seconds(3, link, [&](PartyId p) { return masked_opening_cost<W>(p, count, planes, link); });
}

template <RingWord W>
LinearTransfer<W> weighted_sum(PartyId self, std::span<const ConstParts<u64>> planes, std::size_t count) {
  LinearTransfer<W> transfer{.count = count, .secrets = static_cast<int>(planes.size()), .secrets_of = {}, .apply = {}};
  transfer.secrets_of = [planes](std::size_t from, std::size_t n, W* out) {
    for (const auto& plane : planes) {
      by_words(from, n, [&](std::size_t word, std::size_t shift, std::size_t start, std::size_t some) {
        const u64 bits = (plane.first[word] ^ plane.second[word]) >> shift;
        for (std::size_t i = 0; i < some; ++i) out[start + i] = static_cast<W>(bits >> i & 1);
      });
      out += n;
    }
  };
  transfer.apply = [planes, self](std::size_t from, std::size_t n, const W* shares, W* out) {
    std::fill_n(out, n, W{0});
    for (std::size_t j = 0; j < planes.size(); ++j, shares += n) {
      const u64* const known = self == 1 ? planes[j].second : planes[j].first;
      by_words(from, n, [&](std::size_t word, std::size_t shift, std::size_t start, std::size_t some) {
        const u64 bits = known[word] >> shift;
        for (std::size_t i = 0; i < some; ++i) {
          const W bit = static_cast<W>(bits >> i & 1), negative = W{0} - bit;
          out[start + i] += static_cast<W>(((shares[start + i] ^ negative) - negative) + (self == 2 ? bit : W{0})) << j;
        }
      });
    }
  };
  return transfer;
}

// One party's part in the masked opening of a stretch.
template <RingWord W>
class MaskedOpening {
 public:
  MaskedOpening(LaneChannels& channels, crypto::RandomGenerator& with_other, std::span<const ConstParts<u64>> planes,
                std::size_t count)
      : channels_(channels), with_other_(with_other), planes_(planes), count_(count) {
    if (self() == 0) return;
    mask_.resize(count);
    with_other_.fill(writable_bytes_of(mask_));
  }

  const Buffer<W>& mask() const { return mask_; }

  // For the adder: z' at party 0, else v and r.
  OperandTile operand(std::size_t word, std::size_t width) {
    const std::size_t planes = planes_.size() * width;
    known_.resize(planes);
    sum_.resize(planes);
    for (std::size_t j = 0; j < planes_.size(); ++j) {
      u64* const out = known_.data() + j * width;
      if (self() == 0) {
        xor_words(planes_[j].first + word, planes_[j].second + word, out, width);
      } else {
        std::copy_n((self() == 1 ? planes_[j].second : planes_[j].first) + word, width, out);
      }
    }
    if (self() == 0) return {.b = known_.data(), .r = nullptr, .s = nullptr};
    split_mask(word, width, static_cast<int>(planes_.size()));
    xor_words(known_.data(), mask_planes_.data(), sum_.data(), planes);
    return {.b = sum_.data(), .r = mask_planes_.data(), .s = known_.data()};
  }

  // Opens to party 0, which gets z + r in `opened`: the sum of the planes below, then what the carry does to r above.
  void open(const Tiling& tiling, const BlockPlanes& blocks, const std::vector<PlaneView>& carries, W* opened) {
    const auto sum_of = [&](std::size_t word, std::size_t width, int component, u64* out) {
      for (std::size_t j = 0; j < planes_.size(); ++j, out += width) {
        const u64* const sum = blocks.sums.plane(j).at(word, width)[component];
        if (j == 0) {
          std::copy_n(sum, width, out);
        } else {
          xor_words(sum, carries[j - 1].at(word, width)[component], out, width);
        }
      }
    };
    if (self() != 0) return send_planes(tiling, carries, sum_of);
    const std::size_t all = k, above = k - planes_.size();
    Buffer<u64> first(all * tiling.words), second(above * tiling.words), own(planes_.size() * tiling.tile);
    const auto into = [](Buffer<u64>& buffer) {
      return [&buffer](std::size_t from, std::size_t n) { return writable_bytes_of(buffer).subspan(from, n); };
    };
    const std::array receives{IncomingStream{1, all * tiling.words * 8, all * tiling.tile * 8, into(first)},
                              IncomingStream{2, above * tiling.words * 8, above * tiling.tile * 8, into(second)}};
    channels_.stream({}, std::span(receives).first(above == 0 ? 1 : 2));
    for (std::size_t word = 0; word < tiling.words; word += tiling.tile) {
      const std::size_t width = tiling.width(word), below = planes_.size() * width;
      u64* const tile = first.data() + word * all;
      for (int component : {0, 1}) {
        sum_of(word, width, component, own.data());
        xor_words(tile, own.data(), tile, below);
      }
      xor_words(tile + below, second.data() + word * above, tile + below, above * width);
      join_planes(tile, width, k, opened + 64 * word, std::min(64 * width, count_ - 64 * word));
    }
  }

 private:
  static constexpr int k = bits_of<W>;
  PartyId self() const { return channels_.self(); }

  void split_mask(std::size_t word, std::size_t width, int planes) {
    mask_planes_.resize(planes * width);
    split_planes(mask_.data() + 64 * word, std::min(64 * width, count_ - 64 * word), planes, mask_planes_.data(),
                 width);
  }

  template <class SumOf>
  void send_planes(const Tiling& tiling, const std::vector<PlaneView>& carries, const SumOf& sum_of) {
    const std::size_t below = self() == 1 ? planes_.size() : 0, above = k - planes_.size(), all = below + above;
    Buffer<u64> block(all * std::min(tiling.words, all == 0 ? 0 : stream_block_bytes / sizeof(u64) / all));
    Buffer<u64> running(tiling.tile);
    const auto make = [&](std::size_t from, std::size_t count) {
      const std::size_t begin = from / sizeof(u64) / all, end = begin + count / sizeof(u64) / all;
      for (std::size_t word = begin; word < end; word += tiling.tile) {
        const std::size_t width = tiling.width(word);
        u64* const tile = block.data() + (word - begin) * all;
        if (self() == 1) sum_of(word, width, 1, tile);
        if (above > 0) make_above(word, width, carries.back().at(word, width), running.data(), tile + below * width);
      }
      return std::as_bytes(std::span(block)).first(count);
    };
    const std::array sends{OutgoingStream{0, all * tiling.words * 8, all * tiling.tile * 8, make}};
    channels_.stream(std::span(sends).first(all == 0 ? 0 : 1), {});
  }

  // Bit j of z + r above the planes is r_j xor (carry and all r_i between): this party's summand, masked.
  void make_above(std::size_t word, std::size_t width, ConstParts<u64> carry, u64* running, u64* out) {
    split_mask(word, width, k);
    with_other_.fill(std::as_writable_bytes(std::span(out, (k - planes_.size()) * width)));
    for (std::size_t i = 0; i < width; ++i)
      running[i] = self() == 1 ? carry.first[i] ^ carry.second[i] : carry.second[i];
    for (std::size_t j = planes_.size(); j < static_cast<std::size_t>(k); ++j, out += width) {
      const u64* const r = mask_planes_.data() + j * width;
      for (std::size_t i = 0; i < width; ++i) out[i] ^= running[i] ^ (self() == 1 ? r[i] : 0);
      and_words(running, r, running, width);
    }
  }

  LaneChannels& channels_;
  crypto::RandomGenerator& with_other_;
  std::span<const ConstParts<u64>> planes_;
  std::size_t count_;
  Buffer<W> mask_;                         // r
  Buffer<u64> known_, sum_, mask_planes_;  // of a tile: v or z', v xor r, r
};

}  // namespace

template <RingWord W>
Cost LaneCost::from_bits(std::size_t count, int planes) const {
  Cost cost;
  over_stretches(count, [&](std::size_t, std::size_t n) {
    cost += weighted<W>(n, planes, link_) ? linear_transfer_cost<W>(party_, n, planes, link_)
                                          : masked_opening_cost<W>(party_, n, planes, link_);
  });
  return cost;
}

template <RingWord W>
void Lane::from_bits(std::span<const ConstParts<u64>> planes, std::size_t count, Parts<W> out) {
  over_stretches(count, [&](std::size_t from, std::size_t n) {
    std::vector<ConstParts<u64>> stretch;
    for (const auto& plane : planes) stretch.push_back(plane.from(from / 64));
    const int size = static_cast<int>(planes.size());
    if (weighted<W>(n, size, link_))
      return bits().transfer<W>(weighted_sum<W>(self(), stretch, n), link_, out.from(from));
    open_masked<W>(stretch, n, out.from(from));
  });
}

template <RingWord W>
void Lane::open_masked(std::span<const ConstParts<u64>> planes, std::size_t count, Parts<W> out) {
  const int size = static_cast<int>(planes.size());
  const std::size_t words = words_for_bits(count);
  const Adder adder = adder_for_sum<W>(size, words, link_);
  const Tiling tiling = tiling_for(words, std::max<std::size_t>(adder.widest(), bits_of<W>));
  MaskedOpening<W> opening(channels_, self() == 1 ? with_next_ : with_previous_, planes, count);
  BitLane lane = bits();
  const BlockPlanes blocks = lane.block_tables(
      adder.blocks, tiling, [&](std::size_t word, std::size_t width) { return opening.operand(word, width); });
  std::deque<TiledPlanes> levels;
  const std::vector<PlaneView> carries = lane.carries(adder, tiling, blocks, levels);
  opening.open(tiling, blocks, carries, out.first);

  const auto bytes = [count](W* values) { return std::as_writable_bytes(std::span(values, count)); };
  if (self() == 0) {
    with_next_.fill(bytes(out.second));
    subtract_words(out.first, out.second, out.first, count);
    channels_.exchange({{2, bytes(out.first)}}, {});
    return;
  }
  W* const last = self() == 1 ? out.second : out.first;
  scale_words(opening.mask().data(), static_cast<W>(-1), last, count);
  if (self() == 1) {
    with_previous_.fill(bytes(out.first));
    channels_.exchange({}, {});
  } else {
    channels_.exchange({}, {{0, bytes(out.second)}});
  }
}

#define COHORTIUM_FOR_RING(W)                                                             \
  template Cost LaneCost::from_bits<W>(std::size_t, int) const;                           \
  template void Lane::from_bits(std::span<const ConstParts<u64>>, std::size_t, Parts<W>); \
  template void Lane::open_masked(std::span<const ConstParts<u64>>, std::size_t, Parts<W>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
