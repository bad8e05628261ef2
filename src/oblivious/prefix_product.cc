#include "oblivious/prefix_product.h"

#include <array>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "oblivious/fixed_point.h"

namespace cohortium::oblivious {

template <RingWord W>
Shared<W> prefix_product(Engine& engine, const Shared<W>& values, std::size_t length, int fraction_bits) {
  COHORTIUM_CHECK(length > 0 && values.size % length == 0);
  COHORTIUM_CHECK(fraction_bits >= 1 && 2 * fraction_bits + 1 <= mpc::bits_of<W> - 2);
  COHORTIUM_CHECK(fraction_bits / 2 >= 62 || length <= std::size_t{1} << (fraction_bits / 2));
  Shared<W> products = values;
  for (std::size_t width = 1; width < length; width *= 2) {
    // Element i of the upper half of a pair of stretches takes in the last element of the lower half.
    std::vector<std::size_t> upper, last_of_lower, merged(values.size);
    std::iota(merged.begin(), merged.end(), std::size_t{0});
    for (std::size_t i = 0; i < values.size; ++i) {
      const std::size_t in_block = i % length;
      if ((in_block & width) == 0) continue;
      merged[i] = values.size + upper.size();
      upper.push_back(i);
      last_of_lower.push_back(i - in_block + in_block / width * width - 1);
    }
    const std::array both{products, multiply_fixed(engine, mpc::gather(products, upper),
                                                   mpc::gather(products, last_of_lower), fraction_bits)};
    products = mpc::gather(mpc::concatenate(std::span<const Shared<W>>(both)), merged);
  }
  return products;
}

template Shared<u64> prefix_product(Engine&, const Shared<u64>&, std::size_t, int);
template Shared<u128> prefix_product(Engine&, const Shared<u128>&, std::size_t, int);

}  // namespace cohortium::oblivious
