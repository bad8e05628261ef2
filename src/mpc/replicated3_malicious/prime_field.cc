#include "mpc/replicated3_malicious/prime_field.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace cohortium::mpc {
namespace {

constexpr int bits = 52;
constexpr u64 low_bits = (u64{1} << bits) - 1;
constexpr std::size_t at_once = 8 * (most_unreduced - 4);  // elements of a sum that is not reduced

const u64* words_of(const Residue* elements) { return reinterpret_cast<const u64*>(elements); }
u64* words_of(Residue* elements) { return reinterpret_cast<u64*>(elements); }

u64 power_modulo(u64 base, u64 exponent, u64 modulus) {
  u64 result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = static_cast<u64>(u128{result} * base % modulus);
    base = static_cast<u64>(u128{base} * base % modulus);
  }
  return result;
}

u64 inverse_modulo_2_52(u64 odd) {
  u64 inverse = odd;  // right in three bits, and in twice as many each time
  for (int step = 0; step < 5; ++step) inverse *= 2 - odd * inverse;
  return inverse & low_bits;
}

}  // namespace

bool is_prime(u64 number) {
  constexpr u64 bases[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
  for (const u64 base : bases) {
    if (number % base == 0) return number == base;
  }
  if (number < 2) return false;
  const int twos = __builtin_ctzll(number - 1);
  for (const u64 base : bases) {
    u64 power = power_modulo(base, (number - 1) >> twos, number);
    bool passes = power == 1;
    for (int i = 0; i < twos && !passes; ++i) {
      passes = power == number - 1;
      power = static_cast<u64>(u128{power} * power % number);
    }
    if (!passes) return false;
  }
  return true;
}

PrimeField::PrimeField(u64 prime) : modulus_{prime, inverse_modulo_2_52(prime)} {
  COHORTIUM_CHECK(prime > least_prime && prime < above_primes);
  two_to_52_ = {(u64{1} << bits) - prime};
  two_to_104_ = {static_cast<u64>(u128{two_to_52_.value} * two_to_52_.value % prime)};
  two_to_64_ = {static_cast<u64>((u128{1} << 64) % prime)};
  beyond_share_ = power_of_two(8 * sizeof(Share));
}

PrimeField PrimeField::drawn(const crypto::Seed& seed) {
  crypto::RandomGenerator generator(seed);
  for (;;) {
    u64 word;
    generator.fill(std::as_writable_bytes(std::span(&word, 1)));
    const u64 candidate = word >> (64 - bits) | least_prime | 1;
    if (candidate < above_primes && is_prime(candidate)) return PrimeField(candidate);
  }
}

Residue PrimeField::of(u128 value) const {
  const u128 low = value & ((u128{1} << 2 * bits) - 1);
  const Element high{static_cast<u64>(value >> 2 * bits)};
  return add(multiply({divided_by_2_52(low, modulus_)}, two_to_52_), multiply(high, two_to_104_));
}

Residue PrimeField::inverse(Element a) const {  // a^(p - 2)
  Element result{1};
  for (int bit = bits - 1; bit >= 0; --bit) {
    result = multiply(result, result);
    if ((modulus_.prime - 2) >> bit & 1) result = multiply(result, a);
  }
  return result;
}

Residue PrimeField::power_of_two(int exponent) const {
  Element power{1};
  for (int i = 0; i < std::abs(exponent); ++i) power = add(power, power);
  return exponent < 0 ? inverse(power) : power;
}

void PrimeField::draw(crypto::RandomGenerator& generator, std::span<Element> out) const {
  for (Element& element : out) {
    u128 word;
    generator.fill(std::as_writable_bytes(std::span(&word, 1)));
    element = of(word);
  }
}

Residue PrimeField::inner_product(const Element* a, const Element* b, std::size_t n) const {
  Sum sum;
  for (std::size_t from = 0; from < n; from += at_once) {
    if (from > 0) settle(sum);
    quickest_loops().add_products(words_of(a + from), words_of(b + from), std::min(at_once, n - from), sum);
  }
  return value(sum);
}

Residue PrimeField::value(const Sum& sum) const {
  u128 low = 0, high = 0;
  for (const u64 word : sum.low) low += word;
  for (const u64 word : sum.high) high += word;
  high += low >> bits;  // below 2^68
  return add({static_cast<u64>(low) & low_bits}, multiply({divided_by_2_52(high, modulus_)}, two_to_104_));
}

void PrimeField::settle(Sum& sum) const {
  const Element settled = value(sum);
  sum = {};
  sum.low[0] = settled.value;
}

void PrimeField::add_pairs(const Element* left, const Element* right, std::size_t stride, Sum* sums) {
  quickest_loops().add_pairs(words_of(left), words_of(right), stride, sums);
}

void PrimeField::combine(const Element* in, std::size_t size, std::size_t stride, const Element* factor,
                         std::size_t factors, Element* out) const {
  COHORTIUM_CHECK(factors <= most_factors);
  std::array<u64, most_factors> scaled;  // the loops divide by 2^104
  for (std::size_t j = 0; j < factors; ++j) scaled[j] = multiply(factor[j], two_to_104_).value;
  quickest_loops().combine(modulus_, words_of(in), size, stride, scaled.data(), factors, words_of(out));
}

template <RingWord W>
void PrimeField::expand_weighted(const W* words, const u64* weights, std::size_t n, Element* out) const {
  if constexpr (std::is_same_v<W, u64>) {
    quickest_loops().expand_64(modulus_, words, weights, n, words_of(out));
  } else {
    quickest_loops().expand_128(modulus_, words, weights, n, words_of(out));
  }
}
template void PrimeField::expand_weighted(const u64*, const u64*, std::size_t, Element*) const;
template void PrimeField::expand_weighted(const u128*, const u64*, std::size_t, Element*) const;

void PrimeField::show(Element a, crypto::RandomGenerator& filler, std::byte* out) const {
  const u64 multiples = static_cast<u64>((u128{1} << 8 * shown_bytes) / modulus_.prime);
  u64 word;
  filler.fill(std::as_writable_bytes(std::span(&word, 1)));
  const u64 multiple = static_cast<u64>(u128{word} * multiples >> 64);
  const u128 number = u128{multiple} * modulus_.prime + least(a.value).value;
  std::memcpy(out, &number, shown_bytes);
}

Residue PrimeField::shown(const std::byte* in) const {
  u128 number = 0;
  std::memcpy(&number, in, shown_bytes);
  return of(number);
}

}  // namespace cohortium::mpc
