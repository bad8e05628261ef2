#include "mpc/plaintext/plaintext.h"

#include <cstring>
#include <type_traits>

#include "base/error.h"
#include "mpc/bit_planes.h"
#include "mpc/dealing.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {

template <RingWord W>
Shared<W> Plaintext::constant(std::span<const W> values) {
  Shared<W> result(values.size(), 1);
  result.component[0].assign(values.begin(), values.end());
  return result;
}

template <RingWord W>
Shared<W> Plaintext::share(PartyId owner, std::span<const W> values, std::size_t count) {
  COHORTIUM_CHECK(owner == 0 && values.size() == count);
  return constant(values);
}

template <RingWord W>
std::vector<W> Plaintext::open(const Shared<W>& a) {
  return {a.component[0].begin(), a.component[0].end()};
}

template <RingWord W>
std::optional<std::vector<W>> Plaintext::open_to(PartyId receiver, const Shared<W>& a) {
  COHORTIUM_CHECK(receiver == 0);
  return open(a);
}

template <RingWord W>
Shared<W> Plaintext::multiply(const Shared<W>& a, const Shared<W>& b) {
  COHORTIUM_CHECK(a.size == b.size);
  Shared<W> result(a.size, 1);
  multiply_words(a.component[0].data(), b.component[0].data(), result.component[0].data(), a.size);
  return result;
}

template <RingWord W>
Shared<W> Plaintext::dot(const Shared<W>& a, const Shared<W>& b, std::size_t length) {
  return sum_blocks(multiply(a, b), length);
}

template <RingWord W>
Shared<W> Plaintext::matrix_product(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                    std::size_t columns) {
  COHORTIUM_CHECK(a.size == rows * inner && b.size == inner * columns);
  Shared<W> result(rows * columns, 1);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < inner; ++i) {
      add_scaled_words(b.component[0].data() + i * columns, a.component[0][row * inner + i],
                       result.component[0].data() + row * columns, columns);
    }
  }
  return result;
}

template <RingWord W>
Shared<W> Plaintext::truncate(const Shared<W>& a, int bits) {
  COHORTIUM_CHECK(bits >= 1 && bits <= bits_of<W> - 2);
  using Signed = std::conditional_t<sizeof(W) == 8, std::int64_t, i128>;
  Shared<W> result(a.size, 1);
  const W half = W{1} << (bits - 1);
  for (std::size_t i = 0; i < a.size; ++i) {
    result.component[0][i] = static_cast<W>(static_cast<Signed>(a.component[0][i] + half) >> bits);
  }
  return result;
}

template <RingWord W>
std::vector<SharedBits> Plaintext::to_bits(const Shared<W>& a, int count) {
  std::vector<SharedBits> planes;
  for (int j = 0; j < count; ++j) planes.push_back(bit(a, j));
  return planes;
}

template <RingWord W>
SharedBits Plaintext::bit(const Shared<W>& a, int position) {
  COHORTIUM_CHECK(position >= 0 && position < bits_of<W>);
  SharedBits result(a.size, 1);
  result.component[0] = to_plane(std::span<const W>(a.component[0]), position);
  return result;
}

template <RingWord W>
SharedBits Plaintext::is_zero(const Shared<W>& a, int count) {
  COHORTIUM_CHECK(count >= 1 && count <= bits_of<W>);
  SharedBits result(a.size, 1);
  for (std::size_t i = 0; i < a.size; ++i) {
    const W low = static_cast<W>(a.component[0][i] << (bits_of<W> - count));
    result.component[0][i / 64] |= static_cast<u64>(low == 0) << (i % 64);
  }
  return result;
}

template <RingWord W>
Shared<W> Plaintext::from_bit(const SharedBits& bits) {
  Shared<W> result(bits.size, 1);
  for (std::size_t i = 0; i < bits.size; ++i) result.component[0][i] = bits.component[0][i / 64] >> (i % 64) & 1;
  return result;
}

template <RingWord W>
Shared<W> Plaintext::random(std::size_t count) {
  Shared<W> result(count, 1);
  generator_.fill(writable_bytes_of(result.component[0]));
  return result;
}

template <RingWord W>
Shared<W> Plaintext::multiply_truncate(const Shared<W>& a, const Shared<W>& b, int bits) {
  return truncate(multiply(a, b), bits);
}

template <RingWord W>
Shared<W> Plaintext::dot_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t length, int bits) {
  return truncate(dot(a, b, length), bits);
}

template <RingWord W>
Shared<W> Plaintext::matrix_product_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t rows,
                                             std::size_t inner, std::size_t columns, int bits) {
  return truncate(matrix_product(a, b, rows, inner, columns), bits);
}

template <RingWord W>
Shared<W> Plaintext::from_bits(std::span<const SharedBits> planes) {
  COHORTIUM_CHECK(!planes.empty() && planes.size() <= bits_of<W>);
  Shared<W> result(planes[0].size, 1);
  for (std::size_t j = 0; j < planes.size(); ++j) result = add(result, scale(from_bit<W>(planes[j]), W{1} << j));
  return result;
}

