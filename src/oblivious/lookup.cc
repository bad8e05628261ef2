#include "oblivious/lookup.h"

#include "base/error.h"
#include "oblivious/join.h"
#include "oblivious/one_hot.h"

namespace cohortium::oblivious {
namespace {

constexpr std::size_t longest_one_hot = 32;  // about where a join sends less

}  // namespace

// Every bit of the result is the exclusive-or of those one-hot bits whose entry has that bit.
Shared<u64> lookup_public(Engine& engine, std::span<const u64> table, const Shared<u64>& index, int bits,
                          int value_bits) {
  COHORTIUM_CHECK(bits >= 1 && bits <= 16 && table.size() <= std::size_t{1} << bits);
  COHORTIUM_CHECK(value_bits >= 1 && value_bits <= 64);
  const std::vector<SharedBits> exactly = demultiplex(engine, engine.to_bits(index, bits));
  std::vector<SharedBits> planes;
  for (int j = 0; j < value_bits; ++j) {
    SharedBits plane(index.size, index.components);
    for (std::size_t v = 0; v < table.size(); ++v) {
      if ((table[v] >> j & 1) != 0) plane = mpc::exclusive_or(plane, exactly[v]);
    }
    planes.push_back(std::move(plane));
  }
  return engine.ring<u64>().from_bits(planes);
}

Shared<u64> lookup_secret(Engine& engine, const Shared<u64>& table, const Shared<u64>& index, int bits) {
  COHORTIUM_CHECK(bits >= 1 && bits <= 63);
  if (bits > 16 || std::size_t{1} << bits > longest_one_hot || table.size > std::size_t{1} << bits) {
    const Shared<u64> places = row_numbers<u64>(engine, table.size);
    return join(engine, {.values = index, .bits = bits}, {.values = places, .bits = bits}, std::span(&table, 1))
        .columns[0];
  }
  if (index.size == 0 || table.size == 0) return Shared<u64>(index.size, index.components);
  const std::size_t n = index.size, entries = table.size;
  const Shared<u64> exactly = mpc::slice(one_hot<u64>(engine, engine.to_bits(index, bits)), 0, n * entries);
  return engine.matrix_product(interleave(exactly, n), table, n, entries, 1);
}

}  // namespace cohortium::oblivious
