// Fisher's exact test of a table of any size, given its margins.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace cohortium::statistics {

// Transitions between partly filled tables that are looked at, at most.
inline constexpr double largest_exact_work = 4e6;
inline constexpr double largest_exact_people = 1 << 20;

// The probability of all tables with these margins that are at most as probable as this one (up to 1e-7 of it, as R's
// fisher.test). `counts` row by row. Nothing where the table is larger than these bounds.
std::optional<double> exact_table_p(const std::vector<double>& counts, std::size_t columns);

}  // namespace cohortium::statistics
