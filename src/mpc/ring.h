// The integers modulo 2^64 and 2^128, and fixed-point numbers in them.
//
// A ring element is an unsigned word; addition, subtraction and multiplication wrap. A signed value v is held as v mod
// 2^k (two's complement). A fixed-point number x with f fraction bits is held as round(x * 2^f) mod 2^k.
#pragma once

#include <concepts>
#include <cstdint>

namespace cohortium::mpc {

using u64 = std::uint64_t;
__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;

template <class W>
concept RingWord = std::same_as<W, u64> || std::same_as<W, u128>;

template <RingWord W>
inline constexpr int bits_of = static_cast<int>(8 * sizeof(W));

// round(x * 2^f) as a ring element; |x| * 2^f must be below 2^(k-1), which the caller has checked.
template <RingWord W>
W encode_fixed(double x, int fraction_bits);
// The signed value of a ring element divided by 2^f.
template <RingWord W>
double decode_fixed(W element, int fraction_bits);

}  // namespace cohortium::mpc
