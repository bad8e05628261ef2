#include "oblivious/selection.h"

#include <array>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"

namespace cohortium::oblivious {
namespace {

// Bits of one weight, one vector per count; the vectors are equally long.
using Weight = std::vector<SharedBits>;

SharedBits joined(std::span<const SharedBits> parts) { return mpc::concatenate(parts); }

SharedBits joined(const SharedBits& a, const SharedBits& b) {
  const std::array both{a, b};
  return joined(std::span<const SharedBits>(both));
}

// Bits of whole words that three equal parts of a vector can have.
std::size_t third_of(std::size_t size) { return size / 3 / 64 * 64; }

// One layer of full adders: three bits of a weight become one of it and one of the next.
std::vector<Weight> add_layer(Engine& engine, const std::vector<Weight>& weights) {
  std::vector<SharedBits> left, right, third;
  for (const Weight& weight : weights) {
    const std::size_t length = third_of(weight.front().size);
    if (length == 0) continue;
    for (const SharedBits& bits : weight) {
      const SharedBits a = mpc::slice(bits, 0, length), b = mpc::slice(bits, length, length),
                       c = mpc::slice(bits, 2 * length, length);
      left.push_back(mpc::exclusive_or(a, c));
      right.push_back(mpc::exclusive_or(b, c));
      third.push_back(c);
    }
  }
  const std::vector<SharedBits> both = and_each(engine, left, right);
  std::vector<Weight> next(weights.size() + 1);
  std::size_t i = 0;
  for (std::size_t w = 0; w < weights.size(); ++w) {
    const std::size_t length = third_of(weights[w].front().size);
    for (std::size_t v = 0; v < weights[w].size(); ++v) {
      const SharedBits& bits = weights[w][v];
      SharedBits kept = bits;
      if (length > 0) {
        const SharedBits sum = mpc::exclusive_or(mpc::exclusive_or(left[i], right[i]), third[i]);
        kept = joined(sum, mpc::slice(bits, 3 * length, bits.size - 3 * length));
        const SharedBits carry = mpc::exclusive_or(third[i], both[i]);
        next[w + 1].push_back(carry);
        ++i;
      }
      // Carries from the weight below came first.
      if (next[w].size() < weights[w].size()) {
        next[w].push_back(std::move(kept));
      } else {
        next[w][v] = joined(kept, next[w][v]);
      }
    }
  }
  if (next.back().empty()) next.pop_back();
  return next;
}

std::size_t bits_left(const std::vector<Weight>& weights) {
  std::size_t bits = 0;
  for (const Weight& weight : weights) bits += weight.front().size;
  return bits;
}

bool can_add(const std::vector<Weight>& weights) {
  for (const Weight& weight : weights) {
    if (third_of(weight.front().size) > 0) return true;
  }
  return false;
}

// The same bit `times` times.
SharedBits spread(const SharedBits& bits, std::size_t i, std::size_t times) {
  auto result = SharedBits::uninitialised(times, bits.components);
  for (int c = 0; c < bits.components; ++c) {
    const u64 word = u64{0} - (bits.component[c][i / 64] >> (i % 64) & 1);
    for (u64& out : result.component[c]) out = word;
  }
  return result;
}

// The rows of each place sought, by the next two bits of their values: 00, 01, 10, 11, place after place each.
struct Quarters {
  std::vector<SharedBits> part[4];
};

Quarters split(Engine& engine, const std::vector<SharedBits>& rows, const SharedBits& high, const SharedBits& low) {
  const std::size_t count = rows.size();
  const std::vector<SharedBits> upper = and_each(engine, rows, std::vector<SharedBits>(count, high));
  std::vector<SharedBits> halves;
  for (std::size_t w = 0; w < count; ++w) halves.push_back(mpc::exclusive_or(rows[w], upper[w]));
  halves.insert(halves.end(), upper.begin(), upper.end());
  const std::vector<SharedBits> odd = and_each(engine, halves, std::vector<SharedBits>(2 * count, low));
  Quarters quarters;
  for (std::size_t w = 0; w < count; ++w) {
    for (std::size_t half = 0; half < 2; ++half) {
      quarters.part[2 * half].push_back(mpc::exclusive_or(halves[half * count + w], odd[half * count + w]));
      quarters.part[2 * half + 1].push_back(odd[half * count + w]);
    }
  }
  return quarters;
}

// Of four parts the one that the three bits point to, which are ascending: 000, 100, 110 or 111.
std::vector<SharedBits> chosen(Engine& engine, const Quarters& quarters, const SharedBits& beyond) {
  const std::size_t count = quarters.part[0].size(), n = quarters.part[0].front().size;
  std::vector<SharedBits> bits, differences;
  for (std::size_t step = 0; step < 3; ++step) {
    for (std::size_t w = 0; w < count; ++w) {
      bits.push_back(spread(beyond, step * count + w, n));
      differences.push_back(mpc::exclusive_or(quarters.part[step][w], quarters.part[step + 1][w]));
    }
  }
  const std::vector<SharedBits> moved = and_each(engine, bits, differences);
  std::vector<SharedBits> rows = quarters.part[0];
  for (std::size_t i = 0; i < moved.size(); ++i) rows[i % count] = mpc::exclusive_or(rows[i % count], moved[i]);
  return rows;
}

}  // namespace

Shared<u64> count_ones(Engine& engine, std::span<const SharedBits> vectors) {
  COHORTIUM_CHECK(!vectors.empty());
  const std::size_t n = vectors.front().size, count = vectors.size();
  std::vector<Weight> weights{Weight(vectors.begin(), vectors.end())};
  // An element costs as much as 64 conjunctions: a hundredth of the bits is little beside the adders.
  while (can_add(weights) && bits_left(weights) > n / 100) weights = add_layer(engine, weights);
  std::vector<SharedBits> all;
  for (const Weight& weight : weights) all.insert(all.end(), weight.begin(), weight.end());
  const Shared<u64> elements = engine.ring<u64>().from_bit(joined(std::span<const SharedBits>(all)));
  Shared<u64> counts;
  std::size_t at = 0;
  for (std::size_t w = 0; w < weights.size(); ++w) {
    const std::size_t length = weights[w].front().size;
    if (length == 0) continue;
    const Shared<u64> part = mpc::scale(mpc::sum_blocks(mpc::slice(elements, at, count * length), length), u64{1} << w);
    counts = counts.size == 0 ? part : mpc::add(counts, part);
    at += count * length;
  }
  return counts.size == 0 ? engine.constant(std::span<const u64>(std::vector<u64>(count))) : counts;
}

Shared<u64> select_places(Engine& engine, std::span<const SharedBits> planes, std::vector<SharedBits> members,
                          Shared<u64> scaled_places, u64 scale) {
  const std::size_t count = members.size();
  COHORTIUM_CHECK(count == scaled_places.size && !planes.empty() && planes.size() <= 64);
  if (count == 0) return scaled_places;
  std::vector<SharedBits> digits(planes.size() + planes.size() % 2);
  const SharedBits zeros = engine.constant_bits(std::vector<u64>((planes.front().size + 63) / 64), planes.front().size);
  for (std::size_t pair = digits.size() / 2; pair-- > 0;) {
    const bool odd = 2 * pair + 1 == planes.size();  // an odd number of bits has no upper one here
    const Quarters quarters = split(engine, members, odd ? zeros : planes[2 * pair + 1], planes[2 * pair]);
    std::vector<SharedBits> counted;
    for (std::size_t q = 0; q < 3; ++q) counted.insert(counted.end(), quarters.part[q].begin(), quarters.part[q].end());
    const Shared<u64> counts = mpc::scale(count_ones(engine, counted), scale);
    const Shared<u64> first = mpc::slice(counts, 0, count), second = mpc::slice(counts, count, count),
                      third = mpc::slice(counts, 2 * count, count);
    const std::array running{first, mpc::add(first, second), mpc::add(mpc::add(first, second), third)};
    // Beyond a quarter: not (place < rows up to its end).
    const SharedBits beyond = engine.not_bits(
        less_than(engine, mpc::tile(scaled_places, 3), mpc::concatenate(std::span<const Shared<u64>>(running))));
    const Shared<u64> skipped = engine.keep_where(beyond, counts);
    for (std::size_t q = 0; q < 3; ++q)
      scaled_places = mpc::subtract(scaled_places, mpc::slice(skipped, q * count, count));
    digits[2 * pair + 1] = mpc::slice(beyond, count, count);
    digits[2 * pair] = mpc::exclusive_or(mpc::exclusive_or(mpc::slice(beyond, 0, count), digits[2 * pair + 1]),
                                         mpc::slice(beyond, 2 * count, count));
    if (pair > 0) members = chosen(engine, quarters, beyond);
  }
  digits.resize(planes.size());
  return engine.ring<u64>().from_bits(std::span<const SharedBits>(digits));
}

}  // namespace cohortium::oblivious
