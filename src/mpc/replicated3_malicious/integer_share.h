// Integers that are dealt to two verifiers without any group: one draws a share, the other one is sent the number minus that
// share, modulo 256^bytes. The two add up to the number plus 256^bytes, as integers, where the number is less than the drawn
// share; and it is, but for 2^-64, where it is shorter by 64 bits. Whatever is sent, it says one integer of a known length.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>

#include "mpc/ring.h"

namespace cohortium::mpc {

template <std::size_t bytes>
struct IntegerShare {
  static constexpr std::size_t limbs = (bytes + 7) / 8;
  std::array<std::byte, bytes> byte;

  template <std::size_t N>
  static IntegerShare of_words(const std::array<u64, N>& words) {
    std::array<u64, limbs> padded{};
    for (std::size_t i = 0; i < N && i < limbs; ++i) padded[i] = words[i];
    IntegerShare share;
    std::memcpy(share.byte.data(), padded.data(), bytes);
    return share;
  }
  static IntegerShare of(u64 word) { return of_words(std::array<u64, 1>{word}); }
  std::array<u64, limbs> words() const {
    std::array<u64, limbs> result{};
    std::memcpy(result.data(), byte.data(), bytes);
    return result;
  }
  friend IntegerShare operator-(const IntegerShare& a, const IntegerShare& b) {
    const auto x = a.words(), y = b.words();
    std::array<u64, limbs> difference;
    u64 borrow = 0;
    for (std::size_t i = 0; i < limbs; ++i) {
      const u128 t = u128{x[i]} - y[i] - borrow;
      difference[i] = static_cast<u64>(t);
      borrow = static_cast<u64>(t >> 64) & 1;
    }
    return of_words(difference);
  }
};

}  // namespace cohortium::mpc
