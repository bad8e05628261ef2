// The cost of a run before it: an engine that computes nothing and adds up what the kernels of a protocol declare.
//
// Its vectors have a size and no components. What it opens is "everything passes": zeros from open, ones from
// open_bits. So a plan whose course depends on opened values is forecast along the course that releases everything,
// which is the longest.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "mpc/engine.h"

namespace cohortium::mpc {

// Party `self` of `protocol`, as it would run over such a link with so many lanes. What each call costs is also put down
// in `calls`, where given. Fails with mpc.unknown_protocol.
std::unique_ptr<Engine> make_forecast_engine(std::string_view protocol, PartyId self, Link link = {}, int lanes = 1,
                                             std::vector<Cost>* calls = nullptr);

}  // namespace cohortium::mpc
