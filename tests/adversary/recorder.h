// A protocol that writes down what each kernel was given and what it gave, at one party: the shares, what was opened, and
// the public parameters. Afterwards judge() (judge.h) looks at the honest parties' notes together.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "mpc/engine.h"
#include "mpc/session.h"

namespace cohortium::adversary {

using mpc::PartyId;
using mpc::RingWord;
using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

// A shared vector at one party, element by element; bits as elements modulo 2.
struct NotedVector {
  int ring_bits = 0;
  std::vector<std::vector<u128>> component;  // by place
};

struct Note {
  std::string kernel;
  std::vector<std::size_t> parameters;
  std::vector<NotedVector> given, made;
  std::optional<std::vector<u128>> clear;  // what this party shared, or learnt
};

struct Notes {
  std::vector<Note> calls;
  // Of a cheat: the call whose result it falsifies in its own memory, to go on with the wrong shares.
  std::optional<std::size_t> falsified;
};

template <RingWord W>
NotedVector noted(const Shared<W>& a) {
  NotedVector vector{.ring_bits = mpc::bits_of<W>, .component = {}};
  for (int c = 0; c < a.components; ++c) vector.component.emplace_back(a.component[c].begin(), a.component[c].end());
  return vector;
}
inline NotedVector noted(const SharedBits& a) {
  NotedVector vector{.ring_bits = 1, .component = {}};
  for (int c = 0; c < a.components; ++c) {
    auto& bits = vector.component.emplace_back();
    for (std::size_t i = 0; i < a.size; ++i) bits.push_back(a.component[c][i / 64] >> (i % 64) & 1);
  }
  return vector;
}
template <class W>
std::vector<u128> widened(std::span<const W> values) {
  return {values.begin(), values.end()};
}
inline std::vector<u128> widened_bits(std::span<const u64> words, std::size_t size) {
  std::vector<u128> bits;
  for (std::size_t i = 0; i < size; ++i) bits.push_back(words[i / 64] >> (i % 64) & 1);
  return bits;
}

template <class Protocol>
class Recorder : public Protocol {
 public:
  Recorder(mpc::Session& session, Notes& notes) : Protocol(session), notes_(notes) {}

