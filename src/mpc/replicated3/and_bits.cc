// Conjunction of shared bit vectors: conjunctions.cc for planes that stand alone.
//
// Security   semi-honest, 1 corruption of 3; the unused bits of the last word leave masked like all others
// Reveals    nothing
// Rounds     1
// Sent       1 bit per element and party (whole words)
// Requires   equal sizes; the result does not overlap the operands
// Source     Araki et al., CCS 2016, section 2.1
#include "mpc/replicated3/bit_lane.h"

namespace cohortium::mpc {

void Lane::and_bits(ConstParts<u64> a, ConstParts<u64> b, std::size_t words, Parts<u64> out) {
  const PlaneConjunction conjunction{.left = {a}, .right = {b}};
  bits().conjoin(std::span(&conjunction, 1), Tiling{.words = words}, out);
}

}  // namespace cohortium::mpc
