#include "release/relations.h"

#include <algorithm>
#include <set>

#include "base/error.h"

namespace cohortium::release {
namespace {

constexpr std::size_t most_margin_columns = 6;  // of a family whose margins are all taken

// Columns in which the populations of a family differ.
std::vector<std::size_t> varying_columns(const std::vector<Population>& family) {
  std::set<std::size_t> columns;
  for (const Population& population : family) {
    for (const auto& [column, flags] : population.classes) {
      const bool alike = std::all_of(family.begin(), family.end(), [&](const Population& other) {
        const auto found = other.classes.find(column);
        return found != other.classes.end() && found->second == flags;
      });
      if (!alike) columns.insert(column);
    }
  }
  return {columns.begin(), columns.end()};
}

// The populations of a family that are alike in the columns `kept`, taken together.
std::vector<Population> margin(const std::vector<Population>& family, const std::vector<std::size_t>& kept) {
  std::map<Population, std::vector<Population>> alike;
  for (const Population& population : family) {
    Population key;
    for (const std::size_t column : kept) {
      const auto found = population.classes.find(column);
      if (found != population.classes.end()) key.classes.insert(*found);
    }
    alike[key].push_back(population);
  }
  std::vector<Population> result;
  for (const auto& [key, populations] : alike) result.push_back(hull(populations));
  return result;
}

std::vector<Population> margins(const std::vector<Population>& family) {
  const std::vector<std::size_t> columns = varying_columns(family);
  if (columns.size() > most_margin_columns) return margin(family, {});
  std::vector<Population> result;
  for (std::size_t subset = 0; subset + 1 < std::size_t{1} << columns.size(); ++subset) {
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < columns.size(); ++i)
      if ((subset >> i & 1) != 0) kept.push_back(columns[i]);
    for (Population& population : margin(family, kept)) result.push_back(std::move(population));
  }
  return result;
}

class Finder {
 public:
  Relations find(const std::vector<std::vector<Population>>& families) {
    for (const auto& family : families) {
      std::vector<std::size_t>& places = relations_.group_of.emplace_back();
      for (const Population& population : family) places.push_back(add_whole(population));
    }
    COHORTIUM_CHECK(wholes_.size() <= most_populations);
    relations_.groups = wholes_;
    for (const auto& family : families)
      for (const Population& population : margins(family)) add_whole(population);
    for (std::size_t whole = 0; whole < wholes_.size(); ++whole) relate(whole);
    return std::move(relations_);
  }

 private:
  std::size_t add_whole(const Population& population) {
    const auto [entry, is_new] = place_of_.try_emplace(population, wholes_.size());
    if (is_new) wholes_.push_back(population);
    return entry->second;
  }

  void relate(std::size_t whole) {
    std::set<std::vector<std::size_t>> known;
    std::vector<Side> sides;
    if (whole < relations_.groups.size()) {
      known.insert({whole});
      sides.push_back({.whole = whole, .groups = {whole}});
    }
    for (const auto& family : relations_.group_of) {
      std::vector<std::size_t> groups;
      std::vector<Population> parts;
      for (const std::size_t group : family) {
        if (!is_within(relations_.groups[group], wholes_[whole])) continue;
        groups.push_back(group);
        parts.push_back(relations_.groups[group]);
      }
      std::sort(groups.begin(), groups.end());
      if (groups.empty() || !known.insert(groups).second) continue;
      sides.push_back({.whole = whole, .groups = std::move(groups), .rest = !covers(parts, wholes_[whole])});
    }
    if (sides.size() < 2) return;
    const std::size_t first = relations_.sides.size();
    relations_.sides.insert(relations_.sides.end(), sides.begin(), sides.end());
    for (std::size_t i = 0; i < sides.size(); ++i)
      for (std::size_t j = i + 1; j < sides.size(); ++j)
        if (says_something(sides[i], sides[j])) relations_.relations.push_back({first + i, first + j});
  }

  // Where both sides leave a rest of any size, their difference says nothing. But of the rest that one group leaves of a
  // group, a rule may have told whether it is few.
  bool says_something(const Side& left, const Side& right) const {
    if (!left.rest || !right.rest) return true;
    return left.whole < relations_.groups.size() && left.groups.size() == 1 && right.groups.size() == 1;
  }

  Relations relations_;
  std::vector<Population> wholes_;
  std::map<Population, std::size_t> place_of_;
};

}  // namespace

Relations find_relations(const std::vector<std::vector<Population>>& families) { return Finder().find(families); }

}  // namespace cohortium::release
