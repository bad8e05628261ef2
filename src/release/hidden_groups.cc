#include "release/hidden_groups.h"

#include <algorithm>

namespace cohortium::release {
namespace {

// Which of two analyses' knowledge of one hidden population says more.
int strength(Standing standing) {
  switch (standing) {
    case Standing::kShown:
      return 5;
    case Standing::kNone:
      return 4;
    case Standing::kSome:
      return 3;
    case Standing::kEnough:
      return 2;
    case Standing::kFew:
      return 1;
    case Standing::kClosed:
      break;
  }
  return 0;
}

std::vector<Group> read_groups(const Relations& relations, const std::vector<Standings>& standings) {
  std::vector<Group> groups(relations.groups.size());
  std::vector<bool> met(groups.size());
  for (std::size_t f = 0; f < standings.size(); ++f) {
    for (std::size_t i = 0; i < standings[f].groups.size(); ++i) {
      const std::size_t g = relations.group_of[f][i];
      const Standing standing = standings[f].groups[i];
      if (!met[g] || strength(standing) > strength(groups[g].standing))
        groups[g] = {.standing = standing, .known = strength(standing) >= 4, .owner = {}, .family = f, .place = i};
      if (standing == Standing::kShown && !groups[g].owner) groups[g].owner = f;
      met[g] = true;
    }
  }
  return groups;
}

}  // namespace

void HiddenGroups::read(const std::vector<Standings>& standings) {
  groups_ = read_groups(relations_, standings);
  rests_.clear();
  for (std::size_t f = 0; f < standings.size(); ++f) {
    for (std::size_t i = 0; i < standings[f].rests.size(); ++i)
      rests_[{relations_.group_of[*families_[f].inside][i], relations_.group_of[f][i]}] = standings[f].rests[i];
  }
  find_known();
  find_divisions();
}

// What is closed for no reason of its own may follow from the rest; then it is as good as shown.
void HiddenGroups::find_known() {
  for (bool more = true; more;) {
    more = false;
    for (const Relation& relation : relations_.relations) {
      const std::vector<std::size_t> hidden = hidden_groups(relation);
      if (hidden.size() != 1 || groups_[hidden[0]].standing != Standing::kClosed) continue;
      if (relations_.sides[relation.left].rest || relations_.sides[relation.right].rest) continue;
      groups_[hidden[0]].known = more = true;
    }
  }
}

std::vector<std::size_t> HiddenGroups::hidden_groups(const Relation& relation) const {
  std::vector<std::size_t> hidden;
  for (const std::size_t s : {relation.left, relation.right})
    for (const std::size_t g : relations_.sides[s].groups)
      if (!groups_[g].known) hidden.push_back(g);
  return hidden;
}

void HiddenGroups::count(std::size_t group, HiddenSide& hidden) const {
  switch (groups_[group].standing) {
    case Standing::kFew:
      ++hidden.few;
      break;
    case Standing::kSome:
      ++hidden.some;
      break;
    case Standing::kEnough:
      ++hidden.enough;
      hidden.narrow = hidden.narrow || narrow_.contains(group);
      break;
    default:
      hidden.rest = true;  // any number
  }
}

void HiddenGroups::add_rest(std::size_t index, HiddenSide& hidden) const {
  const Side& side = relations_.sides[index];
  if (!side.rest) return;
  Standing standing = Standing::kShown;
  if (side.groups.size() == 1) {
    const auto known = rests_.find({side.whole, side.groups[0]});
    if (known != rests_.end()) standing = known->second;
  }
  // In the view of a protected site there may be none of these few.
  if (few_rests_.contains(index)) standing = families_.front().others.empty() ? Standing::kSome : Standing::kFew;
  hidden.some += standing == Standing::kSome;
  hidden.few += standing == Standing::kFew;
  hidden.rest_is_enough = standing == Standing::kEnough;
  const bool is_few = standing == Standing::kSome || standing == Standing::kFew;
  hidden.rest = hidden.rest || !(is_few || standing == Standing::kNone);
}

HiddenSide HiddenGroups::side(std::size_t index, bool divided) const {
  HiddenSide hidden;
  for (const std::size_t g : parts(index, divided))
    if (!groups_[g].known) count(g, hidden);
  add_rest(index, hidden);
  return hidden;
}

std::vector<std::size_t> HiddenGroups::parts(std::size_t index, bool divided) const {
  if (!divided) return relations_.sides[index].groups;
  std::vector<std::size_t> result;
  for (const std::size_t g : relations_.sides[index].groups) {
    const auto division = divisions_.find(g);
    if (division == divisions_.end()) {
      result.push_back(g);
    } else {
      const std::vector<std::size_t>& groups = relations_.sides[division->second].groups;
      result.insert(result.end(), groups.begin(), groups.end());
    }
  }
  return result;
}

void HiddenGroups::find_divisions() {
  divisions_.clear();
  for (std::size_t s = 0; s < relations_.sides.size(); ++s) {
    const Side& side = relations_.sides[s];
    if (side.rest || side.whole >= groups_.size() || side.groups[0] == side.whole) continue;
    if (groups_[side.whole].known || groups_[side.whole].standing != Standing::kEnough) continue;
    const bool few = std::all_of(side.groups.begin(), side.groups.end(), [&](std::size_t g) {
      const Standing standing = groups_[g].standing;
      return groups_[g].known || standing == Standing::kFew || standing == Standing::kSome;
    });
    if (few) divisions_.try_emplace(side.whole, s);
  }
}

bool HiddenGroups::has_division(const Relation& relation) const {
  if (divisions_.empty()) return false;
  for (const std::size_t s : {relation.left, relation.right})
    for (const std::size_t g : relations_.sides[s].groups)
      if (divisions_.contains(g) && (relations_.sides[s].groups.size() > 1 || relations_.sides[s].whole != g))
        return true;
  return false;
}

std::optional<HiddenEquation> HiddenGroups::equation(const Relation& relation) const {
  HiddenEquation result;
  for (const std::size_t s : {relation.left, relation.right}) {
    const std::int64_t sign = s == relation.left ? 1 : -1;
    std::size_t small = 0, some = 0;
    for (const std::size_t g : relations_.sides[s].groups) {
      if (groups_[g].known) continue;
      const bool few = groups_[g].standing == Standing::kFew || groups_[g].standing == Standing::kSome;
      small += groups_[g].standing == Standing::kFew;
      some += groups_[g].standing == Standing::kSome;
      (few ? result.few : result.others)[g] += sign;
    }
    const HiddenSide hidden = side(s, false);
    if (relations_.sides[s].rest && (hidden.rest || hidden.some > some || hidden.few > small)) return std::nullopt;
  }
  return result;
}

}  // namespace cohortium::release
