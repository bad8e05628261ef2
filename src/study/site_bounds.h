// Whether what a site has shared can come from records at all: every number within the limits that the study's
// declarations set it (statistics/bounds.h), of indicators at most one 1 in a row. A site that only claims to have records
// can still make them up; it cannot make counts below 0 or above what rows a site may bring, weigh a row a thousandfold,
// or put a row into two groups.
//
// Security   as the engine's protocol; sites are assumed to follow it, too, where parties are (facts_of)
// Reveals    per site whether all of its numbers are within their limits
// Rounds     those of Engine::bit and a conjunction, once for every 2^18 numbers; ceil(log2(numbers of a site))
//            conjunctions; an opening. All sites side by side
// Sent       two bits of a 128-bit element per number
#pragma once

#include <string>
#include <vector>

#include "mpc/engine.h"
#include "study/plan.h"

namespace cohortium::study {

// What one site has shared, as Plan::local gives it.
struct SiteShares {
  std::string site;
  mpc::Shared<mpc::u128> values;
  std::size_t rows = 0;
};

// The sites of which that is not so. None, and nothing is computed, under a protocol whose parties follow it.
std::vector<std::string> sites_out_of_bounds(mpc::Engine& engine, const Plan& plan,
                                             const std::vector<SiteShares>& sites);
// Fails with study.impossible_share where there are any.
void require_bounds(mpc::Engine& engine, const Plan& plan, const std::vector<SiteShares>& sites);

}  // namespace cohortium::study
