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
// Rounds     3
// Sent       k bits per element; party 0, which hands over first and meets another at the end, twice that
// Source     Laur, Willemson, Zhang, ISC 2011; Asharov et al., CCS 2022 (three parties, replicated sharing)
#include <algorithm>

#include "mpc/replicated3/lane.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

template <RingWord W>
struct Columns {
  using Word = W;
  void add(const W* a, const W* b, W* out, std::size_t n) const { add_words(a, b, out, n); }
  void subtract(const W* a, const W* b, W* out, std::size_t n) const { subtract_words(a, b, out, n); }
  Buffer<W> move(std::span<const std::uint32_t> p, Direction direction, const Buffer<W>& in) const {
    Buffer<W> out(in.size());
    move_columns(p, direction, std::span<const W>(in), std::span<W>(out));
    return out;
  }
};

struct BitColumns {
  using Word = u64;
  void add(const u64* a, const u64* b, u64* out, std::size_t n) const { xor_words(a, b, out, n); }
  void subtract(const u64* a, const u64* b, u64* out, std::size_t n) const { xor_words(a, b, out, n); }
  Buffer<u64> move(std::span<const std::uint32_t> p, Direction direction, const Buffer<u64>& in) const {
    Buffer<u64> out(in.size());
    const std::size_t words = (p.size() + 63) / 64;
    for (std::size_t from = 0; from < in.size(); from += words) {
      move_bits(p, direction, std::span(in).subspan(from, words), std::span(out).subspan(from, words));
    }
    return out;
  }
};

}  // namespace

Cost LaneCost::permute_words(std::size_t words) const { return {3, (party_ == 0 ? 2 : 1) * words * sizeof(u64)}; }

template <class Group>
void Lane::shuffle(const Group& group, const SecretPermutation& p, Direction direction,
                   ConstParts<typename Group::Word> a, std::size_t n, Parts<typename Group::Word> out) {
  using Word = typename Group::Word;
  const bool forwards = direction == Direction::kForwards;
  // Pass number t belongs to parties (t, t + 1). The pair of the first pass starts from x_t + x_{t+1} and x_{t+2}.
  const int passes[3] = {forwards ? 0 : 2, 1, forwards ? 2 : 0};
  Buffer<Word> mine;
  if (self() == passes[0]) {
    mine.resize(n);
    group.add(a.first, a.second, mine.data(), n);
  } else if (channels_.previous() == passes[0]) {
    mine.assign(a.second, a.second + n);
  }

  for (int step = 0; step < 3; ++step) {
    const PartyId first = passes[step], second = (first + 1) % 3;
    const bool in_pair = self() == first || self() == second;
    if (in_pair) mine = group.move(p.part[self() == first ? 0 : 1], direction, mine);
    if (step == 2) break;
    const PartyId leaver = forwards ? first : second, joiner = 3 - first - second;
    if (in_pair) {
      const Buffer<Word> mask = draw<Word>(self() == first ? with_next_ : with_previous_, n);
      if (self() == first) {
        group.add(mine.data(), mask.data(), mine.data(), n);
      } else {
        group.subtract(mine.data(), mask.data(), mine.data(), n);
      }
    }
    if (self() == leaver) {
      channels_.exchange({{joiner, bytes_of(mine)}}, {});
    } else if (self() == joiner) {
      mine.resize(n);
      channels_.exchange({}, {{leaver, writable_bytes_of(mine)}});
    } else {
      channels_.exchange({}, {});
    }
  }

  // The last pair (t, t + 1) meets in x_{t+1}; each of them draws its other component with the third party.
  const PartyId first = passes[2], second = (first + 1) % 3;
  if (self() != first && self() != second) {
    channels_.exchange({}, {});
    random(n, out);
    return;
  }
  Word* const own = self() == first ? out.first : out.second;
  Word* const common = self() == first ? out.second : out.first;
  (self() == first ? with_previous_ : with_next_).fill(std::as_writable_bytes(std::span(own, n)));
  group.subtract(mine.data(), own, mine.data(), n);
  const PartyId other = self() == first ? second : first;
  channels_.exchange({{other, bytes_of(mine)}}, {{other, std::as_writable_bytes(std::span(common, n))}});
  group.add(mine.data(), common, common, n);
}

template <RingWord W>
void Lane::permute(const SecretPermutation& p, Direction direction, ConstParts<W> a, std::size_t columns,
                   Parts<W> out) {
  shuffle(Columns<W>{}, p, direction, a, p.size * columns, out);
}

void Lane::permute_bits(const SecretPermutation& p, Direction direction, ConstParts<u64> a, std::size_t columns,
                        Parts<u64> out) {
  shuffle(BitColumns{}, p, direction, a, words_for_bits(p.size) * columns, out);
}

template void Lane::permute(const SecretPermutation&, Direction, ConstParts<u64>, std::size_t, Parts<u64>);
template void Lane::permute(const SecretPermutation&, Direction, ConstParts<u128>, std::size_t, Parts<u128>);

}  // namespace cohortium::mpc
