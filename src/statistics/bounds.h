// What every number that a site shares lies between, as the study's declarations tell beforehand. Where a site may lie, the
// compute parties hold it to these (study/site_bounds.h): outside them sums leave the ring, comparisons of counts
// err, and a minimum cell is passed by a count that cannot be.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "mpc/ring.h"

namespace cohortium::statistics {

// A run of elements of an aggregate, or of columns of rows. Limits are inclusive and less than 2^126 from 0.
struct Bounds {
  std::size_t count = 0;
  mpc::i128 low = 0, high = 0;
};

// Columns of rows, each 0 or 1, of which at most one is 1.
struct Indicators {
  std::size_t from = 0, count = 0;
};

// Of the rows of one site, so many numbers.
Bounds counts_of_people(std::size_t count);
// Of one row: 0 or 1; whole numbers from 0; fixed-point numbers of a range, rounded; where a row takes no part, 0.
Bounds bits(std::size_t count);
Bounds whole_numbers(std::size_t count, mpc::u64 high);
Bounds fixed_numbers(std::size_t count, double low, double high, int fraction_bits);
// Sums of the latter over all rows of a site.
Bounds fixed_sums(std::size_t count, double low, double high, int fraction_bits);

// Whether values, so many for each element, are within: a site's own, before it shares them.
bool is_within(const std::vector<Bounds>& bounds, std::span<const mpc::u128> values, std::size_t of_each);

std::size_t elements(const std::vector<Bounds>& bounds);

}  // namespace cohortium::statistics
