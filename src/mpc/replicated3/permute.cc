// Moving columns by a secret permutation p = p_01, then p_12, then p_20, where p_ij is known to parties i and j: three
// passes, each in the hands of the two parties that know its part.
//
// Before a pass its pair holds the columns as a sum of two (a at one, b at the other). Both move their summand, add to
// it what the pair draws in common and takes from the other, and one of them, who does not belong to the next pair,
// hands its summand to the third party, who does. The pair of the last pass turns the two summands into a replicated
// sharing. Backwards, the passes run in the opposite order with the parts' inverses.
//
// Security   semi-honest, 1 corruption of 3: every part of the permutation is unknown to one party, and what a party
//            receives is masked by what it does not know
// Reveals    nothing
// Rounds     2: the first two passes need nothing of each other
// Sent       k bits per element; party 0, which hands over first and meets another at the end, twice that
// Source     Laur, Willemson, Zhang, ISC 2011; Asharov et al., CCS 2022 (three parties, replicated sharing)
#include <algorithm>

#include "base/error.h"
#include "mpc/gather_columns.h"
#include "mpc/replicated3/lane.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

template <RingWord W>
struct Columns {
  using Word = W;
  static void add(const W* a, const W* b, W* out, std::size_t n) { add_words(a, b, out, n); }
  static void subtract(const W* a, const W* b, W* out, std::size_t n) { subtract_words(a, b, out, n); }
  static constexpr bool moves_by_element = true;
  static void move(std::span<const std::uint32_t> p, Direction direction, std::span<const W> in, std::span<W> out) {
    move_columns(p, direction, in, out);
  }
};

struct BitColumns {
  using Word = u64;
  static void add(const u64* a, const u64* b, u64* out, std::size_t n) { xor_words(a, b, out, n); }
  static void subtract(const u64* a, const u64* b, u64* out, std::size_t n) { xor_words(a, b, out, n); }
  static constexpr bool moves_by_element = false;
  static void move(std::span<const std::uint32_t> p, Direction direction, std::span<const u64> in, std::span<u64> out) {
    const std::size_t words = (p.size() + 63) / 64;
    for (std::size_t from = 0; from < in.size(); from += words) {
      move_bits(p, direction, in.subspan(from, words), out.subspan(from, words));
    }
  }
};

// Columns in their new order, stretch by stretch: gathered when they are asked for, where the direction allows it.
template <class Group>
class Moved {
 public:
  using Word = typename Group::Word;
  Moved(std::span<const std::uint32_t> p, Direction direction, std::span<const Word> in) : p_(p), in_(in) {
    if (Group::moves_by_element && direction == Direction::kForwards) return;
    all_.resize(in.size());
    Group::move(p, direction, in, all_);
  }

  // out[i] = element from + i + plus[i].
  void add_to(const Word* plus, std::size_t from, std::size_t n, Word* out) const {
    if constexpr (Group::moves_by_element) {
      if (all_.empty()) return gather_plus(p_, in_, from, plus, std::span(out, n));
    }
    Group::add(all_.data() + from, plus, out, n);
  }

 private:
  std::span<const std::uint32_t> p_;
  std::span<const Word> in_;
  Buffer<Word> all_;
};

}  // namespace

Cost LaneCost::permute_words(std::size_t words) const { return {2, (party_ == 0 ? 2 : 1) * words * sizeof(u64)}; }

// Draws n masks with a neighbour; those of the second of the pair are negated.
template <class Group>
void Lane::draw_masks(bool is_first, std::size_t n, typename Group::Word* out) {
  using Word = typename Group::Word;
  (is_first ? with_next_ : with_previous_).fill(std::as_writable_bytes(std::span(out, n)));
  if (is_first) return;
  static constexpr Word zeros[mask_bytes / sizeof(Word)] = {};
  Group::subtract(zeros, out, out, n);
}

