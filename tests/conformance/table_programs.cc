// Programs of the algorithms on tables whose course depends on public sizes alone. (A comparison sort's also depends on
// the order of shuffled rows: comparison_sort_test.cc.)
#include "inputs.h"
#include "oblivious/one_hot.h"
#include "oblivious/rearrangement.h"
#include "oblivious/sort.h"
#include "programs.h"

namespace cohortium::conformance {
namespace {

using mpc::Engine;
using mpc::Shared;
using mpc::SharedBits;

// Below 2^bits.
Shared<u64> numbers(Engine& engine, std::size_t n, unsigned seed, int bits) {
  std::vector<u64> values = ring_elements<u64>(n, seed);
  for (u64& value : values) value &= (u64{1} << bits) - 1;
  return engine.share(0, engine.self() == 0 ? std::span<const u64>(values) : std::span<const u64>(), n);
}

}  // namespace

const std::vector<Program>& table_programs() {
  static const std::vector<Program> programs = {
      {"rearrange",
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto values = numbers(e, n, seed, 40);
         const auto shuffled = oblivious::random_rearrangement(e, n);
         const auto back = oblivious::inverse(shuffled);
         oblivious::apply(e, back, oblivious::apply(e, shuffled, values));
         oblivious::apply(e, oblivious::compose(e, shuffled, back), values);
       }},
      {"one_hot", [](Engine& e, std::size_t n,
                     unsigned seed) { oblivious::one_hot<u64>(e, e.to_bits(numbers(e, n, seed, 5), 5)); }},
      {"radix_sort",
       [](Engine& e, std::size_t n, unsigned seed) {
         for (int bits : {2, 7}) {
           oblivious::sort(e, {.values = numbers(e, n, seed, bits), .bits = bits}, oblivious::SortMethod::kRadix);
         }
       }},
  };
  return programs;
}

}  // namespace cohortium::conformance
