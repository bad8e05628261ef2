// Which equations between withheld groups bind them to each other, taken together: what no two analyses tell, but three.
//
// Every relation of what is shown is an equation between hidden groups: of few people (from none or one to minimum - 1) and
// of others, which may be as large as they like. Others are eliminated. Where an equation between groups of few people
// alone is left that stands in no relation by itself, or that shares a group with another, or where a group that must
// stay hidden is left alone, the relations that it came from tell too much. Coefficients are public; no value is looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace cohortium::release {

struct HiddenEquation {
  std::map<std::size_t, std::int64_t> few = {};     // coefficients by group
  std::map<std::size_t, std::int64_t> others = {};  // likewise
  bool holds_anyway = false;                        // whatever the records are: it tells nothing. These come first
};

// The equations, by place, that one of the later ones binds together with it; empty: none does. `hidden`: those of the
// others that must not be known.
std::set<std::size_t> bound_together(const std::vector<HiddenEquation>& equations, const std::set<std::size_t>& hidden);

}  // namespace cohortium::release
