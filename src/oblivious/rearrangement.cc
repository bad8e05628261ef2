#include "oblivious/rearrangement.h"

#include <numeric>
#include <span>

#include "base/error.h"

namespace cohortium::oblivious {
namespace {

using mpc::Direction;

std::vector<std::uint32_t> identity(std::size_t size) {
  std::vector<std::uint32_t> order(size);
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  return order;
}

// The inverse of what was opened. A cost forecast opens nothing (its vectors have no components) and goes on with the
// identity.
std::vector<std::uint32_t> inverse_of_opened(const std::vector<u64>& opened, int components) {
  if (components == 0) return identity(opened.size());
  constexpr std::uint32_t absent = ~std::uint32_t{0};
  std::vector<std::uint32_t> inverse(opened.size(), absent);
  for (std::size_t i = 0; i < opened.size(); ++i) {
    if (opened[i] >= opened.size() || inverse[opened[i]] != absent) {
      throw Failure({.code = "oblivious.not_a_permutation",
                     .message = "what should have been a permutation of rows is none",
                     .remedy = "report it, with the version and the study: either the program or a compute party is at "
                               "fault; the run ended before anything was released"});
    }
    inverse[opened[i]] = static_cast<std::uint32_t>(i);
  }
  return inverse;
}

// One call to permute for all columns of a kind.
template <RingWord W>
std::vector<Shared<W>> permute_all(Engine& engine, const mpc::SecretPermutation& p,
                                   const std::vector<Shared<W>>& columns, Direction direction) {
  if (columns.empty()) return {};
  if (columns.size() == 1) return {engine.permute(p, columns[0], direction)};
  const Shared<W> moved = engine.permute(p, mpc::concatenate(std::span<const Shared<W>>(columns)), direction);
  std::vector<Shared<W>> result;
  for (std::size_t i = 0; i < columns.size(); ++i) result.push_back(mpc::slice(moved, i * p.size, p.size));
  return result;
}

std::vector<SharedBits> permute_all(Engine& engine, const mpc::SecretPermutation& p,
                                    const std::vector<SharedBits>& columns, Direction direction) {
  if (columns.empty()) return {};
  return engine.permute_bits(p, columns, direction);
}

template <class Column>
std::vector<Column> apply_all(Engine& engine, const Rearrangement& r, const std::vector<Column>& columns) {
  for (const Column& column : columns) COHORTIUM_CHECK(column.size == r.size());
  std::vector<Column> result;
  if (r.undone) {
    for (const Column& column : columns) result.push_back(scatter(column, r.order));
    return permute_all(engine, r.shuffle, result, Direction::kBackwards);
  }
  for (const Column& column : permute_all(engine, r.shuffle, columns, Direction::kForwards)) {
    result.push_back(gather(column, r.order));
  }
  return result;
}

}  // namespace

Rearrangement random_rearrangement(Engine& engine, std::size_t size) {
  return {.shuffle = engine.random_permutation(size), .order = identity(size)};
}

Rearrangement from_destinations(Engine& engine, const Shared<u64>& destinations) {
  Rearrangement result = {.shuffle = engine.random_permutation(destinations.size), .order = {}};
  const Shared<u64> shuffled = engine.permute(result.shuffle, destinations, Direction::kForwards);
  result.order = inverse_of_opened(engine.open(shuffled), shuffled.components);
  return result;
}

Rearrangement from_sources(Engine& engine, const Shared<u64>& sources) {
  return inverse(from_destinations(engine, sources));
}

Rearrangement inverse(Rearrangement rearrangement) {
  rearrangement.undone = !rearrangement.undone;
  return rearrangement;
}

Rearrangement compose(Engine& engine, const Rearrangement& first, const Rearrangement& second) {
  COHORTIUM_CHECK(first.size() == second.size());
  const Shared<u64> sources = apply(engine, first, row_numbers<u64>(engine, first.size()));
  return from_sources(engine, apply(engine, second, sources));
}

template <RingWord W>
Shared<W> apply(Engine& engine, const Rearrangement& rearrangement, const Shared<W>& column) {
  return std::move(apply_all(engine, rearrangement, std::vector<Shared<W>>{column})[0]);
}

SharedBits apply(Engine& engine, const Rearrangement& rearrangement, const SharedBits& column) {
  return std::move(apply_all(engine, rearrangement, std::vector<SharedBits>{column})[0]);
}

Columns apply(Engine& engine, const Rearrangement& rearrangement, const Columns& columns) {
  return {.words = apply_all(engine, rearrangement, columns.words),
          .wide = apply_all(engine, rearrangement, columns.wide),
          .bits = apply_all(engine, rearrangement, columns.bits)};
}

template Shared<u64> apply(Engine&, const Rearrangement&, const Shared<u64>&);
template Shared<u128> apply(Engine&, const Rearrangement&, const Shared<u128>&);

}  // namespace cohortium::oblivious
