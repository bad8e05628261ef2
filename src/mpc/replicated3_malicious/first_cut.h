// How long claims are cut first, while their vectors are made (written_claims.h, bit_claims.h): into pieces that lie side by
// side in stretches, so that a stretch of all pieces stays in the first-level cache.
#pragma once

#include <cstddef>

namespace cohortium::mpc {

inline constexpr std::size_t pieces_at_once = 8, piece_stretch = 128;
inline constexpr std::size_t worth_a_first_cut = 8192;  // elements, and less is written out whole

}  // namespace cohortium::mpc
