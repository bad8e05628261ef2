// One lane of a party under replicated3: its channels, its two generators, and the kernels, which work on stretches of
// vectors that lie elsewhere. Replicated3 checks shapes, allocates, and hands each lane its stretch.
//
// Every kernel stands in a file of its own that opens with its contract. LaneCost declares what each sends; its members
// stand in the same files. A lane belongs to one thread at a time.
//
// Stretches of bit vectors are whole words; the elements of a stretch are as many as the caller says, and bits behind
// the last one are unspecified.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <type_traits>
#include <vector>

#include "crypto/random_generator.h"
#include "mpc/bit_planes.h"
#include "mpc/engine.h"
#include "mpc/replicated3/statements.h"
#include "mpc/session.h"

namespace cohortium::mpc {

class BitLane;

// Both components of a vector at one party.
template <class Word>
using Components = std::array<Buffer<Word>, max_components>;

// The two components of a stretch of a vector, held elsewhere.
template <class Word>
struct Parts {
  Word* first = nullptr;   // x_i at party i
  Word* second = nullptr;  // x_{i+1}

  Word* operator[](int component) const { return component == 0 ? first : second; }
  Parts from(std::size_t offset) const { return {first + offset, second + offset}; }
  operator Parts<const Word>() const  // NOLINT(google-explicit-constructor): whoever may write may read
      requires(!std::is_const_v<Word>) {
    return {first, second};
  }
};
template <class Word>
using ConstParts = Parts<const Word>;

// Calls body(from, count) for consecutive pieces of at most `piece` elements.
template <class Body>
void in_pieces(std::size_t count, std::size_t piece, Body body) {
  for (std::size_t from = 0; from < count; from += piece) body(from, std::min(piece, count - from));
}

// Kernels that treat the parties differently work in pieces of this many elements, and the parties' roles move on by one
// from piece to piece: which keeps their loads equal, no party far ahead of the others, and memory bounded.
inline constexpr std::size_t turn_length = std::size_t{1} << 20;

// The role of a party in the piece that begins at element `from`: it holds what party `role` would.
inline constexpr PartyId role(PartyId party, std::size_t from) {
  return static_cast<PartyId>((party + 3 - from / turn_length % 3) % 3);
}

// A whole Shared, SharedBits or Components.
template <class Vector>
auto parts_of(Vector& vector) {
  if constexpr (requires { vector.component; }) {
    return parts_of(vector.component);
  } else {
    return Parts<std::remove_pointer_t<decltype(vector[0].data())>>{vector[0].data(), vector[1].data()};
  }
}

// What a kernel costs a party on one lane, by public sizes. The member names are those of the kernels.
class LaneCost {
 public:
  LaneCost(PartyId party, Link link) : party_(party), link_(link) {}

  template <RingWord W>
  Cost share(PartyId owner, std::size_t count) const {
    return share_words<W>(owner, count);
  }
  template <RingWord W>
  Cost open(std::size_t count) const {
    return {1, count * sizeof(W)};
  }
  template <RingWord W>
  Cost open_to(PartyId receiver, std::size_t count) const;
  template <RingWord W>
  Cost reshare(std::size_t results) const {
    return {1, results * sizeof(W)};
  }
  template <RingWord W>
  Cost truncate(std::size_t count, int bits) const;
  template <RingWord W>
  Cost multiply_truncate(std::size_t results, int bits) const;
  template <RingWord W>
  Cost from_bit(std::size_t count) const;
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

  Cost permute_words(std::size_t words) const;
  Cost share_bits(PartyId owner, std::size_t count) const { return share_words<u64>(owner, words_for_bits(count)); }
  Cost open_bits(std::size_t count) const { return {1, words_for_bits(count) * sizeof(u64)}; }
  Cost and_bits(std::size_t count) const { return {1, words_for_bits(count) * sizeof(u64)}; }

 private:
  template <class Word>
  Cost share_words(PartyId owner, std::size_t count) const {
    return {1, party_ == owner ? count * sizeof(Word) : 0};
  }

