#include "oblivious/compaction.h"

#include "base/error.h"

namespace cohortium::oblivious {

// A marked row goes where the number of marked rows before it says, another behind all marked ones.
Rearrangement compaction(Engine& engine, const Shared<u64>& marked) {
  const std::size_t n = marked.size;
  if (n == 0) return random_rearrangement(engine, 0);
  const Shared<u64> before = mpc::subtract(mpc::prefix_sum_blocks(marked, n), marked);
  const Shared<u64> all = mpc::repeat(mpc::sum_blocks(marked, n), n);
  const Shared<u64> behind = mpc::add(all, mpc::subtract(row_numbers<u64>(engine, n), before));
  return from_destinations(engine, mpc::add(behind, engine.multiply(marked, mpc::subtract(before, behind))));
}

Rearrangement compaction(Engine& engine, const SharedBits& marked) {
  return compaction(engine, engine.ring<u64>().from_bit(marked));
}

Shared<u64> count(Engine& engine, const SharedBits& marked) {
  if (marked.size == 0) return engine.constant(std::span<const u64>(std::vector<u64>{0}));
  return mpc::sum_blocks(engine.ring<u64>().from_bit(marked), marked.size);
}

std::size_t open_count(Engine& engine, const SharedBits& marked) {
  return static_cast<std::size_t>(engine.open(count(engine, marked))[0]);
}

}  // namespace cohortium::oblivious
