// Seeds, and the pseudo-random streams that two parties expand from a common one.
//
// A RandomGenerator is the key stream of AES-128 in counter mode, counter from zero: parties that hold the same seed
// and ask for the same lengths in the same order get the same bytes. A seed serves one generator: derive one per
// purpose.
//
// Source  NIST SP 800-38A (counter mode), RFC 5869 (HKDF with SHA-256)
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace cohortium::crypto {

using Seed = std::array<std::byte, 16>;

// From the operating system's generator. Fails with crypto.no_randomness.
Seed random_seed();

// HKDF-SHA256 of a secret of any length, without salt; the purpose separates the seeds drawn from one secret.
Seed derive_seed(std::span<const std::byte> secret, std::string_view purpose);

class RandomGenerator {
 public:
  explicit RandomGenerator(const Seed& seed);
  ~RandomGenerator();  // wipes the key
  RandomGenerator(RandomGenerator&&) noexcept;
  RandomGenerator& operator=(RandomGenerator&&) noexcept;

  void fill(std::span<std::byte> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohortium::crypto
