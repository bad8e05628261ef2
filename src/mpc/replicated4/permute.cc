// Moving columns by a secret permutation p = p_0, then p_1, p_2, p_3, where p_c is known to all parties but c: four passes.
//
// In pass c the three that know p_c hold component c, all three of them, and each two of them the component of the third:
// they move all of it. Component c they draw a part of for every other component, which hides that one from party c when it
// is handed over: shared anew as the values that two parties know (joint_round.h). Backwards, the passes run in the
// opposite order with the parts' inverses.
//
// Security   malicious, 1 corruption of 4 (joint_round.h): one part of the permutation is unknown to each party
// Reveals    nothing
// Rounds     4
// Sent       12k bits per element in all, 3k by each party, and 16 bytes for each of twelve messages
// Source     Laur, Willemson, Zhang, ISC 2011, in the setting of Dalskov, Escudero, Keller, USENIX Security 2021
#include <algorithm>

#include "base/error.h"
#include "mpc/replicated4/replicated4.h"

namespace cohortium::mpc {

Cost Replicated4Cost::permute_words(std::size_t bytes) const {
  Cost cost;
  for (PartyId without = 0; without < four; ++without) {
    JointRoundCost pass(party_);
    for (PartyId step = 1; step < four; ++step) pass.share(without, (without + step) % four, bytes);
    cost += pass;
  }
  return cost;
}

template <class Group, class Move>
void Replicated4::shuffle(const SecretPermutation& p, Direction direction, std::size_t count,
                          View<typename Group::Word> columns, Move move) {
  using Word = typename Group::Word;
  for (PartyId pass = 0; pass < four; ++pass) {
    const PartyId without = direction == Direction::kForwards ? pass : four - 1 - pass;
    HeldComponents<Word> before(self(), columns, count);
    for (PartyId c = 0; c < four; ++c) {
      if (c == self()) continue;
      // What this party moves itself starts from the moved column where it stays a component of its own.
      std::fill_n(columns[c], count, Word{0});
      if (c == without) {
        move(p.part[(without + four - 1 - self()) % four], direction, std::span<const Word>(before.view()[c], count),
             std::span<Word>(columns[c], count));
      }
    }
    std::array<Buffer<Word>, four> moved;
    JointRound round(party_);
    for (PartyId step = 1; step < four; ++step) {
      const PartyId other = (without + step) % four;
      if (self() != without && self() != other) {
        moved[other].resize(count);
        move(p.part[(without + four - 1 - self()) % four], direction,
             std::span<const Word>(before.view()[other], count), std::span<Word>(moved[other]));
      }
      round.share<Group>(
          without, other, count, columns,
          [&moved, other](std::size_t from, std::size_t n, Word* to) {
            std::copy_n(moved[other].data() + from, n, to);
          },
          true);
    }
    round.run();
  }
}

template <RingWord W>
Shared<W> Replicated4::permute(const SecretPermutation& p, const Shared<W>& columns, Direction direction) {
  COHORTIUM_CHECK(columns.components == four - 1 && (p.size == 0 ? columns.size == 0 : columns.size % p.size == 0));
  Shared<W> result = columns;
  shuffle<Sums<W>>(p, direction, columns.size, view(result),
                   [](std::span<const std::uint32_t> part, Direction towards, std::span<const W> in, std::span<W> out) {
                     move_columns(part, towards, in, out);
                   });
  return result;
}

std::vector<SharedBits> Replicated4::permute_bits(const SecretPermutation& p, std::span<const SharedBits> columns,
                                                  Direction direction) {
  const std::size_t words = words_for_bits(p.size), count = words * columns.size();
  HeldComponents<u64> all(self(), count);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    COHORTIUM_CHECK(columns[i].size == p.size && columns[i].components == four - 1);
    for (PartyId c = 0; c < four; ++c) {
      if (c != self()) std::copy_n(view(columns[i])[c], words, all.view()[c] + i * words);
    }
  }
  shuffle<Bits>(
      p, direction, count, all.view(),
      [words](std::span<const std::uint32_t> part, Direction towards, std::span<const u64> in, std::span<u64> out) {
        for (std::size_t from = 0; from < in.size(); from += words) {
          move_bits(part, towards, in.subspan(from, words), out.subspan(from, words));
        }
      });
  std::vector<SharedBits> result;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    SharedBits& column = result.emplace_back(p.size, four - 1);
    for (PartyId c = 0; c < four; ++c) {
      if (c != self()) std::copy_n(all.view()[c] + i * words, words, view(column)[c]);
    }
  }
  return result;
}

SecretPermutation Replicated4::random_permutation(std::size_t size) {
  SecretPermutation p{.size = size, .part = {}};
  for (PartyId c = 0; c < four; ++c) {
    if (c != self()) p.part[(c + four - 1 - self()) % four] = draw_permutation(party_.common(c), size);
  }
  return p;
}

template Shared<u64> Replicated4::permute(const SecretPermutation&, const Shared<u64>&, Direction);
template Shared<u128> Replicated4::permute(const SecretPermutation&, const Shared<u128>&, Direction);

}  // namespace cohortium::mpc
