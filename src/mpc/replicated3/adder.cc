#include "mpc/replicated3/adder.h"

#include "mpc/replicated3/block_tables.h"

namespace cohortium::mpc {

Cost adder_cost(PartyId party, std::size_t words, const Adder& adder) {
  Cost cost = block_tables_cost(party, words, adder.blocks);
  for (int ands : adder.level_ands) cost += {1, ands * words * sizeof(u64)};
  return cost;
}

const Adder& quickest(const std::vector<Adder>& adders, std::size_t words, const Link& link) {
  return quickest(adders, 3, link, [&](PartyId party, const Adder& adder) { return adder_cost(party, words, adder); });
}

}  // namespace cohortium::mpc
