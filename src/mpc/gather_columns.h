// Permuted columns, a stretch at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mpc/ring.h"

namespace cohortium::mpc {

// out[i] = element from + i of the columns `in`, moved forwards by p (permutation.h), plus plus[i]; `plus` may be the
// array of `out`. Like every application of a permutation it reads at places that whoever calls it knows: parties are
// apart from one another.
template <RingWord W>
void gather_plus(std::span<const std::uint32_t> p, std::span<const W> in, std::size_t from, const W* plus,
                 std::span<W> out);

}  // namespace cohortium::mpc
