// The oracle: one party that computes in the clear, behind the same interface and to the same rules as every protocol.
//
// Security   none; for tests, rehearsals on synthetic data and checks over pooled data
// Rounds     0
// Truncation rounds to nearest (a half upwards)
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/random_generator.h"
#include "mpc/engine.h"

namespace cohortium::mpc {

class Plaintext {
 public:
  Plaintext() : generator_(crypto::random_seed()) {}

  std::string_view name() const { return "plaintext"; }
  PartyId self() const { return 0; }
  int parties() const { return 1; }
  Cost cost() const { return {}; }
  Link link() const { return {}; }

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
  crypto::RandomGenerator generator_;
};

}  // namespace cohortium::mpc
