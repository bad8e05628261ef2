// Which rows a count counts, in public terms, so that counts of different analyses can be held against each other.
//
// The values of a column fall into public classes: the levels of a category, "event" and "censored", ranges of a number,
// "missing". A population is a product: of each column that restricts it, the classes whose rows belong to it.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

namespace cohortium::release {

struct Population {
  // By column, one flag per class of it. A column that is not here, or of which all classes belong, does not restrict.
  std::map<std::size_t, std::vector<bool>> classes = {};

  auto operator<=>(const Population&) const = default;
};

// Without columns that do not restrict: equal populations then compare equal.
Population simplified(Population population);

// Of simplified populations.
bool is_within(const Population& inner, const Population& outer);
bool have_no_row_in_common(const Population& a, const Population& b);
// Restricted by what restricts all of them, to the classes of any of them.
Population hull(const std::vector<Population>& populations);
// Whether `parts`, within `whole` and without a row in common, leave no row of it out, whatever the records are.
bool covers(const std::vector<Population>& parts, const Population& whole);

}  // namespace cohortium::release
