#include "study/site_bounds.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "mpc/protocols.h"
#include "oblivious/boolean.h"

namespace cohortium::study {
namespace {

using mpc::i128;
using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using statistics::Bounds;

constexpr std::size_t at_a_time = std::size_t{1} << 18;

struct Limits {
  std::vector<u128> low, high;
  void append(const Bounds& bounds, std::size_t rows) {
    low.insert(low.end(), bounds.count * rows, static_cast<u128>(bounds.low));
    high.insert(high.end(), bounds.count * rows, static_cast<u128>(bounds.high));
  }
};

// One bit: whether any is set.
SharedBits any(mpc::Engine& engine, SharedBits bits) {
  while (bits.size > 1) {
    const std::size_t half = bits.size / 2;
    std::vector<SharedBits> halves{slice(bits, 0, half), slice(bits, half, half)};
    SharedBits joined = oblivious::or_all(engine, std::move(halves));
    if (bits.size % 2 != 0) {
      const std::vector<SharedBits> both{std::move(joined), slice(bits, bits.size - 1, 1)};
      joined = concatenate(std::span(both));
    }
    bits = std::move(joined);
  }
  return bits;
}

// Whether x < low or high < x for any: x - low and high - x are both at least 0, read with their sign, only if neither holds, for
// their sum is high - low.
SharedBits any_beyond(mpc::Engine& engine, const Shared<u128>& values, const Limits& limits) {
  std::vector<SharedBits> found;
  for (std::size_t from = 0; from < values.size; from += at_a_time) {
    const std::size_t count = std::min(at_a_time, values.size - from);
    const Shared<u128> x = slice(values, from, count);
    const auto constant = [&](const std::vector<u128>& of) {
      return engine.constant(std::span<const u128>(of).subspan(from, count));
    };
    const std::vector<Shared<u128>> both{subtract(x, constant(limits.low)), subtract(constant(limits.high), x)};
    found.push_back(any(engine, engine.bit(concatenate(std::span(both)), 127)));
  }
  if (found.empty()) return engine.constant_bits(std::vector<mpc::u64>{0}, 1);  // a site that shares nothing
  return any(engine, concatenate(std::span(found)));
}

// The numbers of a site that have limits, and these: what it shared, then of each row how many indicators it sets.
SharedBits is_impossible(mpc::Engine& engine, const Plan& plan, const SiteShares& site) {
  Limits limits;
  for (const Bounds& bounds : plan.aggregate_bounds()) limits.append(bounds, 1);
  for (const Bounds& bounds : plan.row_bounds()) limits.append(bounds, site.rows);
  std::vector<Shared<u128>> values{site.values};
  for (const statistics::Indicators& indicators : plan.indicators()) {
    const auto column = [&](std::size_t i) {
      return slice(site.values, plan.aggregate_size() + (indicators.from + i) * site.rows, site.rows);
    };
    Shared<u128> sum = column(0);
    for (std::size_t i = 1; i < indicators.count; ++i) sum = add(sum, column(i));
    values.push_back(std::move(sum));
    limits.append(statistics::bits(1), site.rows);
  }
  const Shared<u128> all = concatenate(std::span<const Shared<u128>>(values));
  COHORTIUM_CHECK(all.size == limits.low.size());
  return any_beyond(engine, all, limits);
}

}  // namespace

std::vector<std::string> sites_out_of_bounds(mpc::Engine& engine, const Plan& plan,
                                             const std::vector<SiteShares>& sites) {
  std::vector<std::string> names;
  if (!mpc::facts_of(plan.study().protocol).may_cheat) return names;
  std::vector<SharedBits> impossible;
  for (const SiteShares& site : sites) impossible.push_back(is_impossible(engine, plan, site));
  const std::vector<mpc::u64> opened = engine.open_bits(concatenate(std::span<const SharedBits>(impossible)));
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if ((opened[i / 64] >> i % 64 & 1) != 0) names.push_back(sites[i].site);
  }
  return names;
}

void require_bounds(mpc::Engine& engine, const Plan& plan, const std::vector<SiteShares>& sites) {
  const std::vector<std::string> names = sites_out_of_bounds(engine, plan, sites);
  if (names.empty()) return;
  throw Failure(
      {.code = "study.impossible_share",
       .message = "what a site has shared cannot come from records: a number is beyond its limits",
       .where = fmt::format("{}", fmt::join(names, ", ")),
       .remedy = "let the site run this version of the program; if it does, it did not keep to the protocol"});
}

}  // namespace cohortium::study
