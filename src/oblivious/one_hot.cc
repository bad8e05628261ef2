#include "oblivious/one_hot.h"

#include <span>

#include "base/error.h"
#include "oblivious/boolean.h"

namespace cohortium::oblivious {
namespace {

// Products of all subsets of the planes (subset S: bit j of S set, plane j in it), but for the empty one. Products of
// the lower half and of the upper half of the planes are formed first, side by side; then each with each.
std::vector<SharedBits> products_of_subsets(Engine& engine, const std::vector<SharedBits>& planes) {
  std::vector<std::vector<SharedBits>> groups;  // group g: the products of all subsets of its planes
  for (const SharedBits& plane : planes) groups.push_back({SharedBits{}, plane});
  while (groups.size() > 1) {
    std::vector<SharedBits> left, right;
    for (std::size_t g = 0; g + 1 < groups.size(); g += 2) {
      for (std::size_t high = 1; high < groups[g + 1].size(); ++high) {
        for (std::size_t low = 1; low < groups[g].size(); ++low) {
          left.push_back(groups[g][low]);
          right.push_back(groups[g + 1][high]);
        }
      }
    }
    const std::vector<SharedBits> products = and_each(engine, left, right);
    std::vector<std::vector<SharedBits>> merged;
    std::size_t next = 0;
    for (std::size_t g = 0; g < groups.size(); g += 2) {
      if (g + 1 == groups.size()) {
        merged.push_back(std::move(groups[g]));
        continue;
      }
      std::vector<SharedBits>& all = merged.emplace_back(std::move(groups[g]));
      const std::size_t width = all.size();
      for (std::size_t high = 1; high < groups[g + 1].size(); ++high) {
        all.push_back(groups[g + 1][high]);
        for (std::size_t low = 1; low < width; ++low) all.push_back(products[next++]);
      }
    }
    groups = std::move(merged);
  }
  return std::move(groups[0]);
}

}  // namespace

std::vector<SharedBits> demultiplex(Engine& engine, const std::vector<SharedBits>& planes) {
  COHORTIUM_CHECK(!planes.empty() && planes.size() <= 20);
  std::vector<SharedBits> planes_of = products_of_subsets(engine, planes);
  const std::vector<u64> ones((planes[0].size + 63) / 64, ~u64{0});
  planes_of[0] = engine.constant_bits(ones, planes[0].size);
  // Exactly v: the products of v and of its supersets, taken together (Möbius inversion over Z_2).
  for (std::size_t j = 0; j < planes.size(); ++j) {
    for (std::size_t v = 0; v < planes_of.size(); ++v) {
      if ((v >> j & 1) == 0) planes_of[v] = mpc::exclusive_or(planes_of[v], planes_of[v | std::size_t{1} << j]);
    }
  }
  return planes_of;
}

template <RingWord W>
Shared<W> one_hot(Engine& engine, const std::vector<SharedBits>& planes) {
  std::vector<SharedBits> exactly = demultiplex(engine, planes);
  const std::size_t n = planes[0].size;
  exactly.erase(exactly.begin());  // what is left over belongs to 0
  const Shared<W> others = engine.ring<W>().from_bit(mpc::concatenate(std::span<const SharedBits>(exactly)));
  Shared<W> zero = engine.constant(std::span<const W>(std::vector<W>(n, W{1})));
  for (std::size_t from = 0; from < others.size; from += n) zero = mpc::subtract(zero, mpc::slice(others, from, n));
  const std::vector<Shared<W>> both{std::move(zero), others};
  return mpc::concatenate(std::span<const Shared<W>>(both));
}

template <RingWord W>
Shared<W> interleave(const Shared<W>& blocks, std::size_t n) {
  COHORTIUM_CHECK(n > 0 && blocks.size % n == 0);
  const std::size_t count = blocks.size / n;
  auto rows = Shared<W>::uninitialised(blocks.size, blocks.components);
  for (int c = 0; c < blocks.components; ++c) {
    for (std::size_t v = 0; v < count; ++v) {
      for (std::size_t i = 0; i < n; ++i) rows.component[c][i * count + v] = blocks.component[c][v * n + i];
    }
  }
  return rows;
}

#define COHORTIUM_FOR_RING(W)                                          \
  template Shared<W> one_hot(Engine&, const std::vector<SharedBits>&); \
  template Shared<W> interleave(const Shared<W>&, std::size_t);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::oblivious
