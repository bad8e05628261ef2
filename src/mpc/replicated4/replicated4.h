// Four parties, replicated additive sharing: x = x_0 + x_1 + x_2 + x_3, party i lacks x_i and holds the other three, at
// place k of a Shared component i + 1 + k (indices modulo 4). Bit vectors alike, with exclusive-or.
//
// Security   malicious, 1 corruption of 4, with abort: whatever one party does, the others get correct results or end the
//            run, and it learns nothing else. Everything a party needs of the others is known to two of them: one sends
//            it, the other vouches for it in the same round (joint_round.h)
// Setup      one key per three parties and per pair (party.h)
// Source     Dalskov, Escudero, Keller, USENIX Security 2021 ("Fantastic Four"); conversions and truncation: each file
//
// Every kernel stands in a file of its own that opens with its contract; Replicated4Cost declares what it sends, in the
// same file. Many kernels use that x = a + b, where parties 0 and 1 both know a = x_2 + x_3, and parties 2 and 3 both
// know b = x_0 + x_1: the first pair and the second.
//
// A run uses the session's first lane only.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "mpc/bit_planes.h"
#include "mpc/carries.h"
#include "mpc/engine.h"
#include "mpc/replicated4/joint_round.h"
#include "mpc/session.h"

namespace cohortium::mpc {

// What a kernel costs a party, by public sizes. The member names are those of the kernels.
class Replicated4Cost {
 public:
  explicit Replicated4Cost(PartyId party, Link link = {}, int = 1) : party_(party), link_(link) {}

  template <RingWord W>
  Cost share(PartyId owner, std::size_t count) const {
    return share_words(owner, count * sizeof(W));
  }
  template <RingWord W>
  Cost open(std::size_t count) const {
    return open_words(count * sizeof(W));
  }
  template <RingWord W>
  Cost open_to(PartyId receiver, std::size_t count) const;
  template <RingWord W>
  Cost multiply(std::size_t results, std::size_t /*length*/) const {
    return products(results * sizeof(W));
  }
  template <RingWord W>
  Cost truncate(std::size_t count, int bits) const;
  template <RingWord W>
  Cost multiply_truncate(std::size_t results, std::size_t length, int bits) const;
  template <RingWord W>
  Cost from_bit(std::size_t count) const {
    return from_bits<W>(count, 1);
  }
  template <RingWord W>
  Cost from_bits(std::size_t count, int planes) const;
  template <RingWord W>
  Cost keep_where(std::size_t count) const;
  template <RingWord W>
  Cost to_bits(std::size_t count, int bits) const;
  template <RingWord W>
  Cost bit(std::size_t count, int position) const;
  template <RingWord W>
  Cost is_zero(std::size_t count, int bits) const;
  template <RingWord W>
  Cost permute(std::size_t elements) const {
    return permute_words(elements * sizeof(W));
  }
  Cost permute_bits(std::size_t size, std::size_t columns) const {
    return permute_words(words_for_bits(size) * sizeof(u64) * columns);
  }
  Cost share_bits(PartyId owner, std::size_t count) const {
    return share_words(owner, words_for_bits(count) * sizeof(u64));
  }
  Cost open_bits(std::size_t count) const { return open_words(words_for_bits(count) * sizeof(u64)); }
  Cost and_bits(std::size_t count) const { return products(words_for_bits(count) * sizeof(u64)); }
  Cost adopt(std::size_t count) const;

  // Parts of kernels.
  Cost products(std::size_t bytes) const;        // of both operands' four components
  Cost cross_products(std::size_t bytes) const;  // of what the first pair knows and what the second knows
  Cost block_tables(std::size_t words, const BlockPlan& plan) const;
  Cost adder(std::size_t words, const Adder& adder) const;

 private:
  Cost share_words(PartyId owner, std::size_t bytes) const;
  Cost open_words(std::size_t bytes) const;
  Cost permute_words(std::size_t bytes) const;

  PartyId party_;
  Link link_;
};

// Two components of both operands of a product: what the two parties besides `receiver` and `other` know of it.
struct Pair {
  PartyId receiver, other;
  bool squares;  // also the products of equal components
};
template <class Word>
using PairValues = std::function<MakeValues<Word>(const Pair&)>;

// One of many planes of bits of one length, or one that stands alone. Planes lie in tiles, so that a pass over all of them
// stays in the cache: a tile holds `tile_words` words of every plane, plane after plane; the last tile may be narrower.
inline constexpr std::size_t tile_words = 128;
class Plane {
 public:
  Plane() = default;
  explicit Plane(const View<const u64>& base, std::size_t planes = 1, std::size_t index = 0)
      : base_(base), planes_(planes), index_(index) {}

  // Component c of the words of the tile that begins at `word`.
  const u64* at(PartyId c, std::size_t word, std::size_t width) const {
    return base_[c] + word * planes_ + index_ * width;
  }