template <RingWord W>
Shared<W> Plaintext::keep_where(const SharedBits& bit, const Shared<W>& a) {
  return multiply(from_bit<W>(bit), a);
}

template <RingWord W>
Shared<W> Plaintext::permute(const SecretPermutation& p, const Shared<W>& columns, Direction direction) {
  Shared<W> result(columns.size, 1);
  move_columns(std::span<const std::uint32_t>(p.part[0]), direction, std::span<const W>(columns.component[0]),
               std::span<W>(result.component[0]));
  return result;
}

SecretPermutation Plaintext::random_permutation(std::size_t size) {
  return {.size = size, .part = {draw_permutation(generator_, size), {}}};
}

std::vector<SharedBits> Plaintext::permute_bits(const SecretPermutation& p, std::span<const SharedBits> columns,
                                                Direction direction) {
  std::vector<SharedBits> result;
  for (const SharedBits& column : columns) {
    COHORTIUM_CHECK(column.size == p.size);
    SharedBits& moved = result.emplace_back(p.size, 1);
    move_bits(p.part[0], direction, column.component[0], moved.component[0]);
  }
  return result;
}

SharedBits Plaintext::constant_bits(std::span<const u64> words, std::size_t count) {
  SharedBits result(count, 1);
  COHORTIUM_CHECK(words.size() == result.words());
  result.component[0].assign(words.begin(), words.end());
  return result;
}

SharedBits Plaintext::share_bits(PartyId owner, std::span<const u64> words, std::size_t count) {
  COHORTIUM_CHECK(owner == 0);
  return constant_bits(words, count);
}

std::vector<u64> Plaintext::open_bits(const SharedBits& a) {
  std::vector<u64> words(a.component[0].begin(), a.component[0].end());
  if (!words.empty()) words.back() &= last_word_mask(a.size);
  return words;
}

SharedBits Plaintext::and_bits(const SharedBits& a, const SharedBits& b) {
  COHORTIUM_CHECK(a.size == b.size);
  SharedBits result(a.size, 1);
  and_words(a.component[0].data(), b.component[0].data(), result.component[0].data(), a.words());
  return result;
}

SharedBits Plaintext::not_bits(const SharedBits& a) {
  SharedBits result = a;
  for (u64& word : result.component[0]) word = ~word;
  return result;
}

SharedBits Plaintext::random_bits(std::size_t count) {
  SharedBits result(count, 1);
  generator_.fill(writable_bytes_of(result.component[0]));
  return result;
}

Shared<u128> Plaintext::adopt(std::span<const std::byte> part, std::size_t count) {
  check_bundle_size(part.size(), count * sizeof(u128));
  Shared<u128> result(count, 1);
  if (count > 0) std::memcpy(result.component[0].data(), part.data(), part.size());
  return result;
}

#define COHORTIUM_FOR_RING(W)                                                                                         \
  template Shared<W> Plaintext::constant(std::span<const W>);                                                         \
  template Shared<W> Plaintext::share(PartyId, std::span<const W>, std::size_t);                                      \
  template std::vector<W> Plaintext::open(const Shared<W>&);                                                          \
  template std::optional<std::vector<W>> Plaintext::open_to(PartyId, const Shared<W>&);                               \
  template Shared<W> Plaintext::multiply(const Shared<W>&, const Shared<W>&);                                         \
  template Shared<W> Plaintext::dot(const Shared<W>&, const Shared<W>&, std::size_t);                                 \
  template Shared<W> Plaintext::matrix_product(const Shared<W>&, const Shared<W>&, std::size_t, std::size_t,          \
                                               std::size_t);                                                          \
  template Shared<W> Plaintext::truncate(const Shared<W>&, int);                                                      \
  template std::vector<SharedBits> Plaintext::to_bits(const Shared<W>&, int);                                         \
  template SharedBits Plaintext::bit(const Shared<W>&, int);                                                          \
  template SharedBits Plaintext::is_zero(const Shared<W>&, int);                                                      \
  template Shared<W> Plaintext::from_bit(const SharedBits&);                                                          \
  template Shared<W> Plaintext::multiply_truncate(const Shared<W>&, const Shared<W>&, int);                           \
  template Shared<W> Plaintext::dot_truncate(const Shared<W>&, const Shared<W>&, std::size_t, int);                   \
  template Shared<W> Plaintext::matrix_product_truncate(const Shared<W>&, const Shared<W>&, std::size_t, std::size_t, \
                                                        std::size_t, int);                                            \
  template Shared<W> Plaintext::from_bits(std::span<const SharedBits>);                                               \
  template Shared<W> Plaintext::keep_where(const SharedBits&, const Shared<W>&);                                      \
  template Shared<W> Plaintext::permute(const SecretPermutation&, const Shared<W>&, Direction);                       \
  template Shared<W> Plaintext::random(std::size_t);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
