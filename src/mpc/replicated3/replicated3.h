// Three parties, replicated additive sharing: x = x0 + x1 + x2, party i holds component 0 = x_i and component 1 =
// x_{i+1} (indices modulo 3). Bit vectors alike, with exclusive-or.
//
// Security   semi-honest, 1 corruption of 3
// Setup      one key per pair of parties; both ends read the same key stream in step, so a kernel draws equally much at
//            both ends of a pair, and each stretch of the stream is used once
// Source     Araki et al., CCS 2016; Mohassel and Rindal, CCS 2018
//
// Every kernel is one member of Replicated3, in a file of its own that opens with its contract. Replicated3Cost
// declares what each sends; its members stand in the same files.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/random_generator.h"
#include "mpc/engine.h"
#include "mpc/replicated3/adder.h"
#include "mpc/session.h"

namespace cohortium::mpc {

// Both components of a vector at one party.
template <class Word>
using Components = std::array<Buffer<Word>, max_components>;

// What a kernel costs a party, by public sizes. The member names are those of the kernels.
class Replicated3Cost {
 public:
  explicit Replicated3Cost(PartyId party) : party_(party) {}

  template <RingWord W>
  Cost share(PartyId owner, std::size_t count) const {
    return share_bytes(owner, count * sizeof(W));
  }
  template <RingWord W>
  Cost open(std::size_t count) const {
    return open_bytes(count * sizeof(W));
  }
  template <RingWord W>
  Cost open_to(PartyId receiver, std::size_t count) const;
  template <RingWord W>
  Cost multiply(std::size_t results) const {
    return {1, results * sizeof(W)};
  }
  template <RingWord W>
  Cost truncate(std::size_t count) const {
    return transfer<W>(count);
  }
  template <RingWord W>
  Cost from_bit(std::size_t count) const {
    return transfer<W>(count);
  }
  template <RingWord W>
  Cost multiply_truncate(std::size_t results) const;
  template <RingWord W>
  Cost from_bits(std::size_t count, int planes) const;
  template <RingWord W>
  Cost keep_where(std::size_t count) const;
  template <RingWord W>
  Cost permute(std::size_t elements) const {
    return permute_words(elements * sizeof(W) / sizeof(u64));
  }
  Cost permute_bits(std::size_t size, std::size_t columns) const { return permute_words((size + 63) / 64 * columns); }
  Cost to_bits(std::size_t count, int bits) const;
  Cost bit(std::size_t count, int position) const;
  Cost is_zero(std::size_t count, int bits) const;

  Cost share_bits(PartyId owner, std::size_t count) const { return share_bytes(owner, bit_bytes(count)); }
  Cost open_bits(std::size_t count) const { return open_bytes(bit_bytes(count)); }
  Cost and_bits(std::size_t count) const { return {1, bit_bytes(count)}; }

 private:
  static std::size_t bit_bytes(std::size_t count) { return (count + 63) / 64 * sizeof(u64); }
  Cost permute_words(std::size_t words) const;
  Cost share_bytes(PartyId owner, std::size_t bytes) const { return {1, party_ == owner ? bytes : 0}; }
  Cost open_bytes(std::size_t bytes) const { return {1, bytes}; }
  template <RingWord W>
  Cost transfer(std::size_t count) const;

  PartyId party_;
};

class Replicated3 {
 public:
  explicit Replicated3(Session& session);

  std::string_view name() const { return "replicated3"; }
  PartyId self() const { return session_.self(); }
  int parties() const { return 3; }
  Cost cost() const { return session_.cost(); }

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
  std::vector<SharedBits> to_bits(const Shared<W>& a, int count);
  template <RingWord W>
  SharedBits bit(const Shared<W>& a, int position);
  template <RingWord W>
  SharedBits is_zero(const Shared<W>& a, int count);
  template <RingWord W>
  Shared<W> from_bit(const SharedBits& bits);
  template <RingWord W>
  Shared<W> multiply_truncate(const Shared<W>& a, const Shared<W>& b, int bits);
  template <RingWord W>
  Shared<W> dot_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t length, int bits);
  template <RingWord W>
  Shared<W> matrix_product_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                    std::size_t columns, int bits);
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
  // A message pair per element, chosen between by a bit per element: the sender (party 0) knows the pairs, the other
  // two both know the bits. See choice_transfer.cc.
  template <RingWord W>
  struct Choice {
    std::span<const W> if_zero, if_one;  // at party 0
    std::span<const u64> bits;           // at parties 1 and 2, packed
    std::size_t count = 0;
  };
  template <RingWord W>
  Shared<W> choice_transfer(const Choice<W>& choice);
  template <RingWord W>
  Shared<W> offer(const Choice<W>& choice);
  template <RingWord W>
  Shared<W> choose(const Choice<W>& choice);

  // Elements this party draws in step with a neighbour.
  template <class Word>
  Buffer<Word> draw(crypto::RandomGenerator& generator, std::size_t count);

  // Turns this party's summands of a product, already in component 0, into a fresh replicated sharing.
  template <RingWord W>
  void reshare(Shared<W>& summands);
  Components<u64> and_components(const Components<u64>& a, const Components<u64>& b);

  // The three passes of a shuffle over a vector of words; Group says how words are masked and moved.
  template <class Group>
  Components<typename Group::Word> shuffle(const Group& group, const SecretPermutation& p, Direction direction,
                                           const Components<typename Group::Word>& a);

  // Bit planes 0 .. count-1 of both operands of x = (x0 + x1) + x2, shared.
  struct Operands {
    Components<u64> first, second;
  };
  template <RingWord W>
  Operands share_operands(const Shared<W>& a, int count);
  void run_adder(const AdderSchedule& schedule, std::size_t words, Components<u64>& generate,
                 Components<u64>& propagate);

  Session& session_;
  crypto::RandomGenerator with_next_, with_previous_;
};

}  // namespace cohortium::mpc
