// Many conjunctions of shared bit planes at once: multiplication in Z_2, 64 elements to a word. Each plane of the result
// is addend xor (left and right), of which only the conjunction costs anything.
//
// One pass: the masks are drawn into the place of the result, the summands added to them, and the block is sent while
// the next one is made.
//
// Security   semi-honest, 1 corruption of 3; the unused bits of the last word leave masked like all others
// Reveals    nothing
// Rounds     1
// Sent       1 bit per element, conjunction and party (whole words)
// Requires   planes of equal length, cut into the same tiles
// Source     Araki et al., CCS 2016, section 2.1
#include <array>

#include "base/dispatch.h"
#include "base/error.h"
#include "mpc/replicated3/bit_lane.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t drawn_at_once = 16384;  // bytes of masks: they stay in the cache
alignas(64) constexpr std::array<u64, 64> zeros{};

// out ^= mask ^ addend ^ (this party's summands of x (y ^ v)).
COHORTIUM_DISPATCHED void add_conjunction(const u64* x0, const u64* x1, const u64* y0, const u64* y1, const u64* v0,
                                          const u64* v1, const u64* addend, const u64* mask, u64* out, std::size_t n) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) {
    const u64 first = y0[i] ^ v0[i], second = y1[i] ^ v1[i];
    out[i] ^= mask[i] ^ addend[i] ^ (x0[i] & (first ^ second)) ^ (x1[i] & first);
  }
}

}  // namespace

void BitLane::conjoin(std::span<const PlaneConjunction> conjunctions, const Tiling& tiling, Parts<u64> out) {
  const std::size_t planes = conjunctions.size(), unit = planes * tiling.tile * sizeof(u64);
  COHORTIUM_CHECK(planes > 0 && tiling.tile <= zeros.size());
  const std::size_t bytes = planes * tiling.words * sizeof(u64);
  const std::size_t words_at_once = std::max<std::size_t>(1, drawn_at_once / unit) * tiling.tile;
  Buffer<u64> mask(planes * std::min(words_at_once, tiling.words));

  const auto add_tile = [&](std::size_t word, const u64* masks, u64* to) {
    const std::size_t width = tiling.width(word);
    const ConstParts<u64> nothing{zeros.data(), zeros.data()};
    for (const PlaneConjunction& c : conjunctions) {
      const auto x = c.left.at(word, width), y = c.right.at(word, width);
      const auto v = c.also_right ? c.also_right->at(word, width) : nothing;
      const auto addend = c.addend ? c.addend->at(word, width) : nothing;
      add_conjunction(x.first, x.second, y.first, y.second, v.first, v.second, addend.first, masks, to, width);
      masks += width;
      to += width;
    }
  };
  const auto make = [&](std::size_t from, std::size_t count) {
    const std::size_t first = from / sizeof(u64) / planes, end = first + count / sizeof(u64) / planes;
    for (std::size_t word = first; word < end; word += words_at_once) {
      const std::size_t until = std::min(end, word + words_at_once);
      u64* const to = out.first + word * planes;
      const std::size_t drawn = (until - word) * planes;
      draw_words(with_next_, to, drawn);
      draw_words(with_previous_, mask.data(), drawn);
      if (pending_ != nullptr) pending_->bits.drew(to, mask.data(), drawn);
      for (std::size_t at = word; at < until; at += tiling.tile) {
        add_tile(at, mask.data() + (at - word) * planes, to + (at - word) * planes);
      }
    }
    return std::as_bytes(std::span(out.first, bytes / sizeof(u64))).subspan(from, count);
  };
  const auto place = [&](std::size_t from, std::size_t count) {
    return std::as_writable_bytes(std::span(out.second, bytes / sizeof(u64))).subspan(from, count);
  };
  const std::array sends{OutgoingStream{channels_.previous(), bytes, unit, make}};
  const std::array receives{IncomingStream{channels_.next(), bytes, unit, place}};
  channels_.stream(sends, receives);
  if (pending_ != nullptr) take_down(conjunctions, tiling, out);
}

// The statements of conjunctions, in the order of their messages.
void BitLane::take_down(std::span<const PlaneConjunction> conjunctions, const Tiling& tiling, ConstParts<u64> out) {
  Statements<u64>& bits = pending_->bits;
  const std::size_t words = conjunctions.size() * tiling.words, before = bits.products();
  for (Buffer<u64>* operand : {&bits.x0, &bits.x1, &bits.y0, &bits.y1, &bits.of_next}) operand->resize(before + words);
  bits.groups.push_back({words, 1});
  std::size_t at = before;
  for (std::size_t word = 0; word < tiling.words; word += tiling.tile) {
    const std::size_t width = tiling.width(word);
    const ConstParts<u64> nothing{zeros.data(), zeros.data()};
    for (const PlaneConjunction& c : conjunctions) {
      const auto x = c.left.at(word, width), y = c.right.at(word, width);
      const auto v = c.also_right ? c.also_right->at(word, width) : nothing;
      const auto addend = c.addend ? c.addend->at(word, width) : nothing;
      for (std::size_t i = 0; i < width; ++i, ++at) {
        bits.x0[at] = x.first[i];
        bits.x1[at] = x.second[i];
        bits.y0[at] = y.first[i] ^ v.first[i];
        bits.y1[at] = y.second[i] ^ v.second[i];
        bits.of_next[at] =
            out.second[at - before] ^ bits.with_next[at] ^ addend.second[i] ^ (bits.x1[at] & bits.y1[at]);
      }
    }
  }
}

BitLane Lane::bits() { return {channels_, with_next_, with_previous_, pending_}; }

}  // namespace cohortium::mpc
