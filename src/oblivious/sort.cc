#include "oblivious/sort.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "oblivious/comparison_sort.h"
#include "oblivious/radix_sort.h"

namespace cohortium::oblivious {
namespace {

using mpc::Direction;

// An unsigned number of so many bits.
struct Digits {
  Shared<u64> values;
  int bits = 0;
};

u64 low_bits(int bits) { return bits == 64 ? ~u64{0} : (u64{1} << bits) - 1; }

template <RingWord W>
Shared<W> plus_constant(Engine& engine, const Shared<W>& a, W value) {
  return mpc::add(a, engine.constant(std::span<const W>(std::vector<W>(a.size, value))));
}

// The key as an unsigned number whose ascending order is the wanted one.
Digits normal_form(Engine& engine, const SortKey& key) {
  COHORTIUM_CHECK(key.bits >= 1 && key.bits <= 64);
  Digits digits{.values = key.values, .bits = key.bits};
  if (key.is_signed) digits.values = plus_constant(engine, digits.values, u64{1} << (key.bits - 1));
  if (key.descending) digits.values = plus_constant(engine, mpc::negate(digits.values), low_bits(key.bits));
  return digits;
}

// Neighbouring keys that fit one word together become one number.
std::vector<Digits> pack(Engine& engine, std::span<const SortKey> keys) {
  std::vector<Digits> packed;
  for (const SortKey& key : keys) {
    Digits digits = normal_form(engine, key);
    COHORTIUM_CHECK(packed.empty() || packed[0].values.size == digits.values.size);
    if (!packed.empty() && packed.back().bits + digits.bits <= 63) {
      packed.back().values = mpc::add(mpc::scale(packed.back().values, u64{1} << digits.bits), digits.values);
      packed.back().bits += digits.bits;
    } else {
      packed.push_back(std::move(digits));
    }
  }
  return packed;
}

// The components as they are, as elements of the larger ring: congruent to the value modulo 2^64, and no more is said.
Shared<u128> lift(const Shared<u64>& a) {
  auto lifted = Shared<u128>::uninitialised(a.size, a.components);
  for (int c = 0; c < a.components; ++c) {
    std::copy(a.component[c].begin(), a.component[c].end(), lifted.component[c].begin());
  }
  return lifted;
}

// Congruent modulo 2^(bits + 1), which is all that comparisons look at: what overflowed in lifting full words shows in
// bit 64.
Shared<u128> widen_for_comparison(Engine& engine, const Digits& digits) {
  Shared<u128> lifted = lift(digits.values);
  if (digits.bits < 64) return lifted;
  const Shared<u128> overflow = engine.ring<u128>().from_bit(engine.bit(lifted, 64));
  return mpc::subtract(lifted, mpc::scale(overflow, u128{1} << 64));
}

// Exactly the value.
Shared<u128> widen(Engine& engine, const Digits& digits) {
  const std::vector<SharedBits> planes = engine.to_bits(digits.values, digits.bits);
  return engine.ring<u128>().from_bits(planes);
}

template <RingWord W>
Rearrangement order_of(Engine& engine, const Shared<W>& distinct, int bits, std::size_t first) {
  Rearrangement result = {.shuffle = engine.random_permutation(distinct.size), .order = {}};
  result.order = open_order(engine, engine.permute(result.shuffle, distinct, Direction::kForwards), bits, first);
  return result;
}

// By all digits at once, which take at most 127 bits together with the row number.
Rearrangement comparison_order(Engine& engine, std::span<const Digits> digits, std::size_t first) {
  const std::size_t n = digits[0].values.size;
  const int row_bits = std::max(1, static_cast<int>(std::bit_width(n == 0 ? 0 : n - 1)));
  int bits = row_bits;
  for (const Digits& d : digits) bits += d.bits;
  if (digits.size() == 1 && bits <= 63) {
    const Shared<u64> high = mpc::scale(digits[0].values, u64{1} << row_bits);
    return order_of(engine, mpc::add(high, row_numbers<u64>(engine, n)), bits, first);
  }
  Shared<u128> joined = widen_for_comparison(engine, digits[0]);
  for (const Digits& d : digits.subspan(1)) {
    joined = mpc::add(mpc::scale(joined, u128{1} << d.bits), widen(engine, d));
  }
  joined = mpc::add(mpc::scale(joined, u128{1} << row_bits), row_numbers<u128>(engine, n));
  return order_of(engine, joined, bits, first);
}

Rearrangement order_by(Engine& engine, std::span<const Digits> digits, SortMethod method, std::size_t first) {
  int bits = 0;
  for (const Digits& d : digits) bits += d.bits;
  if (method == SortMethod::kAutomatic) method = cheaper_method(engine.link(), digits[0].values.size, bits);
  if (method == SortMethod::kComparison) return comparison_order(engine, digits, first);
  std::vector<SharedBits> planes;
  for (std::size_t i = digits.size(); i-- > 0;) {
    for (SharedBits& plane : engine.to_bits(digits[i].values, digits[i].bits)) planes.push_back(std::move(plane));
  }
  return radix_order(engine, std::move(planes));
}

// The digits in groups that can be sorted by at once, most significant group first.
std::vector<std::span<const Digits>> groups_of(std::span<const Digits> digits) {
  std::vector<std::span<const Digits>> groups;
  std::size_t from = 0;
  int bits = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (bits + digits[i].bits > 127 - 32) {
      groups.push_back(digits.subspan(from, i - from));
      from = i;
      bits = 0;
    }
    bits += digits[i].bits;
  }
  groups.push_back(digits.subspan(from));
  return groups;
}

}  // namespace

// By what either sends and waits for on replicated3, fitted to measured costs. A byte also costs processor time.
SortMethod cheaper_method(const mpc::Link& link, std::size_t rows, int bits) {
  const double n = static_cast<double>(rows), levels = std::log2(n + 2), digits = std::ceil(bits / 3.0);
  const double round = link.latency_seconds + 2e-5, byte = 1 / link.bytes_per_second + 1e-9;
  const double comparison = round * 13 * levels + byte * n * (40 + 0.45 * (levels + 1) * (bits + levels));
  const double radix = round * (8 + 14 * digits) + byte * n * 290 * digits;
  return radix < comparison ? SortMethod::kRadix : SortMethod::kComparison;
}

Rearrangement sort_order(Engine& engine, std::span<const SortKey> keys, SortMethod method, std::size_t first) {
  COHORTIUM_CHECK(!keys.empty());
  const std::vector<Digits> digits = pack(engine, keys);
  const auto groups = groups_of(digits);
  std::optional<Rearrangement> order;
  for (std::size_t g = groups.size(); g-- > 0;) {
    if (!order) {
      order = order_by(engine, groups[g], method, groups.size() == 1 ? first : all_rows);
      continue;
    }
    std::vector<Digits> moved(groups[g].begin(), groups[g].end());
    for (Digits& d : moved) d.values = apply(engine, *order, d.values);
    order = compose(engine, *order, order_by(engine, moved, method, g == 0 ? first : all_rows));
  }
  return std::move(*order);
}

Shared<u64> sort(Engine& engine, const SortKey& key, SortMethod method) {
  return apply(engine, sort_order(engine, std::span(&key, 1), method), key.values);
}

}  // namespace cohortium::oblivious
