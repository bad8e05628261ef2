// Claims that are cut before they are held anywhere: their vectors are written out a stretch at a time, which stays in the
// first-level cache, from what they are made of. What a cut into eight leaves is an eighth.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "mpc/replicated3_malicious/inner_product_proof.h"

namespace cohortium::mpc {

// A vector, one segment after the other.
template <class Field>
class WrittenVector {
 public:
  // Writes elements [from, from + count) of a segment.
  using Write = std::function<void(std::size_t from, std::size_t count, Field* out)>;

  void append(std::size_t count, Write write) {
    if (count == 0) return;
    segments_.push_back({size_, std::move(write)});
    size_ += count;
  }
  void append(Buffer<Field> elements) {
    const std::size_t count = elements.size();
    append(count, [held = std::move(elements)](std::size_t from, std::size_t n, Field* out) {
      std::copy_n(held.data() + from, n, out);
    });
  }
  std::size_t size() const { return size_; }

  void write(std::size_t from, std::size_t count, Field* out) const {
    auto segment = std::upper_bound(segments_.begin(), segments_.end(), from,
                                    [](std::size_t at, const Segment& s) { return at < s.begin; });
    for (--segment; count > 0; ++segment) {
      const std::size_t end = segment + 1 == segments_.end() ? size_ : (segment + 1)->begin;
      const std::size_t some = std::min(count, end - from);
      segment->write(from - segment->begin, some, out);
      from += some, out += some, count -= some;
    }
  }

 private:
  struct Segment {
    std::size_t begin;
    Write write;
  };
  std::vector<Segment> segments_;
  std::size_t size_ = 0;
};

// As Claims.
template <class Field>
struct WrittenClaims {
  WrittenVector<Field> own_left, own_right, next_left, previous_right;
  Field next_summand{}, previous_summand{};
};

// The pieces of a vector: of every eight stretches of it, the first is the first piece's, and so on. So all pieces of a
// stretch lie side by side.
inline constexpr std::size_t first_pieces = 8, stretch = 128;
inline constexpr std::size_t worth_a_first_cut = 8192;  // elements, and less is written out whole
inline std::size_t stretches_of(std::size_t size) {
  return (size + first_pieces * stretch - 1) / (first_pieces * stretch);
}

// A stretch of all pieces, zero behind the end.
template <class Field>
void write_pieces(const WrittenVector<Field>& vector, std::size_t number, Buffer<Field>& out) {
  out.resize(first_pieces * stretch);
  const std::size_t from = number * out.size(), some = std::min(out.size(), vector.size() - from);
  vector.write(from, some, out.data());
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(some), out.end(), Field{});
}

// The inner products of all pairs of pieces.
template <class Field>
std::vector<Field> pairs_of(const WrittenVector<Field>& left, const WrittenVector<Field>& right) {
  constexpr std::size_t k = first_pieces;
  Buffer<Field> lefts, rights;
  std::vector<typename Field::Sum> inner(k * k);
  for (std::size_t number = 0; number < stretches_of(left.size()); ++number) {
    write_pieces(left, number, lefts);
    write_pieces(right, number, rights);
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j) {
        inner[i * k + j].add(lefts.data() + i * stretch, rights.data() + j * stretch, stretch);
      }
    }
  }
  std::vector<Field> pairs;
  for (const auto& sum : inner) pairs.push_back(sum.value());
  return pairs;
}

template <class Field>
Buffer<Field> folded(const WrittenVector<Field>& vector, const std::vector<Field>& factors) {
  Buffer<Field> result(stretch * stretches_of(vector.size())), pieces;
  for (std::size_t number = 0; number < stretches_of(vector.size()); ++number) {
    write_pieces(vector, number, pieces);
    Field::combine(pieces.data(), pieces.size(), stretch, factors.data(), first_pieces,
                   result.data() + number * stretch);
  }
  return result;
}

// The claims, in an eighth of their length where they were long.
template <class Field>
Claims<Field> first_cut(VerifierPair& parties, const WrittenClaims<Field>& given) {
  Claims<Field> claims;
  claims.next_summand = given.next_summand;
  claims.previous_summand = given.previous_summand;
  const std::size_t size = given.own_left.size();
  if (size <= worth_a_first_cut) {
    claims.size = size;
    const auto whole = [size](const WrittenVector<Field>& vector) {
      Buffer<Field> elements(size);
      vector.write(0, size, elements.data());
      return elements;
    };
    claims.own_left = whole(given.own_left);
    claims.own_right = whole(given.own_right);
    claims.next_left = whole(given.next_left);
    claims.previous_right = whole(given.previous_right);
    return claims;
  }
  claims.size = stretch * stretches_of(size);
  const std::vector<Field> pairs = pairs_of(given.own_left, given.own_right);
  const Factors<Field> factors = cut(parties, std::span<const Field>(pairs), first_pieces, claims);
  claims.own_left = folded(given.own_left, factors.own);
  claims.own_right = folded(given.own_right, factors.own);
  claims.next_left = folded(given.next_left, factors.next);
  claims.previous_right = folded(given.previous_right, factors.previous);
  return claims;
}

template <class Field>
Cost written_proof_cost(std::size_t size) {
  if (size <= worth_a_first_cut) return proof_cost<Field>(size);
  Cost cost = cut_cost<Field>(first_pieces);
  return cost += proof_cost<Field>(stretch * stretches_of(size));
}

}  // namespace cohortium::mpc
