// What an adder (mpc/adder.h) costs under replicated3.
#pragma once

#include "mpc/adder.h"

namespace cohortium::mpc {

Cost adder_cost(PartyId party, std::size_t words, const Adder& adder);

// The quickest on the link.
const Adder& quickest(const std::vector<Adder>& adders, std::size_t words, const Link& link);

}  // namespace cohortium::mpc
