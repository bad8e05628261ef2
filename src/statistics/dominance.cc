#include "statistics/dominance.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "oblivious/compare.h"

namespace cohortium::statistics {

using mpc::i128;
using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;

namespace {

constexpr int magnitude_bits = 41;  // the largest is 2^40
constexpr int share_bits = 20;
constexpr int product_bits = mpc::count_bits + magnitude_bits + share_bits;

struct Ordered {
  Shared<u128> greater, smaller;
};

Ordered ordered(mpc::Engine& engine, const Shared<u128>& a, const Shared<u128>& b) {
  const Shared<u128> greater = oblivious::select(engine, oblivious::less_than(engine, a, b, magnitude_bits), b, a);
  return {greater, subtract(add(a, b), greater)};
}

}  // namespace

Dominance::Dominance(const mpc::DominanceRule& rule, const data::ColumnDeclaration& column, std::size_t groups)
    : groups_(groups), largest_(rule.largest), share_(rule.share), most_(u128{1} << (magnitude_bits - 1)) {
  COHORTIUM_CHECK(largest_ >= 1 && largest_ <= 3 && share_ > 0 && share_ <= 1);
  const double most = std::max({std::abs(column.low), std::abs(column.high), 1e-300});
  unit_ = std::ldexp(most, 1 - magnitude_bits);
}

std::vector<Bounds> Dominance::bounds() const {
  const i128 rows = static_cast<i128>(mpc::maximum_rows_per_site);
  return {{groups_, 0, rows * static_cast<i128>(most_)}, {groups_ * largest_, 0, static_cast<i128>(most_)}};
}

std::string Dominance::key() const { return "dominance of " + std::to_string(largest_); }

std::string Dominance::sentence() const {
  const std::string values =
      largest_ == 1 ? "the largest value makes" : fmt::format("the {} largest values make", largest_);
  return fmt::format("{} up more than {:.6g}% of the sum of all, without their signs", values, 100 * share_);
}

std::vector<u128> Dominance::local(const data::Column& column, const std::vector<std::size_t>& group_of) const {
  std::vector<u128> shared(size());
  for (std::size_t row = 0; row < group_of.size(); ++row) {
    const std::size_t group = group_of[row];
    if (group >= groups_ || (!column.missing.empty() && column.missing[row])) continue;
    u128 value = std::min(most_, static_cast<u128>(std::llround(std::abs(column.number[row]) / unit_)));
    shared[group] += value;
    for (std::size_t rank = 0; rank < largest_; ++rank) {
      u128& place = shared[(1 + rank) * groups_ + group];
      if (value > place) std::swap(value, place);
    }
  }
  return shared;
}

// Of a descending list and one turned round, the greater at each place: together the greatest of both.
Dominance::Lists Dominance::merged(mpc::Engine& engine, const Lists& first, const Lists& second) const {
  const Lists turned(second.rbegin(), second.rend());
  const Shared<u128> greater = ordered(engine, concatenate(std::span<const Shared<u128>>(first)),
                                       concatenate(std::span<const Shared<u128>>(turned)))
                                   .greater;
  Lists lists;
  const std::size_t each = greater.size / largest_;
  for (std::size_t rank = 0; rank < largest_; ++rank) lists.push_back(slice(greater, rank * each, each));
  return lists;
}

void Dominance::sort(mpc::Engine& engine, Lists& lists) const {
  const auto exchange = [&](std::size_t i, std::size_t j) {
    const Ordered both = ordered(engine, lists[i], lists[j]);
    lists[i] = both.greater, lists[j] = both.smaller;
  };
  if (largest_ >= 2) exchange(0, 1);
  if (largest_ == 3) exchange(1, 2), exchange(0, 1);
}

mpc::SharedVeto Dominance::veto(mpc::Engine& engine, const Shared<u128>& sums,
                                const std::vector<Shared<u128>>& of_sites) const {
  COHORTIUM_CHECK(!of_sites.empty() && sums.size == groups_);
  std::vector<Lists> all;
  for (const Shared<u128>& site : of_sites) {
    Lists lists;
    for (std::size_t rank = 0; rank < largest_; ++rank) lists.push_back(slice(site, (1 + rank) * groups_, groups_));
    all.push_back(std::move(lists));
  }
  // Two halves at a time, all pairs side by side; where their number is odd, the last one waits.
  while (all.size() > 1) {
    const std::size_t pairs = all.size() / 2;
    Lists first(largest_), second(largest_);
    for (std::size_t rank = 0; rank < largest_; ++rank) {
      std::vector<Shared<u128>> left, right;
      for (std::size_t pair = 0; pair < pairs; ++pair) {
        left.push_back(all[2 * pair][rank]);
        right.push_back(all[2 * pair + 1][rank]);
      }
      first[rank] = concatenate(std::span<const Shared<u128>>(left));
      second[rank] = concatenate(std::span<const Shared<u128>>(right));
    }
    Lists greatest = merged(engine, first, second);
    std::vector<Lists> next(pairs);
    if (all.size() > 2) sort(engine, greatest);
    for (std::size_t pair = 0; pair < pairs; ++pair)
      for (const Shared<u128>& ranked : greatest) next[pair].push_back(slice(ranked, pair * groups_, groups_));
    if (all.size() % 2 == 1) next.push_back(all.back());
    all = std::move(next);
  }
  Shared<u128> top = all.front().front();
  for (std::size_t rank = 1; rank < largest_; ++rank) top = add(top, all.front()[rank]);
  const u128 share = static_cast<u128>(std::floor(std::ldexp(share_, share_bits)));
  return {.bits = oblivious::less_than(engine, scale(sums, share), scale(top, u128{1} << share_bits), product_bits),
          .rule = fmt::format("dominance of the study: {} largest, {:.6g}%", largest_, 100 * share_)};
}

}  // namespace cohortium::statistics
