#include "release/bound_groups.h"

#include <algorithm>

#include "mpc/ring.h"

namespace cohortium::release {
namespace {

using Sparse = std::map<std::size_t, std::uint64_t>;

// Arithmetic modulo a prime: the coefficients are small, so what is 0 here is 0.
constexpr std::uint64_t prime = (std::uint64_t{1} << 61) - 1;

std::uint64_t times(std::uint64_t a, std::uint64_t b) { return static_cast<std::uint64_t>(mpc::u128{a} * b % prime); }

std::uint64_t inverse(std::uint64_t a) {
  std::uint64_t result = 1;
  for (std::uint64_t power = prime - 2; power > 0; power >>= 1, a = times(a, a))
    if ((power & 1) != 0) result = times(result, a);
  return result;
}

Sparse modular(const std::map<std::size_t, std::int64_t>& coefficients) {
  Sparse result;
  for (const auto& [group, coefficient] : coefficients) {
    const auto size = static_cast<std::uint64_t>(coefficient < 0 ? -coefficient : coefficient);
    if (size != 0) result[group] = coefficient < 0 ? prime - size : size;
  }
  return result;
}

void subtract(Sparse& from, const Sparse& what, std::uint64_t factor) {
  for (const auto& [group, coefficient] : what) {
    std::uint64_t& value = from[group];
    value = (value + prime - times(coefficient, factor)) % prime;
    if (value == 0) from.erase(group);
  }
}

struct Row {
  Sparse few, others;
  std::set<std::size_t> sources;

  void eliminate(const Row& pivot_row, std::size_t pivot) {
    const auto found = others.find(pivot);
    if (found == others.end()) return;
    const std::uint64_t factor = times(found->second, inverse(pivot_row.others.at(pivot)));
    subtract(few, pivot_row.few, factor);
    subtract(others, pivot_row.others, factor);
    sources.insert(pivot_row.sources.begin(), pivot_row.sources.end());
  }
};

// Whether `row`, between groups of few people, follows from those before it.
bool follows(Sparse row, const std::map<std::size_t, Sparse>& among_few) {
  for (const auto& [pivot, other] : among_few) {
    const auto found = row.find(pivot);
    if (found != row.end()) subtract(row, other, times(found->second, inverse(other.at(pivot))));
  }
  return row.empty();
}

}  // namespace

std::set<std::size_t> bound_together(const std::vector<HiddenEquation>& equations,
                                     const std::set<std::size_t>& hidden) {
  std::map<std::size_t, Row> rows;          // by pivot, which is in no other row
  std::map<std::size_t, Sparse> among_few;  // by a group of theirs; no group is in two of them
  std::set<std::size_t> used;               // their groups
  for (std::size_t i = 0; i < equations.size(); ++i) {
    Row row{.few = modular(equations[i].few), .others = modular(equations[i].others), .sources = {}};
    if (!equations[i].holds_anyway) row.sources.insert(i);
    for (const auto& [pivot, other] : rows) row.eliminate(other, pivot);
    if (!row.others.empty()) {
      const std::size_t pivot = row.others.begin()->first;
      for (auto& [place, other] : rows) other.eliminate(row, pivot);
      rows.emplace(pivot, row);
      for (const auto& [place, other] : rows)
        if (other.few.empty() && other.others.size() == 1 && hidden.contains(place) && !other.sources.empty())
          return other.sources;
      continue;
    }
    if (row.few.empty() || follows(row.few, among_few)) continue;
    if (row.sources.empty()) {
      among_few[row.few.begin()->first] = row.few;
      continue;
    }
    const bool shares =
        std::any_of(row.few.begin(), row.few.end(), [&](const auto& e) { return used.contains(e.first); });
    if (shares || row.sources.size() > 1) return row.sources;
    for (const auto& [group, coefficient] : row.few) used.insert(group);
    among_few[row.few.begin()->first] = row.few;
  }
  return {};
}

}  // namespace cohortium::release
