// Linear operations: the same loop over every component a party holds.
#include "mpc/shared.h"

#include <algorithm>
#include <ostream>

#include "base/error.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

void check_components(int components) { COHORTIUM_CHECK(components >= 0 && components <= max_components); }

template <class Part>
void check_alike(const Part& a, const Part& b) {
  COHORTIUM_CHECK(a.size == b.size && a.components == b.components);
}

// A vector of `size` elements whose component c is made by body(c, destination).
template <RingWord W, class Body>
Shared<W> by_component(std::size_t size, int components, Body body) {
  Shared<W> result = Shared<W>::uninitialised(size, components);
  for (int c = 0; c < components; ++c) body(c, result.component[c].data());
  return result;
}

// ORs `count` bits of `source`, from bit `from` on, into the zeroed bits of `target` from bit `at` on.
void place_bits(const Buffer<u64>& source, std::size_t from, std::size_t count, Buffer<u64>& target, std::size_t at) {
  for (std::size_t done = 0; done < count; done += 64) {
    const std::size_t word = (from + done) / 64, shift = (from + done) % 64;
    u64 value = source[word] >> shift;
    if (shift != 0 && word + 1 < source.size()) value |= source[word + 1] << (64 - shift);
    if (count - done < 64) value &= (u64{1} << (count - done)) - 1;
    const std::size_t to = (at + done) / 64, to_shift = (at + done) % 64;
    target[to] |= value << to_shift;
    if (to_shift != 0 && to + 1 < target.size()) target[to + 1] |= value >> (64 - to_shift);
  }
}

}  // namespace

template <RingWord W>
Shared<W>::Shared(std::size_t elements, int component_count) : size(elements), components(component_count) {
  check_components(component_count);
  for (int c = 0; c < components; ++c) component[c].assign(size, 0);
}

template <RingWord W>
Shared<W> Shared<W>::uninitialised(std::size_t elements, int component_count) {
  check_components(component_count);
  Shared result;
  result.size = elements;
  result.components = component_count;
  for (int c = 0; c < component_count; ++c) result.component[c].resize(elements);
  return result;
}

SharedBits::SharedBits(std::size_t elements, int component_count) : size(elements), components(component_count) {
  check_components(component_count);
  for (int c = 0; c < components; ++c) component[c].assign(words(), 0);
}

SharedBits SharedBits::uninitialised(std::size_t elements, int component_count) {
  check_components(component_count);
  SharedBits result;
  result.size = elements;
  result.components = component_count;
  for (int c = 0; c < component_count; ++c) result.component[c].resize(result.words());
  return result;
}

template <RingWord W>
std::ostream& operator<<(std::ostream& out, const Shared<W>&) {
  return out << "<secret>";
}
std::ostream& operator<<(std::ostream& out, const SharedBits&) { return out << "<secret>"; }

template <RingWord W>
Shared<W> add(const Shared<W>& a, const Shared<W>& b) {
  check_alike(a, b);
  return by_component<W>(a.size, a.components,
                         [&](int c, W* out) { add_words(a.component[c].data(), b.component[c].data(), out, a.size); });
}

template <RingWord W>
Shared<W> subtract(const Shared<W>& a, const Shared<W>& b) {
  check_alike(a, b);
  return by_component<W>(a.size, a.components, [&](int c, W* out) {
    subtract_words(a.component[c].data(), b.component[c].data(), out, a.size);
  });
}

template <RingWord W>
Shared<W> negate(const Shared<W>& a) {
  return scale(a, static_cast<W>(-1));
}

template <RingWord W>
Shared<W> scale(const Shared<W>& a, W factor) {
  return by_component<W>(a.size, a.components,
                         [&](int c, W* out) { scale_words(a.component[c].data(), factor, out, a.size); });
}

template <RingWord W>
Shared<W> multiply_public(const Shared<W>& a, std::span<const W> factors) {
  COHORTIUM_CHECK(a.size == factors.size());
  return by_component<W>(a.size, a.components,
                         [&](int c, W* out) { multiply_words(a.component[c].data(), factors.data(), out, a.size); });
}

template <RingWord W>
Shared<W> slice(const Shared<W>& a, std::size_t from, std::size_t count) {
  COHORTIUM_CHECK(from <= a.size && count <= a.size - from);
  return by_component<W>(count, a.components,
                         [&](int c, W* out) { std::copy_n(a.component[c].begin() + from, count, out); });
}

template <RingWord W>
Shared<W> concatenate(std::span<const Shared<W>> parts) {
  COHORTIUM_CHECK(!parts.empty());
  std::size_t size = 0;
  for (const auto& part : parts) {
    COHORTIUM_CHECK(part.components == parts[0].components);
    size += part.size;
  }
  return by_component<W>(size, parts[0].components, [&](int c, W* out) {
    for (const auto& part : parts) out = std::copy(part.component[c].begin(), part.component[c].end(), out);
  });
}

template <RingWord W>
Shared<W> gather(const Shared<W>& a, std::span<const std::size_t> indices) {
  for (std::size_t index : indices) COHORTIUM_CHECK(index < a.size);
  return by_component<W>(indices.size(), a.components, [&](int c, W* out) {
    for (std::size_t index : indices) *out++ = a.component[c][index];
  });
}

