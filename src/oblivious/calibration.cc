#include "oblivious/calibration.h"

#include <array>
#include <vector>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"
#include "oblivious/fixed_point.h"

namespace cohortium::oblivious {
namespace {

constexpr int place_bits = 40, count_bits = 32;

Shared<u128> joined(const std::vector<Shared<u128>>& parts) {
  return mpc::concatenate(std::span<const Shared<u128>>(parts));
}

// From sums up to each group to those of the group.
Shared<u128> differences(const std::vector<Shared<u128>>& up_to, std::size_t at) {
  std::vector<Shared<u128>> parts;
  for (std::size_t k = 0; k < up_to.size(); ++k) {
    const auto sum = mpc::slice(up_to[k], at, 1);
    parts.push_back(k == 0 ? sum : mpc::subtract(sum, mpc::slice(up_to[k - 1], at, 1)));
  }
  return joined(parts);
}

// Whether each count, below 2^32, is 0 or at least `minimum`.
SharedBits none_or_enough(Engine& engine, const Shared<u64>& counts, u64 minimum) {
  const auto below = less_than_public(engine, counts, minimum, count_bits);
  const auto some = engine.not_bits(equal_zero(engine, counts, count_bits));
  return engine.not_bits(engine.and_bits(below, some));
}

}  // namespace

RiskGroups risk_groups(Engine& engine, const Shared<u64>& before, const Shared<u128>& weight, const Shared<u128>& event,
                       const Shared<u128>& risk, std::size_t groups) {
  const std::size_t n = before.size;
  COHORTIUM_CHECK(groups >= 2 && groups <= 100 && n >= 1 && weight.size == n && event.size == n && risk.size == n);
  const auto one = constant_fill(engine, 1, u64{1});
  const auto last = mpc::subtract(mpc::sum_blocks(mpc::narrow(weight), n), one);
  const auto place = mpc::scale(before, u64{groups});
  const std::array columns{event, risk};
  const auto counted = engine.multiply(mpc::concatenate(std::span<const Shared<u128>>(columns)), mpc::tile(weight, 2));
  const auto all = joined({weight, counted});
  std::vector<Shared<u128>> up_to;
  for (std::size_t k = 1; k < groups; ++k) {
    const auto bound = mpc::repeat(mpc::scale(last, u64{k}), n);
    const auto within = engine.not_bits(less_than(engine, bound, place, place_bits));
    up_to.push_back(engine.dot(mpc::tile(engine.ring<u128>().from_bit(within), 3), all, n));
  }
  up_to.push_back(mpc::sum_blocks(all, n));
  return {.people = differences(up_to, 0), .events = differences(up_to, 1), .risk = differences(up_to, 2)};
}

RiskGroups merged_groups(Engine& engine, const RiskGroups& groups, u64 minimum) {
  const std::size_t count = groups.people.size;
  COHORTIUM_CHECK(count >= 1 && groups.events.size == count && groups.risk.size == count && minimum < u64{1} << 31);
  const auto at = [&](const Shared<u128>& values, std::size_t k) { return mpc::slice(values, k, 1); };
  const auto part = [&](std::size_t k) {
    return joined({at(groups.people, k), at(groups.events, k), at(groups.risk, k)});
  };
  Shared<u128> gathered = constant_fill(engine, 3, u128{0});
  Shared<u128> rest = joined({mpc::sum_blocks(groups.people, count), mpc::sum_blocks(groups.events, count)});
  std::vector<Shared<u128>> closed;
  for (std::size_t k = 0; k < count; ++k) {
    gathered = mpc::add(gathered, part(k));
    rest = mpc::subtract(rest, joined({at(groups.people, k), at(groups.events, k)}));
    // Events and others, of what is gathered and of what remains.
    const auto events = joined({at(gathered, 1), at(rest, 1)});
    const auto others = mpc::subtract(joined({at(gathered, 0), at(rest, 0)}), events);
    const auto fine = none_or_enough(engine, mpc::narrow(joined({events, others})), minimum);
    const auto nobody = equal_zero(engine, mpc::narrow(at(gathered, 0)), count_bits);
    std::vector<SharedBits> faults{nobody};
    for (std::size_t i = 0; i < fine.size; ++i) faults.push_back(engine.not_bits(mpc::slice(fine, i, 1)));
    const auto closes = engine.not_bits(or_all(engine, std::move(faults)));
    const std::array three{closes, closes, closes};
    closed.push_back(engine.keep_where(mpc::concatenate(std::span<const SharedBits>(three)), gathered));
    gathered = mpc::subtract(gathered, closed.back());
  }
  const auto column = [&](std::size_t which) {
    std::vector<Shared<u128>> parts;
    for (const auto& group : closed) parts.push_back(at(group, which));
    return joined(parts);
  };
  return {.people = column(0), .events = column(1), .risk = column(2)};
}

}  // namespace cohortium::oblivious
