// What proofs of inner products (inner_product_proof.h) ask of a field, for the field of 2^64 elements.
#pragma once

#include <cstring>
#include <span>

#include "mpc/replicated3_malicious/binary_field.h"

namespace cohortium::mpc {

struct BinaryArithmetic {
  using Element = BinaryField;
  using Share = BinaryField;

  static Element of(u64 word) { return BinaryField(word); }
  static Element add(Element a, Element b) { return a + b; }
  static Element subtract(Element a, Element b) { return a - b; }
  static Element multiply(Element a, Element b) { return a * b; }
  static Element inverse(Element a) { return a.inverse(); }
  static bool is_zero(Element a) { return BinaryField::is_zero(a); }
  static void draw(crypto::RandomGenerator& generator, std::span<Element> out) { BinaryField::draw(generator, out); }
  static Share whole(Element a) { return a; }
  static Element of_drawn(Share share) { return share; }
  static Element of_sent(Share share) { return share; }
  static Element inner_product(const Element* a, const Element* b, std::size_t n) {
    return BinaryField::inner_product(a, b, n);
  }
  static void combine(const Element* in, std::size_t size, std::size_t stride, const Element* factor,
                      std::size_t factors, Element* out) {
    BinaryField::combine(in, size, stride, factor, factors, out);
  }
  static constexpr std::size_t shown_bytes = sizeof(u64);
  static void show(Element a, crypto::RandomGenerator& /*filler*/, std::byte* out) {
    std::memcpy(out, &a.bits, shown_bytes);
  }
  static Element shown(const std::byte* in) {
    Element a;
    std::memcpy(&a.bits, in, shown_bytes);
    return a;
  }
};

}  // namespace cohortium::mpc