  PartyId party_;
  Link link_;
};

class Lane {
 public:
  // `pending`, where given, takes down what would have to be proved of this party's messages and its peers' (statements.h).
  Lane(Session& session, int index, PendingStatements* pending = nullptr);

  // x_i is what party i draws with party i-1: uniform, and unknown to the third.
  template <class Word>
  void random(std::size_t count, Parts<Word> out);
  SecretPermutation random_permutation(std::size_t size);

  // `values` at the owner alone. share_words, open_words: bit vectors, by words.
  template <RingWord W>
  void share(PartyId owner, const W* values, std::size_t count, Parts<W> out);
  void share_bits(PartyId owner, const u64* words, std::size_t count, Parts<u64> out);
  template <RingWord W>
  void open(ConstParts<W> a, std::size_t count, W* out);
  template <RingWord W>
  void open_to(PartyId receiver, ConstParts<W> a, std::size_t count, W* out);  // `out` at the receiver alone
  void open_bits(ConstParts<u64> a, std::size_t count, u64* out);

  template <RingWord W>
  void multiply(ConstParts<W> a, ConstParts<W> b, std::size_t count, Parts<W> out);
  // Turns this party's summands of products, which stand in out.first, into a fresh sharing.
  template <RingWord W>
  void reshare(std::size_t count, Parts<W> out);
  template <RingWord W>
  void truncate(ConstParts<W> a, std::size_t count, int bits, Parts<W> out);
  template <RingWord W>
  void multiply_truncate(ConstParts<W> a, ConstParts<W> b, std::size_t count, int bits, Parts<W> out);
  // The same for this party's summands of any products.
  template <RingWord W>
  void reshare_truncated(const W* summands, std::size_t count, int bits, Parts<W> out);

  void and_bits(ConstParts<u64> a, ConstParts<u64> b, std::size_t words, Parts<u64> out);
  // Plane j goes to planes[j].
  template <RingWord W>
  void to_bits(ConstParts<W> a, std::size_t count, std::span<const Parts<u64>> planes);
  template <RingWord W>
  void bit(ConstParts<W> a, std::size_t count, int position, Parts<u64> out);
  template <RingWord W>
  void is_zero(ConstParts<W> a, std::size_t count, int bits, Parts<u64> out);
  template <RingWord W>
  void from_bit(ConstParts<u64> bits, std::size_t count, Parts<W> out);
  template <RingWord W>
  void from_bits(std::span<const ConstParts<u64>> planes, std::size_t count, Parts<W> out);
  template <RingWord W>
  void keep_where(ConstParts<u64> bits, ConstParts<W> a, std::size_t count, Parts<W> out);

  // Columns of p.size elements, or of p.size bits.
  template <RingWord W>
  void permute(const SecretPermutation& p, Direction direction, ConstParts<W> a, std::size_t columns, Parts<W> out);
  void permute_bits(const SecretPermutation& p, Direction direction, ConstParts<u64> a, std::size_t columns,
                    Parts<u64> out);

  BitLane bits();  // see bit_lane.h

 private:
  PartyId self() const { return channels_.self(); }

  // Words this party draws in step with a neighbour.
  template <class Word>
  Buffer<Word> draw(crypto::RandomGenerator& generator, std::size_t count);

  // What this party draws in step with both neighbours, a piece that stays in the first-level cache at a time: the
  // difference of the two is this party's part of a zero share. Valid until the next call.
  template <class Word>
  struct Masks {
    const Word *with_next, *with_previous;
  };
  static constexpr std::size_t mask_bytes = 8192;
  template <class Word>
  Masks<Word> masks(std::size_t count);  // count <= mask_bytes / sizeof(Word)

  // One round: sends out.first to the previous party and fills out.second from the next one, block by block.
  // make(from, count) computes elements of out.first, each once and in order.
  template <class Word, class Make>
  void rotate(std::size_t count, Parts<Word> out, Make make);