 private:
  View<const u64> base_;
  std::size_t planes_ = 1, index_ = 0;
};
class PlaneSet {
 public:
  PlaneSet(PartyId self, std::size_t planes, std::size_t words)
      : planes_(planes), words_(words), components_(self, planes * words) {}

  std::size_t planes() const { return planes_; }
  std::size_t size() const { return planes_ * words_; }  // in words
  View<u64> view() { return components_.view(); }
  View<const u64> view() const { return components_.view(); }
  Plane plane(std::size_t index) const { return Plane(components_.view(), planes_, index); }
  u64* at(std::size_t index, PartyId c, std::size_t word, std::size_t width) {
    return components_.view()[c] + word * planes_ + index * width;
  }

 private:
  std::size_t planes_, words_;
  HeldComponents<u64> components_;
};

// Runs body(word, width) for every tile.
template <class Body>
void for_tiles(std::size_t words, Body body) {
  for (std::size_t word = 0; word < words; word += tile_words) body(word, std::min(tile_words, words - word));
}
// Runs body(plane, word, width, at, n, done) for the stretches of planes that words [from, from + count) of a set are made
// of: n words from `at` on of the plane's part of the tile that begins at `word`.
template <class Body>
void for_stretches(std::size_t planes, std::size_t words, std::size_t from, std::size_t count, Body body) {
  for (std::size_t done = 0; done < count;) {
    const std::size_t word = (from + done) / (planes * tile_words) * tile_words,
                      width = std::min(tile_words, words - word), inside = from + done - word * planes,
                      at = inside % width, n = std::min(count - done, width - at);
    body(inside / width, word, width, at, n, done);
    done += n;
  }
}

// A ring element r that the second pair knows, and its bits.
template <RingWord W>
struct BitMask {
  Buffer<W> element;
  PlaneSet bits, runs;
};
struct SharedBlocks {
  PlaneSet tables, sums, operand;
};
// The planes of one tile of what this party's pair knows, plane after plane; valid until the next call.
using LoadKnown = std::function<const u64*(std::size_t word, std::size_t width)>;

class Replicated4 {
 public:
  explicit Replicated4(Session& session);

  std::string_view name() const { return "replicated4"; }
  PartyId self() const { return session_.self(); }
  int parties() const { return four; }
  Cost cost() const { return session_.cost(); }
  Link link() const { return session_.link(); }

