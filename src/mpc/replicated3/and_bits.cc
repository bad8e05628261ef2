// Conjunction of shared bit vectors: multiplication in Z_2, 64 elements to a word.
//
// Security   semi-honest, 1 corruption of 3; the unused bits of the last word leave masked like all others
// Reveals    nothing
// Rounds     1
// Sent       1 bit per element and party (whole words)
// Requires   equal sizes
// Source     Araki et al., CCS 2016, section 2.1
#include "mpc/replicated3/lane.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {

void Lane::and_bits(ConstParts<u64> a, ConstParts<u64> b, std::size_t words, Parts<u64> out) {
  random(words, Parts<u64>{out.second, out.first});
  xor_words(out.first, out.second, out.first, words);
  add_cross_conjunctions(a.first, a.second, b.first, b.second, out.first, words);
  channels_.exchange({{channels_.previous(), std::as_bytes(std::span(out.first, words))}},
                     {{channels_.next(), std::as_writable_bytes(std::span(out.second, words))}});
}

Components<u64> Lane::and_components(const Components<u64>& a, const Components<u64>& b) {
  const std::size_t words = a[0].size();
  Components<u64> result{Buffer<u64>(words), Buffer<u64>(words)};
  and_bits(parts_of(a), parts_of(b), words, parts_of(result));
  return result;
}

}  // namespace cohortium::mpc