  template <class Word, class Complete>
  void send_and_open(bool sends, ConstParts<Word> a, std::size_t count, Word* out, Complete complete);
  // The owner's second component, made from its first one by make(from, count), goes to the next party.
  template <class Word, class Make>
  void share_words(PartyId owner, std::size_t count, Parts<Word> out, Make make);

  // See truncate.cc.
  template <RingWord W, class Narrow>
  void truncate_as_first(ConstParts<W> a, std::size_t count, int bits, Parts<W> out);
  template <RingWord W, class Narrow>
  void truncate_as_second(bool is_party_1, const W* b, std::size_t count, int bits, W* own, W* common);

  // See multiply_truncate.cc: summands that stand ready, or those of a times b.
  template <RingWord W>
  struct Summands {
    const W* ready = nullptr;
    ConstParts<W> a = {}, b = {};
    Summands from(std::size_t i) const {
      return ready != nullptr ? Summands{ready + i} : Summands{nullptr, a.from(i), b.from(i)};
    }
  };
  template <RingWord W>
  void make_summands(const Summands<W>& summands, std::size_t start, std::size_t length, W* to);
  template <RingWord W>
  void fused(const Summands<W>& summands, std::size_t count, int bits, Parts<W> out);
  template <RingWord W, class Narrow>
  void fused_as_first(const Summands<W>& summands, std::size_t count, int bits, Parts<W> out);
  template <RingWord W, class Narrow>
  void exchange_corrections(PartyId other, Buffer<Narrow>& factor, const Buffer<Narrow>& offset, int bits, W* common);
  template <RingWord W, class Narrow>
  void fused_as_second(bool is_party_1, const Summands<W>& summands, std::size_t count, int bits, W* own, W* common);

  // The three passes of a shuffle over a vector of words; Group says how words are masked and moved.
  template <class Group>
  void shuffle(const SecretPermutation& p, Direction direction, ConstParts<typename Group::Word> a, std::size_t words,
               Parts<typename Group::Word> out);
  template <class Group>
  void draw_masks(bool is_first, std::size_t n, typename Group::Word* out);

  template <RingWord W>
  void open_masked(std::span<const ConstParts<u64>> planes, std::size_t count, Parts<W> out);  // see from_bits.cc

  LaneChannels& channels_;
  Link link_;
  crypto::RandomGenerator with_next_, with_previous_;
  Buffer<std::byte> masks_;
  PendingStatements* pending_;
};

template <class Word>
Lane::Masks<Word> Lane::masks(std::size_t count) {
  const std::span<std::byte> next(masks_.data(), count * sizeof(Word)),
      previous(masks_.data() + mask_bytes, count * sizeof(Word));
  with_next_.fill(next);
  with_previous_.fill(previous);
  const Masks<Word> drawn{reinterpret_cast<const Word*>(next.data()), reinterpret_cast<const Word*>(previous.data())};
  if (pending_ != nullptr) pending_->of<Word>().drew(drawn.with_next, drawn.with_previous, count);
  return drawn;
}

template <class Word, class Make>
void Lane::rotate(std::size_t count, Parts<Word> out, Make make) {
  const OutgoingStream send{.to = channels_.previous(),
                            .bytes = count * sizeof(Word),
                            .unit = sizeof(Word),
                            .make = [&](std::size_t from, std::size_t bytes) {
                              make(from / sizeof(Word), bytes / sizeof(Word));
                              return std::as_bytes(std::span(out.first, count)).subspan(from, bytes);
                            }};
  const IncomingStream receive{.from = channels_.next(),
                               .bytes = count * sizeof(Word),
                               .unit = sizeof(Word),
                               .place = [&](std::size_t from, std::size_t bytes) {
                                 return std::as_writable_bytes(std::span(out.second, count)).subspan(from, bytes);
                               }};
  channels_.stream({&send, 1}, {&receive, 1});
}

}  // namespace cohortium::mpc
