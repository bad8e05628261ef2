#include "release/few_elsewhere.h"

#include "base/error.h"
#include "mpc/outcome.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"

namespace cohortium::release {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u64;

std::vector<Shared<u64>> without_each(const Shared<u64>& all, const std::vector<Shared<u64>>& of_sites) {
  std::vector<Shared<u64>> others;
  for (const Shared<u64>& site : of_sites) others.push_back(subtract(all, site));
  return others;
}

SharedBits few_elsewhere(mpc::Engine& engine, const Shared<u64>& all, const std::vector<Shared<u64>>& of_sites,
                         u64 minimum) {
  COHORTIUM_CHECK(!of_sites.empty());
  const std::vector<Shared<u64>> others = without_each(all, of_sites);
  const Shared<u64> each = concatenate(std::span<const Shared<u64>>(others));
  const std::size_t n = each.size;
  std::vector<u64> bounds(n, minimum);
  bounds.insert(bounds.end(), n, u64{1});
  const std::vector<Shared<u64>> twice{each, each};
  const SharedBits below = oblivious::less_than(engine, concatenate(std::span<const Shared<u64>>(twice)),
                                                engine.constant(std::span<const u64>(bounds)), mpc::count_bits);
  const SharedBits few = engine.and_bits(slice(below, 0, n), engine.not_bits(slice(below, n, n)));
  std::vector<SharedBits> by_site;
  for (std::size_t site = 0; site < of_sites.size(); ++site) by_site.push_back(slice(few, site * all.size, all.size));
  return oblivious::or_all(engine, std::move(by_site));
}

}  // namespace cohortium::release
