// How often each number of a small public range occurs, and sums by it.
//
// Reveals    nothing
// Rounds     short ranges: those of to_bits, of one_hot, and 1; longer ones: those of sort_order and 3
// Sent       short ranges: range - 1 bits as elements per number; longer ones: those of sort_order for numbers and range
//            together, and 2 columns moved there and back
// Requires   range >= 1; numbers and range together fewer than 2^32. Numbers outside [0, range) are not counted, as long
//            as they are below 2^bits, 2^bits >= range
#pragma once

#include <optional>

#include "oblivious/sort.h"

namespace cohortium::oblivious {

enum class HistogramMethod { kAutomatic, kOneHot, kSort };

// Element v: how many of the numbers are v.
Shared<u64> histogram(Engine& engine, const Shared<u64>& numbers, int bits, std::size_t range,
                      HistogramMethod method = HistogramMethod::kAutomatic);
// Element v: the sum, which wraps, of the weights whose number is v.
Shared<u64> weighted_histogram(Engine& engine, const Shared<u64>& numbers, const Shared<u64>& weights, int bits,
                               std::size_t range, HistogramMethod method = HistogramMethod::kAutomatic);

}  // namespace cohortium::oblivious
