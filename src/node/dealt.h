// What a site deals to the compute parties, from both ends of the channels between them (mpc/dealing.h).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "mpc/engine.h"
#include "net/channel.h"

namespace cohortium::node {

// At a site. `channels` lead to the compute parties of `protocol`, in their order; the values are wiped.
void deal_out(std::string_view protocol, std::span<mpc::u128> values, const std::vector<net::Channel*>& channels);

// At a compute party: the next message of a site. Where parties do not agree on what it has dealt, the error names the
// site. Fails with net.*, mpc.bad_share_bundle, mpc.inconsistent_shares.
mpc::Shared<mpc::u128> adopt_dealt(mpc::Engine& engine, net::Channel& site, std::size_t count);

}  // namespace cohortium::node
