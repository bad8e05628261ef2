#include "programs.h"

#include "inputs.h"
#include "mpc/dealing.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"
#include "oblivious/division.h"
#include "oblivious/exponential.h"
#include "oblivious/fixed_point.h"
#include "oblivious/logarithm.h"
#include "oblivious/prefix_product.h"
#include "oblivious/square_root.h"

namespace cohortium::conformance {
namespace {

using mpc::Engine;
using mpc::PartyId;
using mpc::Shared;
using mpc::SharedBits;

template <class W>
Shared<W> share(Engine& engine, const std::vector<W>& values, PartyId owner = 0) {
  owner %= engine.parties();
  return engine.share(owner, engine.self() == owner ? std::span<const W>(values) : std::span<const W>(), values.size());
}

template <class W>
Shared<W> elements(Engine& engine, std::size_t n, unsigned seed, PartyId owner = 0) {
  return share(engine, ring_elements<W>(n, seed), owner);
}

// Below 2^bits.
Shared<u128> small(Engine& engine, std::size_t n, unsigned seed, int bits) {
  std::vector<u128> values = ring_elements<u128>(n, seed);
  for (u128& value : values) value &= (u128{1} << bits) - 1;
  return share(engine, values);
}

SharedBits bits(Engine& engine, std::size_t n, unsigned seed, PartyId owner = 0) {
  owner %= engine.parties();
  const auto words = bit_words(n, seed);
  return engine.share_bits(owner, engine.self() == owner ? std::span<const u64>(words) : std::span<const u64>(), n);
}

// The kernels over one ring.
template <class W>
std::vector<Program> ring_programs(const std::string& ring) {
  return {
      {"share" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         for (PartyId owner = 0; owner < e.parties(); ++owner) elements<W>(e, n, seed, owner);
       }},
      {"open" + ring, [](Engine& e, std::size_t n, unsigned) { e.open(e.ring<W>().random(n)); }},
      {"open_to" + ring,
       [](Engine& e, std::size_t n, unsigned) {
         for (PartyId receiver = 0; receiver < e.parties(); ++receiver) e.open_to(receiver, e.ring<W>().random(n));
       }},
      {"multiply" + ring, [](Engine& e, std::size_t n,
                             unsigned seed) { e.multiply(elements<W>(e, n, seed), elements<W>(e, n, seed + 1, 1)); }},
      {"dot" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         if (n > 0) e.dot(elements<W>(e, n, seed), elements<W>(e, n, seed + 1, 1), n);
       }},
      {"matrix_product" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         e.matrix_product(elements<W>(e, 3 * n, seed), elements<W>(e, 2 * n, seed + 1, 1), 3, n, 2);
       }},
      {"truncate" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         e.truncate(share(e, signed_elements<W>(n, mpc::bits_of<W> - 2, seed)), 20);
       }},
      {"to_bits" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         for (int count : {1, 2, 3, 13, mpc::bits_of<W>}) e.to_bits(elements<W>(e, n, seed), count);
       }},
      {"bit" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         for (int position : {0, 1, 2, 12, mpc::bits_of<W> - 1}) e.bit(elements<W>(e, n, seed), position);
       }},
      {"is_zero" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         for (int count : {1, 2, 3, 13, mpc::bits_of<W>}) e.is_zero(elements<W>(e, n, seed), count);
       }},
      {"from_bit" + ring, [](Engine& e, std::size_t n, unsigned seed) { e.ring<W>().from_bit(bits(e, n, seed, 2)); }},
      {"from_bits" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         std::vector<SharedBits> planes;
         for (unsigned j = 0; j < 20; ++j) planes.push_back(bits(e, n, seed + j, 2));
         e.ring<W>().from_bits(planes);
       }},
      {"keep_where" + ring,
       [](Engine& e, std::size_t n, unsigned seed) { e.keep_where(bits(e, n, seed, 1), elements<W>(e, n, seed)); }},
      {"permute" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto p = e.random_permutation(n);
         const auto moved = e.permute(p, elements<W>(e, 3 * n, seed), mpc::Direction::kForwards);
         e.permute(p, moved, mpc::Direction::kBackwards);
       }},
  };
}

