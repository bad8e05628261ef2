// Three parties of which one may cheat in any way: the sharing and the products of replicated3, each message proved to the
// two others before anything is opened.
//
// Security   malicious with abort, 1 corruption of 3: what is opened is right, or the run ends with an error that names two
//            suspects, but for a probability below 2^-40 (ring_proof.cc, bit_proof.cc). Who cheats can see to it that a
//            run ends without a result, or with one for itself alone
// Setup      as replicated3
// Source     Araki et al., CCS 2016; Boneh et al., CRYPTO 2019; Boyle et al., CCS 2019
//
// Messages are of three kinds. Summands of products and moved columns wait in
// PendingStatements until they are proved: before every opening, and when many
// wait. A party's input defines what it shares, whatever it sends. And what
// both other parties hold, as in openings, one of them sends and the other
// sends its hash.
//
// Bits and truncations are made of products of bits and of elements alone, so
// nothing else needs a proof.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "mpc/engine.h"
#include "mpc/replicated3/bit_lane.h"
#include "mpc/replicated3/lane.h"
#include "mpc/replicated3_malicious/verifier_pair.h"
#include "mpc/session.h"

namespace cohortium::mpc {

class Replicated3Malicious {
 public:
  explicit Replicated3Malicious(Session& session);

  std::string_view name() const { return "replicated3-malicious"; }
  PartyId self() const { return session_.self(); }
  int parties() const { return 3; }
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
  Shared<W> multiply_truncate(const Shared<W>& a, const Shared<W>& b, int bits) {
    return truncate(multiply(a, b), bits);
  }
  template <RingWord W>
  Shared<W> dot_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t length, int bits) {
    return truncate(dot(a, b, length), bits);
  }
  template <RingWord W>
  Shared<W> matrix_product_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                    std::size_t columns, int bits) {
    return truncate(matrix_product(a, b, rows, inner, columns), bits);
  }
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
  Shared<W> keep_where(const SharedBits& bit, const Shared<W>& a) {
    return multiply(from_bit<W>(bit), a);
  }
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
  SecretPermutation random_permutation(std::size_t size) { return lane_.random_permutation(size); }
  std::vector<SharedBits> permute_bits(const SecretPermutation& p, std::span<const SharedBits> columns,
                                       Direction direction);
  Shared<u128> adopt(std::span<const std::byte> part, std::size_t count);

 private:
  // Proves what waits: all of it, or what has become too much to keep.
  void prove_all();
  void prove_if_many();

  // Takes down the statements of products just sent: `received` is the second
  // component of the results.
  template <RingWord W>
  void take_down(ConstParts<W> x, ConstParts<W> y, std::size_t results, std::size_t length, const W* received);
  // Results [from, from + count) of sums of products, shared; x and y are their
  // operands, `length` to each.
  template <RingWord W>
  void sum_products(ConstParts<W> x, ConstParts<W> y, std::size_t results, std::size_t length, Parts<W> out);
  // The sum of factor[j] times bit j of each element.
  template <RingWord W>
  Shared<W> weighted_sum(std::span<const SharedBits> planes, std::span<const W> factors);
  template <RingWord W>
  Shared<W> masked_sum(std::span<const SharedBits> planes);

  // Fills `missing`, the component that this party lacks, at the receivers; the
  // two others hold it. One round.
  void complete(std::span<const std::byte> first, std::span<const std::byte> second, std::span<std::byte> missing,
                std::array<bool, 3> receives);

  // One round: moves columns of one word each by the part of a permutation that
  // parties `first` and the next one know.
  template <class Word, class Add, class Subtract>
  void move(PartyId first, std::span<const std::uint32_t> p, Direction direction, std::size_t columns,
            Components<Word>& a, Statements<Word>& statements, Add add, Subtract subtract);
  template <class Word, class Add, class Subtract>
  void shuffle(const SecretPermutation& p, Direction direction, std::size_t columns, Components<Word>& a,
               Statements<Word>& statements, Add add, Subtract subtract);

  Session& session_;
  LaneChannels& channels_;
  PendingStatements pending_;
  Lane lane_;
  crypto::RandomGenerator with_next_, with_previous_;
  VerifierPair verifiers_;
};

}  // namespace cohortium::mpc
