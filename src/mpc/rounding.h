// The arithmetic of a division by 2^f of x = a + b, where some parties know a and others know b. See truncate.cc of
// the protocols.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mpc/ring.h"

namespace cohortium::mpc {

// Words that hold numbers modulo 2^f or finer: what the top f bits of a result need. Calls body with one of the type.
template <class Body>
auto with_narrow_word(int f, Body body) {
  if (f <= 8) return body(std::uint8_t{});
  if (f <= 16) return body(std::uint16_t{});
  if (f <= 32) return body(std::uint32_t{});
  if (f <= 64) return body(u64{});
  return body(u128{});
}

inline std::size_t narrow_bytes(int f) {
  return with_narrow_word(f, []<class Narrow>(Narrow) { return sizeof(Narrow); });
}

template <RingWord W, class Narrow>
class Rounding {
 public:
  explicit Rounding(int f) : f_(f), centre_(W{1} - (offset >> f)) {}

  // The holder of a: its summand of the result if top(b) = 0, and what it would have to subtract more, in units of
  // 2^(k-f), if top(b) = 1.
  W quotient_of_first(W a) const {
    const W first = a + offset;
    return static_cast<W>((first >> f_) + centre_ - ((first >> (k - 1)) << (k - f_)));
  }
  Narrow correction_of_first(W a) const { return static_cast<Narrow>(W{1} - ((a + offset) >> (k - 1))); }

  // The holders of b.
  W quotient_of_second(W b) const { return b >> f_; }
  static Narrow top(W b) { return static_cast<Narrow>(b >> (k - 1)); }

  // Units of 2^(k-f): all that counts of them is their value modulo 2^f.
  W units(Narrow count) const { return static_cast<W>(static_cast<W>(count) << (k - f_)); }

 private:
  static constexpr int k = bits_of<W>;
  static constexpr W offset = W{1} << (k - 2);
  int f_;
  W centre_;
};

}  // namespace cohortium::mpc
