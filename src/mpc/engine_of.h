// Makes an Engine of a protocol. A protocol is a class with one member template per operation for both rings; this
// adapter alone knows that the Engine interface wants two virtual functions instead.
#pragma once

#include <memory>
#include <utility>

#include "mpc/engine.h"

namespace cohortium::mpc {

template <class Protocol>
class EngineOf final : public Engine {
 public:
  template <class... Arguments>
  explicit EngineOf(Arguments&&... arguments) : protocol_(std::forward<Arguments>(arguments)...) {}

  std::string_view protocol() const override { return protocol_.name(); }
  PartyId self() const override { return protocol_.self(); }
  int parties() const override { return protocol_.parties(); }
  Cost cost() const override { return protocol_.cost(); }
  Link link() const override { return protocol_.link(); }

  Shared<u64> constant(std::span<const u64> values) override { return protocol_.constant(values); }
  Shared<u64> share(PartyId owner, std::span<const u64> values, std::size_t count) override {
    return protocol_.share(owner, values, count);
  }
  std::vector<u64> open(const Shared<u64>& a) override { return protocol_.open(a); }
  std::optional<std::vector<u64>> open_to(PartyId receiver, const Shared<u64>& a) override {
    return protocol_.open_to(receiver, a);
  }
  Shared<u64> multiply(const Shared<u64>& a, const Shared<u64>& b) override { return protocol_.multiply(a, b); }
  Shared<u64> dot(const Shared<u64>& a, const Shared<u64>& b, std::size_t length) override {
    return protocol_.dot(a, b, length);
  }
  Shared<u64> matrix_product(const Shared<u64>& a, const Shared<u64>& b, std::size_t rows, std::size_t inner,
                             std::size_t columns) override {
    return protocol_.matrix_product(a, b, rows, inner, columns);
  }
  Shared<u64> truncate(const Shared<u64>& a, int bits) override { return protocol_.truncate(a, bits); }
  Shared<u64> multiply_truncate(const Shared<u64>& a, const Shared<u64>& b, int bits) override {
    return protocol_.multiply_truncate(a, b, bits);
  }
  Shared<u64> dot_truncate(const Shared<u64>& a, const Shared<u64>& b, std::size_t length, int bits) override {
    return protocol_.dot_truncate(a, b, length, bits);
  }
  Shared<u64> matrix_product_truncate(const Shared<u64>& a, const Shared<u64>& b, std::size_t rows, std::size_t inner,
                                      std::size_t columns, int bits) override {
    return protocol_.matrix_product_truncate(a, b, rows, inner, columns, bits);
  }
  Shared<u64> keep_where(const SharedBits& bit, const Shared<u64>& a) override { return protocol_.keep_where(bit, a); }
  Shared<u64> permute(const SecretPermutation& p, const Shared<u64>& columns, Direction direction) override {
    return protocol_.permute(p, columns, direction);
  }
  std::vector<SharedBits> to_bits(const Shared<u64>& a, int count) override { return protocol_.to_bits(a, count); }
  SharedBits bit(const Shared<u64>& a, int position) override { return protocol_.bit(a, position); }
  SharedBits is_zero(const Shared<u64>& a, int count) override { return protocol_.is_zero(a, count); }

