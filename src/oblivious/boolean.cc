#include "oblivious/boolean.h"

#include <algorithm>

#include "base/error.h"

namespace cohortium::oblivious {
namespace {

std::vector<SharedBits> not_each(Engine& engine, std::vector<SharedBits> planes) {
  for (auto& plane : planes) plane = engine.not_bits(plane);
  return planes;
}

}  // namespace

std::vector<SharedBits> and_each(Engine& engine, const std::vector<SharedBits>& left,
                                 const std::vector<SharedBits>& right) {
  COHORTIUM_CHECK(left.size() == right.size());
  if (left.empty()) return {};
  const SharedBits products = engine.and_bits(mpc::concatenate(std::span<const SharedBits>(left)),
                                              mpc::concatenate(std::span<const SharedBits>(right)));
  std::vector<SharedBits> result;
  std::size_t from = 0;
  for (const auto& plane : left) {
    result.push_back(mpc::slice(products, from, plane.size));
    from += plane.size;
  }
  return result;
}

SharedBits and_all(Engine& engine, std::vector<SharedBits> planes) {
  COHORTIUM_CHECK(!planes.empty());
  while (planes.size() > 1) {
    const auto half = static_cast<std::ptrdiff_t>(planes.size() / 2);  // an odd plane out waits at the front
    const std::vector<SharedBits> left(planes.end() - 2 * half, planes.end() - half),
        right(planes.end() - half, planes.end());
    const std::vector<SharedBits> both = and_each(engine, left, right);
    planes.resize(planes.size() - 2 * half);
    planes.insert(planes.end(), both.begin(), both.end());
  }
  return planes[0];
}

SharedBits or_all(Engine& engine, std::vector<SharedBits> planes) {
  return engine.not_bits(and_all(engine, not_each(engine, std::move(planes))));
}

// By De Morgan: running conjunctions of the complements, from the top down (Sklansky's prefix network).
SharedBits and_public(SharedBits bits, std::span<const u64> mask) {
  COHORTIUM_CHECK(mask.size() == bits.words());
  for (int c = 0; c < bits.components; ++c) {
    for (std::size_t w = 0; w < mask.size(); ++w) bits.component[c][w] &= mask[w];
  }
  return bits;
}

std::vector<SharedBits> or_from_top(Engine& engine, std::vector<SharedBits> planes) {
  std::vector<SharedBits> none = not_each(engine, std::move(planes));
  std::reverse(none.begin(), none.end());
  for (std::size_t width = 1; width < none.size(); width *= 2) {
    std::vector<SharedBits> left, right;
    for (std::size_t i = 0; i < none.size(); ++i) {
      if ((i & width) == 0) continue;
      left.push_back(none[i]);
      right.push_back(none[i / width * width - 1]);
    }
    const std::vector<SharedBits> both = and_each(engine, left, right);
    auto next = both.begin();
    for (std::size_t i = 0; i < none.size(); ++i) {
      if ((i & width) != 0) none[i] = *next++;
    }
  }
  std::reverse(none.begin(), none.end());
  return not_each(engine, std::move(none));
}

}  // namespace cohortium::oblivious
