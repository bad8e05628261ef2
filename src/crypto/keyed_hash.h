// A short keyed hash, to know something again without keeping it: SipHash-2-4 with 64 bits.
//
// Whoever does not know the key cannot tell its values from random ones. Of a million different texts two have the same
// value with probability below 2^-24.
//
// Source  Aumasson, Bernstein, INDOCRYPT 2012
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "crypto/random_generator.h"

namespace cohortium::crypto {

// For one thread at a time.
class KeyedHash {
 public:
  explicit KeyedHash(const Seed& key);
  ~KeyedHash();
  KeyedHash(KeyedHash&&) noexcept;

  std::uint64_t operator()(std::string_view text) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohortium::crypto
