// Many conjunctions of shared bit planes at once: multiplication in Z_2, 64 elements to a word. Each plane of the result
// is addend xor (left and right), of which only the conjunction costs anything.
//
// One pass: the masks are drawn into the place of the result, the summands added to them, and the block is sent while
// the next one is made. Where they will be proved, what the statements are made of is kept in the same pass
// (statements.h), in the order of the messages.
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
#include "mpc/word_loops.h"

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

// The same, and keeps the words of the statements and the next party's summand of them, all but what it sends.
struct Kept {
  u64 *x0, *x1, *y0, *y1, *of_next;  // of_next: what is drawn, before
};
COHORTIUM_DISPATCHED void add_and_keep_conjunction(const u64* x0, const u64* x1, const u64* y0, const u64* y1,
                                                   const u64* v0, const u64* v1, const u64* addend,
                                                   const u64* next_addend, const u64* mask, u64* out, Kept kept,
                                                   std::size_t n) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) {
    const u64 first = y0[i] ^ v0[i], second = y1[i] ^ v1[i], drawn = kept.of_next[i], own = x1[i];
    out[i] = drawn ^ mask[i] ^ addend[i] ^ (x0[i] & (first ^ second)) ^ (own & first);
    kept.x0[i] = x0[i];
    kept.x1[i] = own;
    kept.y0[i] = first;
    kept.y1[i] = second;
    kept.of_next[i] = drawn ^ next_addend[i] ^ (own & second);
  }
}

}  // namespace

void BitLane::conjoin(std::span<const PlaneConjunction> conjunctions, const Tiling& tiling, Parts<u64> out) {
  const std::size_t planes = conjunctions.size(), unit = planes * tiling.tile * sizeof(u64);
  COHORTIUM_CHECK(planes > 0 && tiling.tile <= zeros.size());
  const std::size_t bytes = planes * tiling.words * sizeof(u64);
  const std::size_t words_at_once = std::max<std::size_t>(1, drawn_at_once / unit) * tiling.tile;
  // What is drawn is kept for the proof or, where there is none, not longer than a pass.
  Statements<u64>* const kept = pending_ == nullptr ? nullptr : &pending_->bits;
  const std::size_t before = kept == nullptr ? 0 : kept->products();
  if (kept != nullptr) {
    for (Buffer<u64>* held : {&kept->x0, &kept->x1, &kept->y0, &kept->y1, &kept->of_next, &kept->with_previous}) {
      held->resize(before + planes * tiling.words);
    }
    kept->groups.push_back({planes * tiling.words, 1});
  }
  Buffer<u64> mask(kept != nullptr ? 0 : planes * std::min(words_at_once, tiling.words));

  const auto add_tile = [&](std::size_t word, const u64* masks, u64* to) {
    const std::size_t width = tiling.width(word);
    const ConstParts<u64> nothing{zeros.data(), zeros.data()};
    for (const PlaneConjunction& c : conjunctions) {
      const auto x = c.left.at(word, width), y = c.right.at(word, width);
      const auto v = c.also_right ? c.also_right->at(word, width) : nothing;
      const auto addend = c.addend ? c.addend->at(word, width) : nothing;
      if (kept == nullptr) {
        add_conjunction(x.first, x.second, y.first, y.second, v.first, v.second, addend.first, masks, to, width);
      } else {
        const std::size_t at = before + static_cast<std::size_t>(to - out.first);
        add_and_keep_conjunction(
            x.first, x.second, y.first, y.second, v.first, v.second, addend.first, addend.second, masks, to,
            {&kept->x0[at], &kept->x1[at], &kept->y0[at], &kept->y1[at], &kept->of_next[at]}, width);
      }
      masks += width;
      to += width;
    }
  };
  const auto make = [&](std::size_t from, std::size_t count) {
    const std::size_t first = from / sizeof(u64) / planes, end = first + count / sizeof(u64) / planes;
    for (std::size_t word = first; word < end; word += words_at_once) {
      const std::size_t until = std::min(end, word + words_at_once);
      u64* const to = out.first + word * planes;
      u64* const drawn = kept == nullptr ? to : &kept->of_next[before + word * planes];
      u64* const masks = kept == nullptr ? mask.data() : &kept->with_previous[before + word * planes];
      draw_words(with_next_, drawn, (until - word) * planes);
      draw_words(with_previous_, masks, (until - word) * planes);
      for (std::size_t at = word; at < until; at += tiling.tile) {
        const std::size_t done = (at - word) * planes;
        add_tile(at, masks + done, to + done);
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
  if (kept != nullptr) {
    u64* const of_next = kept->of_next.data() + before;
    xor_words(of_next, out.second, of_next, planes * tiling.words);
  }
}

BitLane Lane::bits() { return {channels_, with_next_, with_previous_, pending_}; }

}  // namespace cohortium::mpc
