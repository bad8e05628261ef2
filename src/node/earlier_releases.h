// Before a site shares anything for a study, the study's groups are compared with those of what the sites have released
// before (release/differences.h). What they say to each other, over the channels of node/contribution.h and before it:
//
//   site to party   an empty message: its records are read
//   party to site   an empty message: all sites' are
//   site to party   what it has released, as JSON [{"run", "study", "time", "minimum", "families"}]
//   party to site   the same of all sites together: what is compared
//   site to party   where that is anything, the party's part of what the site counts (mpc/dealing.h)
//   party to site   an empty message: no difference is small. Now the site records the release, and shares
//
// A study with noise takes no part, earlier ones with noise neither: their numbers do not subtract to anybody's.
//
// Security   a site shares nothing else until every compute party has said that no difference is small; one run at a time
//            is compared at a site, so that no two that differ by few slip in side by side
// Reveals    to the compute parties which studies a site has released before, and what small_differences tells
// Not        covered is a site that does not tell what it has released, or counts wrongly: it gives away its own rows
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "governance/release_ledger.h"
#include "mpc/engine.h"
#include "net/channel.h"
#include "study/plan.h"

namespace cohortium::node {

// At a site. `channels` lead to the compute parties; `table` has named rows. Fails with net.*, node.unequal_questions,
// release.*.
void pass_earlier_releases(const study::Plan& plan, const std::string& run, const data::Table& table,
                           governance::ReleaseLedger& ledger, const std::vector<net::Channel*>& channels);

// At a compute party. `sites`: the channels to the study's sites, in their order. Fails with net.*, mpc.*,
// node.bad_releases, release.small_difference, release.too_many_groups.
void require_no_small_difference(const study::Plan& plan, mpc::Engine& engine, const std::vector<net::Channel*>& sites);

}  // namespace cohortium::node
