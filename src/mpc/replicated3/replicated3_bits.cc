// The engine's operations on bits, and between bits and elements: as replicated3.cc.
//
// Security   as replicated3.h
// Reveals    nothing
#include "base/error.h"
#include "mpc/replicated3/over_lanes.h"
#include "mpc/replicated3/replicated3.h"

namespace cohortium::mpc {

SharedBits Replicated3::and_bits(const SharedBits& a, const SharedBits& b) {
  COHORTIUM_CHECK(a.size == b.size && a.components == 2 && b.components == 2);
  auto result = SharedBits::uninitialised(a.size, 2);
  over_lanes(a.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    const std::size_t word = from / 64;
    lane.and_bits(parts_of(a).from(word), parts_of(b).from(word), words_for_bits(n), parts_of(result).from(word));
  });
  return result;
}

template <RingWord W>
std::vector<SharedBits> Replicated3::to_bits(const Shared<W>& a, int count) {
  COHORTIUM_CHECK(a.components == 2 && count >= 1 && count <= bits_of<W>);
  std::vector<SharedBits> planes(count);
  for (SharedBits& plane : planes) plane = SharedBits::uninitialised(a.size, 2);
  over_lanes(a.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    std::vector<Parts<u64>> parts;
    for (SharedBits& plane : planes) parts.push_back(parts_of(plane).from(from / 64));
    lane.to_bits<W>(parts_of(a).from(from), n, parts);
  });
  return planes;
}

template <RingWord W>
SharedBits Replicated3::bit(const Shared<W>& a, int position) {
  COHORTIUM_CHECK(a.components == 2 && position >= 0 && position < bits_of<W>);
  auto result = SharedBits::uninitialised(a.size, 2);
  over_lanes(a.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    lane.bit<W>(parts_of(a).from(from), n, position, parts_of(result).from(from / 64));
  });
  return result;
}

template <RingWord W>
SharedBits Replicated3::is_zero(const Shared<W>& a, int count) {
  COHORTIUM_CHECK(a.components == 2 && count >= 1 && count <= bits_of<W>);
  auto result = SharedBits::uninitialised(a.size, 2);
  over_lanes(a.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    lane.is_zero<W>(parts_of(a).from(from), n, count, parts_of(result).from(from / 64));
  });
  return result;
}

template <RingWord W>
Shared<W> Replicated3::from_bit(const SharedBits& bits) {
  COHORTIUM_CHECK(bits.components == 2);
  auto result = Shared<W>::uninitialised(bits.size, 2);
  over_lanes(bits.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    lane.from_bit<W>(parts_of(bits).from(from / 64), n, parts_of(result).from(from));
  });
  return result;
}

template <RingWord W>
Shared<W> Replicated3::from_bits(std::span<const SharedBits> planes) {
  COHORTIUM_CHECK(!planes.empty() && planes.size() <= bits_of<W>);
  for (const SharedBits& plane : planes) COHORTIUM_CHECK(plane.size == planes[0].size && plane.components == 2);
  auto result = Shared<W>::uninitialised(planes[0].size, 2);
  over_lanes(result.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    std::vector<ConstParts<u64>> parts;
    for (const SharedBits& plane : planes) parts.push_back(parts_of(plane).from(from / 64));
    lane.from_bits<W>(parts, n, parts_of(result).from(from));
  });
  return result;
}

template <RingWord W>
Shared<W> Replicated3::keep_where(const SharedBits& bit, const Shared<W>& a) {
  COHORTIUM_CHECK(bit.size == a.size && bit.components == 2 && a.components == 2);
  auto result = Shared<W>::uninitialised(a.size, 2);
  over_lanes(a.size, [&](Lane& lane, std::size_t from, std::size_t n) {
    lane.keep_where<W>(parts_of(bit).from(from / 64), parts_of(a).from(from), n, parts_of(result).from(from));
  });
  return result;
}

#define COHORTIUM_FOR_RING(W)                                                   \
  template std::vector<SharedBits> Replicated3::to_bits(const Shared<W>&, int); \
  template SharedBits Replicated3::bit(const Shared<W>&, int);                  \
  template SharedBits Replicated3::is_zero(const Shared<W>&, int);              \
  template Shared<W> Replicated3::from_bit(const SharedBits&);                  \
  template Shared<W> Replicated3::from_bits(std::span<const SharedBits>);       \
  template Shared<W> Replicated3::keep_where(const SharedBits&, const Shared<W>&);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