template <class Group>
void Lane::shuffle(const SecretPermutation& p, Direction direction, ConstParts<typename Group::Word> a, std::size_t n,
                   Parts<typename Group::Word> out) {
  using Word = typename Group::Word;
  constexpr std::size_t unit = sizeof(Word), piece = mask_bytes / unit;
  const bool forwards = direction == Direction::kForwards;
  // Pass number t belongs to parties (t, t + 1). The pair of the first pass starts from x_t + x_{t+1} and x_{t+2}.
  const int passes[3] = {forwards ? 0 : 2, 1, forwards ? 2 : 0};
  Buffer<Word> mine;
  std::span<const Word> held;
  if (self() == passes[0]) {
    mine.resize(n);
    Group::add(a.first, a.second, mine.data(), n);
    held = mine;
  } else if (channels_.previous() == passes[0]) {
    held = {a.second, n};
  }

  Buffer<Word> scratch(std::min(n, stream_block(unit))), next;
  const auto bytes_in_scratch = [&](std::size_t, std::size_t bytes) { return writable_bytes_of(scratch).first(bytes); };
  const auto moved_in = [&](int pass) { return Moved<Group>(p.part[self() == passes[pass] ? 0 : 1], direction, held); };
  // This party's summand after a pass, elements [start, start + length).
  const auto make = [&](int pass, const Moved<Group>& moved, std::size_t start, std::size_t length, Word* to) {
    in_pieces(length, piece, [&](std::size_t from, std::size_t count) {
      draw_masks<Group>(self() == passes[pass], count, to + from);
      moved.add_to(to + from, start + from, count, to + from);
    });
  };
  const auto hand_over = [&](PartyId joiner, int pass, const Moved<Group>& moved) {
    return OutgoingStream{joiner, n * unit, unit, [&, pass](std::size_t from, std::size_t bytes) {
                            make(pass, moved, from / unit, bytes / unit, scratch.data());
                            return bytes_of(scratch).first(bytes);
                          }};
  };
  const auto take_over = [&](PartyId leaver) {
    next.resize(n);
    return IncomingStream{leaver, n * unit, unit, [&](std::size_t from, std::size_t bytes) {
                            return writable_bytes_of(next).subspan(from, bytes);
                          }};
  };

  // The first two passes are one round: the party of both of them waits for nobody, and party 0 leaves after the first
  // without waiting for the summand with which it joins after the second.
  const PartyId middle = forwards ? 1 : 2, last = 3 - middle;
  if (self() == 0) {
    const Moved<Group> moved = moved_in(0);
    const OutgoingStream send = hand_over(last, 0, moved);
    const IncomingStream receive = take_over(middle);
    channels_.stream({&send, 1}, {&receive, 1});
  } else if (self() == middle) {
    next.resize(n);
    make(0, moved_in(0), 0, n, next.data());
    held = next;
    const Moved<Group> moved = moved_in(1);
    const OutgoingStream send = hand_over(0, 1, moved);
    channels_.stream({&send, 1}, {});
  } else {
    const IncomingStream receive = take_over(0);
    channels_.stream({}, {&receive, 1});
    held = next;
    mine.resize(n);
    make(1, moved_in(1), 0, n, mine.data());
    next = std::move(mine);
  }
  held = next;

  // The last pair (t, t + 1) meets in x_{t+1}; each of them draws its other component with the third party.
  const PartyId first = passes[2], second = (first + 1) % 3;
  if (self() != first && self() != second) {
    channels_.stream({}, {});
    random(n, out);
    return;
  }
  const bool is_first = self() == first;
  Word *const own = is_first ? out.first : out.second, *const common = is_first ? out.second : out.first;
  crypto::RandomGenerator& with_third = is_first ? with_previous_ : with_next_;
  const PartyId other = is_first ? second : first;
  const Moved<Group> moved(p.part[is_first ? 0 : 1], direction, held);
  const OutgoingStream send{other, n * unit, unit, [&](std::size_t start, std::size_t bytes) {
                              in_pieces(bytes / unit, piece, [&](std::size_t offset, std::size_t count) {
                                static constexpr Word zeros[piece] = {};
                                const std::size_t from = start / unit + offset;
                                with_third.fill(std::as_writable_bytes(std::span(own + from, count)));
                                Group::subtract(zeros, own + from, common + from, count);
                                moved.add_to(common + from, from, count, common + from);
                              });
                              return std::as_bytes(std::span(common, n)).subspan(start, bytes);
                            }};
  const IncomingStream receive{other, n * unit, unit, bytes_in_scratch, [&](std::size_t from, std::size_t bytes) {
                                 Group::add(common + from / unit, scratch.data(), common + from / unit, bytes / unit);
                               }};
  channels_.stream({&send, 1}, {&receive, 1});
}

template <RingWord W>
void Lane::permute(const SecretPermutation& p, Direction direction, ConstParts<W> a, std::size_t columns,
                   Parts<W> out) {
  shuffle<Columns<W>>(p, direction, a, p.size * columns, out);
}

void Lane::permute_bits(const SecretPermutation& p, Direction direction, ConstParts<u64> a, std::size_t columns,
                        Parts<u64> out) {
  shuffle<BitColumns>(p, direction, a, words_for_bits(p.size) * columns, out);
}

template void Lane::permute(const SecretPermutation&, Direction, ConstParts<u64>, std::size_t, Parts<u64>);
template void Lane::permute(const SecretPermutation&, Direction, ConstParts<u128>, std::size_t, Parts<u128>);

}  // namespace cohortium::mpc
