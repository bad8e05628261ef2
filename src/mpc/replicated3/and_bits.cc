// Conjunction of shared bit vectors: multiplication in Z_2, 64 elements to a word.
//
// Security   semi-honest, 1 corruption of 3; the unused bits of the last word leave masked like all others
// Reveals    nothing
// Rounds     1
// Sent       1 bit per element and party (whole words)
// Requires   equal sizes
// Source     Araki et al., CCS 2016, section 2.1
#include "base/error.h"
#include "mpc/replicated3/replicated3.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {

Components<u64> Replicated3::and_components(const Components<u64>& a, const Components<u64>& b) {
  const std::size_t words = a[0].size();
  COHORTIUM_CHECK(b[0].size() == words);
  Components<u64> result{draw<u64>(with_next_, words), draw<u64>(with_previous_, words)};
  xor_words(result[0].data(), result[1].data(), result[0].data(), words);
  add_cross_conjunctions(a[0].data(), a[1].data(), b[0].data(), b[1].data(), result[0].data(), words);
  session_.exchange({{session_.previous(), bytes_of(result[0])}}, {{session_.next(), writable_bytes_of(result[1])}});
  return result;
}

SharedBits Replicated3::and_bits(const SharedBits& a, const SharedBits& b) {
  COHORTIUM_CHECK(a.size == b.size && a.components == 2 && b.components == 2);
  SharedBits result;
  result.size = a.size;
  result.components = 2;
  result.component = and_components(a.component, b.component);
  return result;
}

}  // namespace cohortium::mpc