  template <RingWord W>
  Shared<W> constant(std::span<const W> values);
  template <RingWord W>
  Shared<W> share(PartyId owner, std::span<const W> values, std::size_t count);
  template <RingWord W>
  std::vector<W> open(const Shared<W>& a);
  template <RingWord W>
  std::optional<std::vector<W>> open_to(PartyId receiver, const Shared<W>& a);
  template <RingWord W>
  Shared<W> multiply(const Shared<W>& a, const Shared<W>& b);
  template <RingWord W>
  Shared<W> dot(const Shared<W>& a, const Shared<W>& b, std::size_t length);
  template <RingWord W>
  Shared<W> matrix_product(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                           std::size_t columns);
  template <RingWord W>
  Shared<W> truncate(const Shared<W>& a, int bits);
  template <RingWord W>
  Shared<W> multiply_truncate(const Shared<W>& a, const Shared<W>& b, int bits);
  template <RingWord W>
  Shared<W> dot_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t length, int bits);
  template <RingWord W>
  Shared<W> matrix_product_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                    std::size_t columns, int bits);
  template <RingWord W>
  std::vector<SharedBits> to_bits(const Shared<W>& a, int count);
  template <RingWord W>
  SharedBits bit(const Shared<W>& a, int position);
  template <RingWord W>
  SharedBits is_zero(const Shared<W>& a, int count);
  template <RingWord W>
  Shared<W> from_bit(const SharedBits& bits);
  template <RingWord W>
  Shared<W> from_bits(std::span<const SharedBits> planes);
  template <RingWord W>
  Shared<W> keep_where(const SharedBits& bit, const Shared<W>& a);
  template <RingWord W>
  Shared<W> permute(const SecretPermutation& p, const Shared<W>& columns, Direction direction);
  template <RingWord W>
  Shared<W> random(std::size_t count);

  SharedBits constant_bits(std::span<const u64> words, std::size_t count);
  SharedBits share_bits(PartyId owner, std::span<const u64> words, std::size_t count);
  std::vector<u64> open_bits(const SharedBits& a);
  std::vector<u64> open_coins(const SharedBits& a) { return open_bits(a); }
  SharedBits and_bits(const SharedBits& a, const SharedBits& b);
  SharedBits not_bits(const SharedBits& a);
  SharedBits random_bits(std::size_t count);
  SecretPermutation random_permutation(std::size_t size);
  std::vector<SharedBits> permute_bits(const SecretPermutation& p, std::span<const SharedBits> columns,
                                       Direction direction);
  Shared<u128> adopt(std::span<const std::byte> part, std::size_t count);

 private:
  bool in_first_pair() const { return self() <= 1; }
  bool knows(const Pair& pair) const { return self() != pair.receiver && self() != pair.other; }
  template <class Vector>
  auto view(Vector& vector) const {
    return view_of(self(), vector);
  }
  // Runs body(c, word, width) for every component that this party holds, and every tile.
  template <class Body>
  void for_held_tiles(std::size_t words, Body body) const {
    for (PartyId c = 0; c < four; ++c) {
      if (c != self()) for_tiles(words, [&](std::size_t word, std::size_t width) { body(c, word, width); });
    }
  }
  // What this party's pair knows of x = a + b.
  template <RingWord W>
  Buffer<W> known_summand(View<const W> x, std::size_t count) const;

  // share.cc
  template <class Group>
  void share_words(PartyId owner, const typename Group::Word* values, std::size_t count,
                   View<typename Group::Word> out);
  // multiply.cc: sums over pairs of components, shared in one round.
  template <class Group>
  void add_pairs(std::span<const Pair> pairs, std::size_t count, const PairValues<typename Group::Word>& values,
                 View<typename Group::Word> out, bool more = false);
  template <RingWord W>
  PairValues<W> products_of(const Shared<W>& a, const Shared<W>& b);
  template <RingWord W>
  PairValues<W> sums_of(const Shared<W>& a, const Shared<W>& b, std::size_t length);
  template <RingWord W>
  PairValues<W> matrix_products_of(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                   std::size_t columns);
  template <RingWord W>
  Shared<W> shared_products(std::size_t count, const PairValues<W>& values);
  // truncate.cc
  template <RingWord W>
  Shared<W> truncated_products(std::size_t count, int bits, const PairValues<W>& values);
  template <RingWord W>
  Shared<W> truncate_known(const Buffer<W>& known, int bits);
  template <RingWord W, class Narrow>
  void truncate_known(const Buffer<W>& known, int bits, View<W> out);

  // conjunctions.cc, block_tables.cc, carries.cc
  PlaneSet conjoin(std::span<const Conjunction<Plane>> conjunctions, std::size_t words);
  PlaneSet block_products(const BlockPlan& plan, std::size_t words, const LoadKnown& known);
  SharedBlocks block_tables(const BlockPlan& plan, std::size_t words, const LoadKnown& known);
  std::vector<Plane> carries(const Adder& adder, std::size_t words, const SharedBlocks& blocks,
                             std::deque<PlaneSet>& levels);
  template <RingWord W>
  LoadKnown known_planes(View<const W> x, std::size_t count, int planes, W offset_of_second) const;
  // from_bits.cc
  template <RingWord W>
  void weighted_sum(std::span<const Plane> planes, std::size_t count, View<W> out);
  template <RingWord W>
  BitMask<W> draw_mask(int planes, std::size_t count);
  template <RingWord W>
  PlaneSet masked_sum(std::span<const Plane> planes, const BitMask<W>& mask, std::size_t count);
  template <RingWord W>
  void open_masked(std::span<const Plane> planes, std::size_t count, View<W> out);
  // permute.cc
  template <class Group, class Move>
  void shuffle(const SecretPermutation& p, Direction direction, std::size_t count, View<typename Group::Word> columns,
               Move move);

  Session& session_;
  Party party_;
};

// The two operands' components that a product of the first pair's and the second pair's knowledge needs.
inline constexpr Pair cross_pairs[] = {{1, 2, false}, {0, 3, false}, {0, 2, false}, {3, 1, false}};
// And those of any product.
inline constexpr Pair all_pairs[] = {{0, 1, false}, {1, 2, false}, {2, 3, false},
                                     {3, 0, false}, {0, 2, true},  {3, 1, true}};
// Which of a pair belongs to the first pair's knowledge (2 or 3), and which to the second's.
inline PartyId first_of(const Pair& pair) { return pair.receiver >= 2 ? pair.receiver : pair.other; }
inline PartyId second_of(const Pair& pair) { return pair.receiver >= 2 ? pair.other : pair.receiver; }

// Kernels on bits work through long vectors in stretches, so that the planes of one bound their memory.
inline constexpr std::size_t longest_stretch_of_four = std::size_t{1} << 20;

// Runs body(from, count) for every stretch of a vector, once for an empty one.
template <class Body>
void over_stretches_of_four(std::size_t count, Body body) {
  for (std::size_t from = 0; from == 0 || from < count; from += longest_stretch_of_four) {
    body(from, std::min(longest_stretch_of_four, count - from));
  }
}

}  // namespace cohortium::mpc