  template <RingWord W>
  Shared<W> share(PartyId owner, std::span<const W> values, std::size_t count) {
    Note note{"share", {static_cast<std::size_t>(owner)}, {}, {}, {}};
    if (this->self() == owner) note.clear = widened(values);
    return add(std::move(note), Protocol::share(owner, values, count));
  }
  SharedBits share_bits(PartyId owner, std::span<const u64> words, std::size_t count) {
    Note note{"share", {static_cast<std::size_t>(owner)}, {}, {}, {}};
    if (this->self() == owner) note.clear = widened_bits(words, count);
    return add(std::move(note), Protocol::share_bits(owner, words, count));
  }
  template <RingWord W>
  std::vector<W> open(const Shared<W>& a) {
    auto values = Protocol::open(a);
    notes_.calls.push_back({"open", {}, {noted(a)}, {}, widened(std::span<const W>(values))});
    return values;
  }
  template <RingWord W>
  std::optional<std::vector<W>> open_to(PartyId receiver, const Shared<W>& a) {
    auto values = Protocol::open_to(receiver, a);
    Note note{"open", {}, {noted(a)}, {}, {}};
    if (values) note.clear = widened(std::span<const W>(*values));
    notes_.calls.push_back(std::move(note));
    return values;
  }
  std::vector<u64> open_bits(const SharedBits& a) {
    auto words = Protocol::open_bits(a);
    notes_.calls.push_back({"open", {}, {noted(a)}, {}, widened_bits(words, a.size)});
    return words;
  }
  std::vector<u64> open_coins(const SharedBits& a) { return open_bits(a); }
  template <RingWord W>
  Shared<W> multiply(const Shared<W>& a, const Shared<W>& b) {
    return add({"dot", {1}, {noted(a), noted(b)}, {}, {}}, Protocol::multiply(a, b));
  }
  template <RingWord W>
  Shared<W> dot(const Shared<W>& a, const Shared<W>& b, std::size_t length) {
    return add({"dot", {length}, {noted(a), noted(b)}, {}, {}}, Protocol::dot(a, b, length));
  }
  template <RingWord W>
  Shared<W> matrix_product(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                           std::size_t columns) {
    return add({"matrix_product", {rows, inner, columns}, {noted(a), noted(b)}, {}, {}},
               Protocol::matrix_product(a, b, rows, inner, columns));
  }
  template <RingWord W>
  Shared<W> truncate(const Shared<W>& a, int bits) {
    return add({"truncate", {static_cast<std::size_t>(bits)}, {noted(a)}, {}, {}}, Protocol::truncate(a, bits));
  }
  template <RingWord W>
  Shared<W> multiply_truncate(const Shared<W>& a, const Shared<W>& b, int bits) {
    return add({"dot_truncate", {1, static_cast<std::size_t>(bits)}, {noted(a), noted(b)}, {}, {}},
               Protocol::multiply_truncate(a, b, bits));
  }
  template <RingWord W>
  Shared<W> dot_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t length, int bits) {
    return add({"dot_truncate", {length, static_cast<std::size_t>(bits)}, {noted(a), noted(b)}, {}, {}},
               Protocol::dot_truncate(a, b, length, bits));
  }
  template <RingWord W>
  Shared<W> matrix_product_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                    std::size_t columns, int bits) {
    return add({"matrix_product_truncate",
                {rows, inner, columns, static_cast<std::size_t>(bits)},
                {noted(a), noted(b)},
                {},
                {}},
               Protocol::matrix_product_truncate(a, b, rows, inner, columns, bits));
  }
  template <RingWord W>
  std::vector<SharedBits> to_bits(const Shared<W>& a, int count) {
    return add_all({"to_bits", {}, {noted(a)}, {}, {}}, Protocol::to_bits(a, count));
  }
  template <RingWord W>
  SharedBits bit(const Shared<W>& a, int position) {
    return add({"bit", {static_cast<std::size_t>(position)}, {noted(a)}, {}, {}}, Protocol::bit(a, position));
  }
  template <RingWord W>
  SharedBits is_zero(const Shared<W>& a, int count) {
    return add({"is_zero", {static_cast<std::size_t>(count)}, {noted(a)}, {}, {}}, Protocol::is_zero(a, count));
  }
  template <RingWord W>
  Shared<W> from_bit(const SharedBits& bits) {
    return add({"from_bits", {}, {noted(bits)}, {}, {}}, Protocol::template from_bit<W>(bits));
  }
  template <RingWord W>
  Shared<W> from_bits(std::span<const SharedBits> planes) {
    Note note{"from_bits", {}, {}, {}, {}};
    for (const SharedBits& plane : planes) note.given.push_back(noted(plane));
    return add(std::move(note), Protocol::template from_bits<W>(planes));
  }
  template <RingWord W>
  Shared<W> keep_where(const SharedBits& bit, const Shared<W>& a) {
    return add({"dot", {1}, {noted(bit), noted(a)}, {}, {}}, Protocol::keep_where(bit, a));
  }
  SharedBits and_bits(const SharedBits& a, const SharedBits& b) {
    return add({"dot", {1}, {noted(a), noted(b)}, {}, {}}, Protocol::and_bits(a, b));
  }
  template <RingWord W>
  Shared<W> permute(const mpc::SecretPermutation& p, const Shared<W>& columns, mpc::Direction direction) {
    return add({"permute", {p.size}, {noted(columns)}, {}, {}}, Protocol::permute(p, columns, direction));
  }
  std::vector<SharedBits> permute_bits(const mpc::SecretPermutation& p, std::span<const SharedBits> columns,
                                       mpc::Direction direction) {
    Note note{"permute", {p.size}, {}, {}, {}};
    for (const SharedBits& column : columns) note.given.push_back(noted(column));
    return add_all(std::move(note), Protocol::permute_bits(p, columns, direction));
  }
  Shared<u128> adopt(std::span<const std::byte> part, std::size_t count) {
    return add({"adopt", {}, {}, {}, {}}, Protocol::adopt(part, count));
  }

 private:
  template <class Vector>
  Vector add(Note note, Vector result) {
    falsify(result);
    note.made.push_back(noted(result));
    notes_.calls.push_back(std::move(note));
    return result;
  }
  std::vector<SharedBits> add_all(Note note, std::vector<SharedBits> results) {
    if (!results.empty()) falsify(results[0]);
    for (const SharedBits& result : results) note.made.push_back(noted(result));
    notes_.calls.push_back(std::move(note));
    return results;
  }
  template <class Vector>
  void falsify(Vector& result) {
    if (notes_.falsified != notes_.calls.size() || result.size == 0) return;
    result.component[0][0] ^= 1;
  }

  Notes& notes_;
};

}  // namespace cohortium::adversary
