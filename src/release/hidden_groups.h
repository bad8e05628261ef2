// What is known of every population that a study counts, once its analyses have been decided one by one or anew.
//
// Reveals    nothing; it reads public decisions only
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "release/across.h"
#include "release/bound_groups.h"
#include "release/safe_differences.h"

namespace cohortium::release {

// What is known of one population, from all analyses that count it.
struct Group {
  Standing standing = Standing::kClosed;
  bool known = false;                 // shown, or it follows from what is
  std::optional<std::size_t> owner;   // the first family that shows it
  std::size_t family = 0, place = 0;  // where its count stands
};

class HiddenGroups {
 public:
  HiddenGroups(const Relations& relations, const std::vector<Family>& families)
      : relations_(relations), families_(families) {}

  void read(const std::vector<Standings>& standings);
  // What comparisons have told: that the rest which a side leaves is few, and that a hidden group is not far above the
  // minimum.
  void note_few_rest(std::size_t side) { few_rests_.insert(side); }
  void note_narrow(std::size_t group) { narrow_.insert(group); }

  const Group& operator[](std::size_t group) const { return groups_[group]; }
  std::size_t size() const { return groups_.size(); }
  HiddenSide side(std::size_t index, bool divided) const;
  // The groups of a side. `divided`: where one of enough people is hidden that another analysis divides without a rest into
  // groups that are known or few, these instead; it then has no more people than they may have.
  std::vector<std::size_t> parts(std::size_t index, bool divided) const;
  bool has_division(const Relation& relation) const;
  // The equation between what a relation hides; nothing where a rest is among it, which may be the same people as others'.
  std::optional<HiddenEquation> equation(const Relation& relation) const;

 private:
  void find_known();
  void find_divisions();
  std::vector<std::size_t> hidden_groups(const Relation& relation) const;
  void count(std::size_t group, HiddenSide& hidden) const;
  void add_rest(std::size_t index, HiddenSide& hidden) const;

  const Relations& relations_;
  const std::vector<Family>& families_;
  std::vector<Group> groups_;
  std::map<std::pair<std::size_t, std::size_t>, Standing> rests_;  // by the whole and its one part
  std::map<std::size_t, std::size_t> divisions_;                   // by the group, a side that divides it
  std::set<std::size_t> few_rests_, narrow_;
};

}  // namespace cohortium::release
