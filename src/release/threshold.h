// Which counts reach a public threshold: the comparison behind every rule.
//
// Reveals    one bit per count
// Rounds     those of one comparison, and one to open; within: a conjunction of both ends, and of all views
#pragma once

#include <vector>

#include "mpc/engine.h"

namespace cohortium::release {

struct Threshold {
  mpc::Shared<mpc::u64> counts;  // below 2^count_bits
  mpc::u64 least = 1;
};

// [count >= least] for every count of every entry, all in one comparison.
std::vector<std::vector<bool>> open_at_least(mpc::Engine& engine, const std::vector<Threshold>& thresholds);
// The same with a threshold for each count.
std::vector<bool> open_at_least(mpc::Engine& engine, const mpc::Shared<mpc::u64>& counts,
                                const std::vector<mpc::u64>& least);
// [low <= count <= high] for each count, in all views: of the ends and of the views nothing else shows.
std::vector<bool> open_within(mpc::Engine& engine, const std::vector<mpc::Shared<mpc::u64>>& views,
                              const std::vector<mpc::u64>& low, const std::vector<mpc::u64>& high);

// The bits, one by one.
std::vector<bool> open_flags(mpc::Engine& engine, const mpc::SharedBits& bits);

}  // namespace cohortium::release
