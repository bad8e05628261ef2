// Many conjunctions of shared bit planes at once: multiplication in Z_2, 64 elements to a word (multiply.cc). Each plane
// of the result is addend xor (left and (right xor also_right)), of which only the conjunction costs anything.
//
// Security   malicious, 1 corruption of 4 (joint_round.h)
// Reveals    nothing
// Rounds     1
// Sent       6 bits per element and conjunction in all (whole words), and 16 bytes for each of six messages
// Requires   planes of `words` words
// Source     Dalskov, Escudero, Keller, USENIX Security 2021, section 3
#include <array>

#include "base/error.h"
#include "mpc/replicated4/cross_products.h"
#include "mpc/replicated4/replicated4.h"

namespace cohortium::mpc {

PlaneSet Replicated4::conjoin(std::span<const Conjunction<Plane>> conjunctions, std::size_t words) {
  PlaneSet result(self(), conjunctions.size(), words);
  const auto values = [&](const Pair& pair) {
    const PartyId i = pair.receiver, j = pair.other;
    return MakeValues<u64>([=, squares = pair.squares](std::size_t from, std::size_t count, u64* to) {
      std::array<u64, tile_words> first, second;  // of right xor also_right
      for_stretches(
          conjunctions.size(), words, from, count,
          [&](std::size_t plane, std::size_t word, std::size_t width, std::size_t at, std::size_t n, std::size_t done) {
            const Conjunction<Plane>& c = conjunctions[plane];
            const u64 *yi = c.right.at(i, word, width) + at, *yj = c.right.at(j, word, width) + at;
            if (c.also_right) {
              xor_words(yi, c.also_right->at(i, word, width) + at, first.data(), n);
              xor_words(yj, c.also_right->at(j, word, width) + at, second.data(), n);
              yi = first.data(), yj = second.data();
            }
            (squares ? conjunctions_of_sums : cross_conjunctions)(c.left.at(i, word, width) + at,
                                                                  c.left.at(j, word, width) + at, yi, yj, to + done, n);
          });
      wipe(first.data(), sizeof first);
      wipe(second.data(), sizeof second);
    });
  };
  add_pairs<Bits>(all_pairs, result.size(), values, result.view());
  for (PartyId c = 0; c < four; ++c) {
    if (c == self()) continue;
    for_tiles(words, [&](std::size_t word, std::size_t width) {
      for (std::size_t plane = 0; plane < conjunctions.size(); ++plane) {
        const auto& addend = conjunctions[plane].addend;
        if (addend) Bits::add(addend->at(c, word, width), result.at(plane, c, word, width), width);
      }
    });
  }
  return result;
}

SharedBits Replicated4::and_bits(const SharedBits& a, const SharedBits& b) {
  COHORTIUM_CHECK(a.size == b.size && a.components == four - 1 && b.components == four - 1);
  auto result = SharedBits::uninitialised(a.size, four - 1);
  const View<const u64> x = view(a), y = view(b);
  add_pairs<Bits>(
      all_pairs, a.words(),
      [&](const Pair& pair) {
        return MakeValues<u64>([&x, &y, pair](std::size_t from, std::size_t n, u64* to) {
          (pair.squares ? conjunctions_of_sums : cross_conjunctions)(
              x[pair.receiver] + from, x[pair.other] + from, y[pair.receiver] + from, y[pair.other] + from, to, n);
        });
      },
      view(result));
  return result;
}

}  // namespace cohortium::mpc