// What oblivious/ builds of them, over one ring.
template <class W>
std::vector<Program> arithmetic_programs(const std::string& ring) {
  return {
      {"multiply_fixed" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto a = share(e, signed_elements<W>(n, 30, seed));
         oblivious::multiply_fixed(e, a, a, 20);
         if (n > 0) oblivious::dot_fixed(e, a, a, n, 20);
       }},
      {"less_than" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto a = share(e, signed_elements<W>(n, 30, seed)), b = share(e, signed_elements<W>(n, 30, seed + 1));
         oblivious::less_than(e, a, b);
         oblivious::less_than(e, a, b, 30);
         oblivious::less_than_unsigned(e, a, b);
         oblivious::less_than_public(e, a, W{7});
         oblivious::less_than_public(e, a, W{7}, 30);
       }},
      {"equal" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto a = elements<W>(e, n, seed), b = elements<W>(e, n, seed + 1);
         oblivious::equal(e, a, b);
         oblivious::equal(e, a, b, 11);
         oblivious::equal_zero(e, a, 7);
       }},
      {"select" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         oblivious::select(e, bits(e, n, seed), elements<W>(e, n, seed), elements<W>(e, n, seed + 1));
       }},
      {"prefix_product" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         if (n > 0) oblivious::prefix_product(e, share(e, std::vector<W>(2 * n, W{seed})), n, 20);
       }},
  };
}

std::vector<Program> bit_programs() {
  return {
      {"share_bits",
       [](Engine& e, std::size_t n, unsigned seed) {
         for (PartyId owner = 0; owner < e.parties(); ++owner) bits(e, n, seed, owner);
       }},
      {"open_bits", [](Engine& e, std::size_t n, unsigned) { e.open_bits(e.random_bits(n)); }},
      {"and_bits",
       [](Engine& e, std::size_t n, unsigned seed) { e.and_bits(bits(e, n, seed), bits(e, n, seed + 1, 1)); }},
      {"permute_bits",
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto p = e.random_permutation(n);
         const std::vector<SharedBits> columns{bits(e, n, seed), bits(e, n, seed + 1)};
         e.permute_bits(p, e.permute_bits(p, columns, mpc::Direction::kForwards), mpc::Direction::kBackwards);
       }},
      {"or_from_top",
       [](Engine& e, std::size_t n, unsigned seed) {
         std::vector<SharedBits> planes;
         for (unsigned j = 0; j < 11; ++j) planes.push_back(bits(e, n, seed + j));
         oblivious::or_from_top(e, planes);
         oblivious::or_all(e, planes);
         oblivious::and_all(e, planes);
       }},
  };
}

}  // namespace

const std::vector<Program>& kernel_programs() {
  static const std::vector<Program> programs = [] {
    std::vector<Program> all = ring_programs<u64>("_64");
    for (auto more : {ring_programs<u128>("_128"), arithmetic_programs<u64>("_64"), arithmetic_programs<u128>("_128"),
                      bit_programs()})
      all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return programs;
}

const std::vector<Program>& algorithm_programs() {
  static const std::vector<Program> programs = {
      {"divide",
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto d = small(e, n, seed, 30);
         oblivious::divide(e, d, d, 30, 20);
         oblivious::divide(e, d, d, 30, 50);
       }},
      {"square_root",
       [](Engine& e, std::size_t n, unsigned seed) { oblivious::square_root(e, small(e, n, seed, 30), 30, 30); }},
      {"inverse_square_root", [](Engine& e, std::size_t n,
                                 unsigned seed) { oblivious::inverse_square_root(e, small(e, n, seed, 30), 30, 30); }},
      {"exponential",
       [](Engine& e, std::size_t n, unsigned seed) { oblivious::exponential(e, small(e, n, seed, 30), 5, 30); }},
      {"natural_logarithm", [](Engine& e, std::size_t n,
                               unsigned seed) { oblivious::natural_logarithm(e, small(e, n, seed, 30), 30, 5, 30); }},
  };
  return programs;
}

std::vector<Program> building_programs() {
  std::vector<Program> all = kernel_programs();
  all.insert(all.end(), algorithm_programs().begin(), algorithm_programs().end());
  all.insert(all.end(), table_programs().begin(), table_programs().end());
  return all;
}

std::vector<Program> all_programs() {
  std::vector<Program> all = building_programs();
  all.insert(all.end(), numeric_programs().begin(), numeric_programs().end());
  all.insert(all.end(), analysis_programs().begin(), analysis_programs().end());
  return all;
}

}  // namespace cohortium::conformance
