// Which numbers of people would tell a site about few people of the others: whoever knows its own records, and almost all of a
// group are among them, learns about the few that are not.
//
// few_elsewhere  per number, whether for some site the people of all other sites together are 1 to minimum - 1
// Security   the engine's
// Reveals    nothing; of which site it is not even the outcome tells
// Rounds     those of two comparisons side by side, a conjunction, and ceil(log2(sites)) disjunctions
// Requires   numbers below 2^count_bits, the sum of the sites' parts of each
#pragma once

#include <vector>

#include "mpc/engine.h"

namespace cohortium::release {

// What remains of each number without one site: the view of that site, by site.
std::vector<mpc::Shared<mpc::u64>> without_each(const mpc::Shared<mpc::u64>& all,
                                                const std::vector<mpc::Shared<mpc::u64>>& of_sites);

// `of_sites`: each site's part of all numbers; at least one site.
mpc::SharedBits few_elsewhere(mpc::Engine& engine, const mpc::Shared<mpc::u64>& all,
                              const std::vector<mpc::Shared<mpc::u64>>& of_sites, mpc::u64 minimum);

}  // namespace cohortium::release
