// The four components of a vector under replicated4 by their number, and groups of words. Component c is what party c
// lacks and the other three hold; at party c it is null.
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include "base/buffer.h"
#include "mpc/engine.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {

inline constexpr PartyId four = 4;

template <class Word>
class View {
 public:
  View() = default;
  explicit View(const std::array<Word*, four>& component) : component_(component) {}

  Word* operator[](PartyId component) const { return component_[component]; }
  View from(std::size_t offset) const {
    View moved = *this;
    for (Word*& component : moved.component_) {
      if (component != nullptr) component += offset;
    }
    return moved;
  }
  operator View<const Word>() const  // NOLINT(google-explicit-constructor): whoever may write may read
      requires(!std::is_const_v<Word>) {
    return View<const Word>({component_[0], component_[1], component_[2], component_[3]});
  }

 private:
  std::array<Word*, four> component_{};
};

// Of a Shared or SharedBits, which holds component self + 1 + k at place k.
template <class Vector>
auto view_of(PartyId self, Vector& vector) {
  using Word = std::remove_pointer_t<decltype(vector.component[0].data())>;
  std::array<Word*, four> component{};
  for (int k = 0; k < four - 1; ++k) component[(self + 1 + k) % four] = vector.component[k].data();
  return View<Word>(component);
}

// Components that live while a kernel runs; unspecified at first.
template <class Word>
class HeldComponents {
 public:
  HeldComponents(PartyId self, std::size_t count) {
    for (PartyId c = 0; c < four; ++c) {
      if (c != self) component_[c].resize(count);
    }
  }
  // A copy.
  HeldComponents(PartyId self, View<const Word> from, std::size_t count) {
    for (PartyId c = 0; c < four; ++c) {
      if (c != self) component_[c].assign(from[c], from[c] + count);
    }
  }
  View<Word> view() { return View<Word>(pointers<Word>(component_)); }
  View<const Word> view() const { return View<const Word>(pointers<const Word>(component_)); }

 private:
  template <class To, class Buffers>
  static std::array<To*, four> pointers(Buffers& buffers) {
    std::array<To*, four> result{};
    for (PartyId c = 0; c < four; ++c) result[c] = buffers[c].empty() ? nullptr : buffers[c].data();
    return result;
  }

  std::array<Buffer<Word>, four> component_;
};

// Words added modulo a power of two, or bit by bit.
template <class W>
struct Sums {
  using Word = W;
  static void add(const W* a, W* to, std::size_t n) {
    if constexpr (RingWord<W>) {
      add_words(to, a, to, n);
    } else {
      for (std::size_t i = 0; i < n; ++i) to[i] = static_cast<W>(to[i] + a[i]);
    }
  }
  static void subtract(const W* a, W* from, std::size_t n) {
    if constexpr (RingWord<W>) {
      subtract_words(from, a, from, n);
    } else {
      for (std::size_t i = 0; i < n; ++i) from[i] = static_cast<W>(from[i] - a[i]);
    }
  }
};
struct Bits {
  using Word = u64;
  static void add(const u64* a, u64* to, std::size_t n) { xor_words(to, a, to, n); }
  static void subtract(const u64* a, u64* from, std::size_t n) { xor_words(from, a, from, n); }
};

}  // namespace cohortium::mpc
