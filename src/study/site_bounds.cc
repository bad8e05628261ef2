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

// Hands out the limits of numbers one after the other.
class Limits {
 public:
  void append(const Bounds& bounds, std::size_t of_each) {
    runs_.push_back({bounds.count * of_each, bounds.low, bounds.high});
  }
  void next(std::size_t count, std::vector<u128>& low, std::vector<u128>& high) {
    low.clear(), high.clear();
    while (low.size() < count) {
      const Bounds& run = runs_.at(run_);
      const std::size_t some = std::min(count - low.size(), run.count - used_);
      low.insert(low.end(), some, static_cast<u128>(run.low));
      high.insert(high.end(), some, static_cast<u128>(run.high));
      used_ += some;
      if (used_ == run.count) ++run_, used_ = 0;
    }
  }

 private:
  std::vector<Bounds> runs_;
  std::size_t run_ = 0, used_ = 0;
};

// What has limits, of all sites: what they shared, then of each row how many indicators it sets.
struct Numbers {
  std::vector<Shared<u128>> values;
  std::vector<std::size_t> of_site;
  Limits limits;

  void append(const Plan& plan, const SiteShares& site) {
    for (const Bounds& bounds : plan.aggregate_bounds()) limits.append(bounds, 1);
    for (const Bounds& bounds : plan.row_bounds()) limits.append(bounds, site.rows);
    values.push_back(site.values);
    of_site.push_back(site.values.size);
    for (const statistics::Indicators& indicators : plan.indicators()) {
      const auto column = [&](std::size_t i) {
        return slice(site.values, plan.aggregate_size() + (indicators.from + i) * site.rows, site.rows);
      };
      Shared<u128> sum = column(0);
      for (std::size_t i = 1; i < indicators.count; ++i) sum = add(sum, column(i));
      limits.append(statistics::bits(1), site.rows);
      values.push_back(std::move(sum));
      of_site.back() += site.rows;
    }
  }
};

// A bit per number: whether x < low or high < x. x - low and high - x are both at least 0, read with their sign, only if
// neither holds, for their sum is high - low.
SharedBits beyond(mpc::Engine& engine, Numbers numbers) {
  const Shared<u128> all = concatenate(std::span<const Shared<u128>>(numbers.values));
  numbers.values.clear();
  std::vector<SharedBits> found;
  std::vector<u128> low, high;
  for (std::size_t from = 0; from < all.size; from += at_a_time) {
    const std::size_t count = std::min(at_a_time, all.size - from);
    numbers.limits.next(count, low, high);
    const Shared<u128> x = slice(all, from, count);
    const std::vector<Shared<u128>> both{subtract(x, engine.constant(std::span<const u128>(low))),
                                         subtract(engine.constant(std::span<const u128>(high)), x)};
    const SharedBits signs = engine.bit(concatenate(std::span(both)), 127);
    found.push_back(oblivious::or_all(engine, {slice(signs, 0, count), slice(signs, count, count)}));
  }
  return concatenate(std::span<const SharedBits>(found));
}

// Of every run of bits, one: whether any of it is set. All runs are halved together, down to one bit each.
SharedBits any_of_each(mpc::Engine& engine, SharedBits bits, std::vector<std::size_t> lengths) {
  while (std::any_of(lengths.begin(), lengths.end(), [](std::size_t length) { return length > 1; })) {
    std::vector<std::size_t> first, second, alone, order;
    std::size_t pairs = 0, from = 0;
    for (const std::size_t length : lengths) pairs += length / 2;
    for (std::size_t& length : lengths) {
      for (std::size_t i = 0; i < length / 2; ++i) {
        order.push_back(first.size());
        first.push_back(from + i);
        second.push_back(from + length / 2 + i);
      }
      if (length % 2 != 0) {
        order.push_back(pairs + alone.size());
        alone.push_back(from + length - 1);
      }
      from += length;
      length = (length + 1) / 2;
    }
    const std::vector<SharedBits> parts{oblivious::or_all(engine, {gather(bits, first), gather(bits, second)}),
                                        gather(bits, alone)};
    bits = gather(concatenate(std::span(parts)), order);
  }
  return bits;
}

}  // namespace

std::vector<std::string> sites_out_of_bounds(mpc::Engine& engine, const Plan& plan,
                                             const std::vector<SiteShares>& sites) {
  std::vector<std::string> names, suspected;
  if (!mpc::facts_of(plan.study().protocol).may_cheat) return suspected;
  Numbers numbers;
  for (const SiteShares& site : sites) {
    if (site.values.size == 0) continue;
    numbers.append(plan, site);
    names.push_back(site.site);
  }
  if (names.empty()) return suspected;
  const std::vector<std::size_t> of_site = numbers.of_site;
  const SharedBits found = any_of_each(engine, beyond(engine, std::move(numbers)), of_site);
  const std::vector<mpc::u64> opened = engine.open_bits(found);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if ((opened[i / 64] >> i % 64 & 1) != 0) suspected.push_back(names[i]);
  }
  return suspected;
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
