#include "release/population.h"

#include <algorithm>

namespace cohortium::release {
namespace {

std::size_t count_of(const std::vector<bool>& flags) {
  return static_cast<std::size_t>(std::count(flags.begin(), flags.end(), true));
}

// The part of `whole`'s combinations of classes that are in `part`, which is within it.
double fraction(const Population& part, const Population& whole) {
  double result = 1;
  for (const auto& [column, flags] : part.classes) {
    const auto outer = whole.classes.find(column);
    const std::size_t all = outer == whole.classes.end() ? flags.size() : count_of(outer->second);
    result *= static_cast<double>(count_of(flags)) / static_cast<double>(all);
  }
  return result;
}

}  // namespace

Population simplified(Population population) {
  std::erase_if(population.classes, [](const auto& entry) { return count_of(entry.second) == entry.second.size(); });
  return population;
}

bool is_within(const Population& inner, const Population& outer) {
  return std::all_of(outer.classes.begin(), outer.classes.end(), [&](const auto& entry) {
    const auto found = inner.classes.find(entry.first);
    if (found == inner.classes.end()) return false;
    for (std::size_t i = 0; i < entry.second.size(); ++i)
      if (found->second[i] && !entry.second[i]) return false;
    return true;
  });
}

bool have_no_row_in_common(const Population& a, const Population& b) {
  return std::any_of(a.classes.begin(), a.classes.end(), [&](const auto& entry) {
    const auto found = b.classes.find(entry.first);
    if (found == b.classes.end()) return false;
    for (std::size_t i = 0; i < entry.second.size(); ++i)
      if (found->second[i] && entry.second[i]) return false;
    return true;
  });
}

Population hull(const std::vector<Population>& populations) {
  if (populations.empty()) return {};
  Population result = populations.front();
  for (const Population& population : populations) {
    std::erase_if(result.classes, [&](const auto& entry) { return !population.classes.contains(entry.first); });
    for (auto& [column, flags] : result.classes) {
      const std::vector<bool>& more = population.classes.at(column);
      for (std::size_t i = 0; i < flags.size(); ++i) flags[i] = flags[i] || more[i];
    }
  }
  return simplified(std::move(result));
}

bool covers(const std::vector<Population>& parts, const Population& whole) {
  double sum = 0;
  for (const Population& part : parts) sum += fraction(part, whole);
  constexpr double less_than_one_combination = 1e-9;
  return sum > 1 - less_than_one_combination;
}

}  // namespace cohortium::release