template <RingWord W>
Shared<W> repeat(const Shared<W>& a, std::size_t times) {
  return by_component<W>(a.size * times, a.components, [&](int c, W* out) {
    for (W value : a.component[c]) out = std::fill_n(out, times, value);
  });
}

template <RingWord W>
Shared<W> tile(const Shared<W>& a, std::size_t times) {
  return by_component<W>(a.size * times, a.components, [&](int c, W* out) {
    for (std::size_t t = 0; t < times; ++t) out = std::copy(a.component[c].begin(), a.component[c].end(), out);
  });
}

template <RingWord W>
Shared<W> reverse(const Shared<W>& a) {
  return by_component<W>(a.size, a.components,
                         [&](int c, W* out) { std::reverse_copy(a.component[c].begin(), a.component[c].end(), out); });
}

template <RingWord W>
Shared<W> sum_blocks(const Shared<W>& a, std::size_t length) {
  COHORTIUM_CHECK(length > 0 && a.size % length == 0);
  return by_component<W>(a.size / length, a.components, [&](int c, W* out) {
    for (std::size_t from = 0; from < a.size; from += length) {
      W sum = 0;
      for (std::size_t i = 0; i < length; ++i) sum += a.component[c][from + i];
      *out++ = sum;
    }
  });
}

template <RingWord W>
Shared<W> prefix_sum_blocks(const Shared<W>& a, std::size_t length) {
  COHORTIUM_CHECK(length > 0 && a.size % length == 0);
  return by_component<W>(a.size, a.components, [&](int c, W* out) {
    for (std::size_t from = 0; from < a.size; from += length) {
      W sum = 0;
      for (std::size_t i = 0; i < length; ++i) *out++ = sum += a.component[c][from + i];
    }
  });
}

Shared<u64> narrow(const Shared<u128>& a) {
  return by_component<u64>(a.size, a.components, [&](int c, u64* out) {
    std::transform(a.component[c].begin(), a.component[c].end(), out, [](u128 v) { return static_cast<u64>(v); });
  });
}

SharedBits exclusive_or(const SharedBits& a, const SharedBits& b) {
  check_alike(a, b);
  SharedBits result = SharedBits::uninitialised(a.size, a.components);
  for (int c = 0; c < a.components; ++c) {
    xor_words(a.component[c].data(), b.component[c].data(), result.component[c].data(), a.words());
  }
  return result;
}

SharedBits slice(const SharedBits& a, std::size_t from, std::size_t count) {
  COHORTIUM_CHECK(from <= a.size && count <= a.size - from);
  SharedBits result(count, a.components);
  for (int c = 0; c < a.components; ++c) place_bits(a.component[c], from, count, result.component[c], 0);
  return result;
}

SharedBits concatenate(std::span<const SharedBits> parts) {
  COHORTIUM_CHECK(!parts.empty());
  std::size_t size = 0;
  for (const auto& part : parts) {
    COHORTIUM_CHECK(part.components == parts[0].components);
    size += part.size;
  }
  SharedBits result(size, parts[0].components);
  for (int c = 0; c < result.components; ++c) {
    std::size_t at = 0;
    for (const auto& part : parts) {
      place_bits(part.component[c], 0, part.size, result.component[c], at);
      at += part.size;
    }
  }
  return result;
}

SharedBits gather(const SharedBits& a, std::span<const std::size_t> indices) {
  for (std::size_t index : indices) COHORTIUM_CHECK(index < a.size);
  SharedBits result(indices.size(), a.components);
  for (int c = 0; c < a.components; ++c) {
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const u64 bit = a.component[c][indices[i] / 64] >> (indices[i] % 64) & 1;
      result.component[c][i / 64] |= bit << (i % 64);
    }
  }
  return result;
}

#define COHORTIUM_FOR_RING(W)                                                \
  template struct Shared<W>;                                                 \
  template std::ostream& operator<<(std::ostream&, const Shared<W>&);        \
  template Shared<W> add(const Shared<W>&, const Shared<W>&);                \
  template Shared<W> subtract(const Shared<W>&, const Shared<W>&);           \
  template Shared<W> negate(const Shared<W>&);                               \
  template Shared<W> scale(const Shared<W>&, W);                             \
  template Shared<W> multiply_public(const Shared<W>&, std::span<const W>);  \
  template Shared<W> slice(const Shared<W>&, std::size_t, std::size_t);      \
  template Shared<W> concatenate(std::span<const Shared<W>>);                \
  template Shared<W> gather(const Shared<W>&, std::span<const std::size_t>); \
  template Shared<W> repeat(const Shared<W>&, std::size_t);                  \
  template Shared<W> tile(const Shared<W>&, std::size_t);                    \
  template Shared<W> reverse(const Shared<W>&);                              \
  template Shared<W> sum_blocks(const Shared<W>&, std::size_t);              \
  template Shared<W> prefix_sum_blocks(const Shared<W>&, std::size_t);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