  Shared<u128> constant(std::span<const u128> values) override { return protocol_.constant(values); }
  Shared<u128> share(PartyId owner, std::span<const u128> values, std::size_t count) override {
    return protocol_.share(owner, values, count);
  }
  std::vector<u128> open(const Shared<u128>& a) override { return protocol_.open(a); }
  std::optional<std::vector<u128>> open_to(PartyId receiver, const Shared<u128>& a) override {
    return protocol_.open_to(receiver, a);
  }
  Shared<u128> multiply(const Shared<u128>& a, const Shared<u128>& b) override { return protocol_.multiply(a, b); }
  Shared<u128> dot(const Shared<u128>& a, const Shared<u128>& b, std::size_t length) override {
    return protocol_.dot(a, b, length);
  }
  Shared<u128> matrix_product(const Shared<u128>& a, const Shared<u128>& b, std::size_t rows, std::size_t inner,
                              std::size_t columns) override {
    return protocol_.matrix_product(a, b, rows, inner, columns);
  }
  Shared<u128> truncate(const Shared<u128>& a, int bits) override { return protocol_.truncate(a, bits); }
  Shared<u128> multiply_truncate(const Shared<u128>& a, const Shared<u128>& b, int bits) override {
    return protocol_.multiply_truncate(a, b, bits);
  }
  Shared<u128> dot_truncate(const Shared<u128>& a, const Shared<u128>& b, std::size_t length, int bits) override {
    return protocol_.dot_truncate(a, b, length, bits);
  }
  Shared<u128> matrix_product_truncate(const Shared<u128>& a, const Shared<u128>& b, std::size_t rows,
                                       std::size_t inner, std::size_t columns, int bits) override {
    return protocol_.matrix_product_truncate(a, b, rows, inner, columns, bits);
  }
  Shared<u128> keep_where(const SharedBits& bit, const Shared<u128>& a) override {
    return protocol_.keep_where(bit, a);
  }
  Shared<u128> permute(const SecretPermutation& p, const Shared<u128>& columns, Direction direction) override {
    return protocol_.permute(p, columns, direction);
  }
  std::vector<SharedBits> to_bits(const Shared<u128>& a, int count) override { return protocol_.to_bits(a, count); }
  SharedBits bit(const Shared<u128>& a, int position) override { return protocol_.bit(a, position); }
  SharedBits is_zero(const Shared<u128>& a, int count) override { return protocol_.is_zero(a, count); }

  SharedBits constant_bits(std::span<const u64> words, std::size_t count) override {
    return protocol_.constant_bits(words, count);
  }
  SharedBits share_bits(PartyId owner, std::span<const u64> words, std::size_t count) override {
    return protocol_.share_bits(owner, words, count);
  }
  std::vector<u64> open_bits(const SharedBits& a) override { return protocol_.open_bits(a); }
  std::vector<u64> open_coins(const SharedBits& a) override { return protocol_.open_coins(a); }
  SharedBits and_bits(const SharedBits& a, const SharedBits& b) override { return protocol_.and_bits(a, b); }
  SharedBits not_bits(const SharedBits& a) override { return protocol_.not_bits(a); }
  SharedBits random_bits(std::size_t count) override { return protocol_.random_bits(count); }
  SecretPermutation random_permutation(std::size_t size) override { return protocol_.random_permutation(size); }
  std::vector<SharedBits> permute_bits(const SecretPermutation& p, std::span<const SharedBits> columns,
                                       Direction direction) override {
    return protocol_.permute_bits(p, columns, direction);
  }
  Shared<u128> adopt(std::span<const std::byte> part, std::size_t count) override {
    return protocol_.adopt(part, count);
  }

 protected:
  Shared<u64> from_bit(const SharedBits& bits, Ring<u64>) override { return protocol_.template from_bit<u64>(bits); }
  Shared<u128> from_bit(const SharedBits& bits, Ring<u128>) override { return protocol_.template from_bit<u128>(bits); }
  Shared<u64> from_bits(std::span<const SharedBits> planes, Ring<u64>) override {
    return protocol_.template from_bits<u64>(planes);
  }
  Shared<u128> from_bits(std::span<const SharedBits> planes, Ring<u128>) override {
    return protocol_.template from_bits<u128>(planes);
  }
  Shared<u64> random(std::size_t count, Ring<u64>) override { return protocol_.template random<u64>(count); }
  Shared<u128> random(std::size_t count, Ring<u128>) override { return protocol_.template random<u128>(count); }

 private:
  Protocol protocol_;
};

}  // namespace cohortium::mpc
