// Bit planes: there and back at every width, number of planes, and number of elements around a word and a tile.
#include "mpc/bit_planes.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace cohortium::mpc {
namespace {

template <class W>
class BitPlanesOf : public testing::Test {};
using Words = testing::Types<u64, u128>;
TYPED_TEST_SUITE(BitPlanesOf, Words);

template <class W>
std::vector<W> random_elements(std::size_t count) {
  std::mt19937_64 random(count);
  std::vector<W> values(count);
  for (W& value : values) value = static_cast<W>(u128{random()} << 64 | random());
  return values;
}

TYPED_TEST(BitPlanesOf, SplitAndJoin) {
  using W = TypeParam;
  for (std::size_t n : {0, 1, 63, 64, 65, 511, 512, 513, 1200}) {
    const std::vector<W> values = random_elements<W>(n);
    const std::size_t words = words_for_bits(n), stride = words + 3;
    for (int count : {0, 1, 7, 63, 64, bits_of<W> - 1, bits_of<W>}) {
      std::vector<u64> planes(stride * count, 0xdead);
      split_planes(values.data(), n, count, planes.data(), stride);
      for (int j = 0; j < count; ++j) {
        for (std::size_t i = 0; i < 64 * words; ++i) {
          const u64 expected = i < n ? static_cast<u64>(values[i] >> j) & 1 : 0;
          ASSERT_EQ(planes[j * stride + i / 64] >> (i % 64) & 1, expected) << "plane " << j << ", element " << i;
        }
        for (std::size_t i = words; i < stride; ++i) ASSERT_EQ(planes[j * stride + i], 0xdeadu);
      }
      std::vector<W> joined(n);
      join_planes(planes.data(), stride, count, joined.data(), n);
      const W mask = count == 0 ? W{0} : static_cast<W>(~W{0}) >> (bits_of<W> - count);
      for (std::size_t i = 0; i < n; ++i) ASSERT_TRUE(joined[i] == (values[i] & mask)) << count << " planes";
    }
  }
}

TYPED_TEST(BitPlanesOf, OnePlaneAlone) {
  using W = TypeParam;
  for (std::size_t n : {0, 1, 64, 65, 1000}) {
    const std::vector<W> values = random_elements<W>(n);
    for (int position : {0, 1, 63, bits_of<W> - 1}) {
      const Buffer<u64> plane = to_plane(std::span<const W>(values), position);
      ASSERT_EQ(plane.size(), words_for_bits(n));
      for (std::size_t i = 0; i < 64 * plane.size(); ++i) {
        ASSERT_EQ(plane[i / 64] >> (i % 64) & 1, i < n ? static_cast<u64>(values[i] >> position) & 1 : 0);
      }
    }
  }
}

}  // namespace
}  // namespace cohortium::mpc
