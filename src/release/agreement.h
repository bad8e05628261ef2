// Whether sites have the same, item by item, and nothing else about what they have.
//
// Each site shares a number per item: a digest, or a value that may differ from others' by so much. All pairs of sites
// are compared; of the outcome one bit per item is opened, whether no pair differs, and where sites may be named, one
// more per item and site, whether more than half of the other sites differ from it.
//
// Security   as the engine's protocol. A digest of something that can be guessed (a version, a date) is never opened and
//            never leaves its shares: no single compute party and no coordinator has anything to try guesses on. A site
//            that enters a guess instead of its own value learns from the bit whether all others agree with it: one
//            question per run, which the callers count
// Reveals    to all compute parties: the bits above
// Rounds     one equality and one comparison of u128 and u64 side by side, one more of each on counts, one opening
#pragma once

#include <cstdint>
#include <vector>

#include "mpc/engine.h"

namespace cohortium::release {

struct AgreementQuestion {
  bool same = true;          // of any 128 bits; else of numbers below 2^41 ...
  std::uint64_t within = 0;  // ... that may differ by this, below 2^32
};

struct Agreement {
  std::vector<bool> agree;               // by item
  std::vector<std::vector<bool>> apart;  // by item and site; empty unless sites may be named
};

// `sites`: of each site one element per question. At least two sites.
Agreement open_agreement(mpc::Engine& engine, const std::vector<mpc::Shared<mpc::u128>>& sites,
                         const std::vector<AgreementQuestion>& questions, bool name_sites);

}  // namespace cohortium::release
