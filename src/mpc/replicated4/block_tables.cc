// Carries of blocks of positions of an addition a + b, where the first pair of parties knows a and the second b. Over a
// block, "generates" and "propagates" are polynomials in the bits of a and of b, of which every term is a product of bits
// of a times a product of bits of b:
//
//   generate_w = a_{w-1} b_{w-1} xor (a_{w-1} xor b_{w-1}) generate_{w-1},   propagate_w = product of all (a_i xor b_i).
//
// So each pair shares the 2^w - 1 products of its bits of a block. As the products of a then have components 2 and 3 and
// those of b components 0 and 1, four component pairs make up a table, and a table costs what four parts of one
// conjunction cost, however many terms it has. Sums of positions, a xor b, need no message of their own.
//
// Security   malicious, 1 corruption of 4 (joint_round.h)
// Reveals    nothing
// Rounds     2; 1 without tables
// Sent       in all, per element: 2 bits for every product, 4 bits for every table; and 16 bytes for each message
// Requires   blocks of 1 to 4 positions
// Source     the derivation above; the idea is that of replicated3/block_tables.cc
#include "mpc/block_products.h"
#include "mpc/replicated4/cross_products.h"
#include "mpc/replicated4/replicated4.h"

namespace cohortium::mpc {
namespace {

// A term of a table: the products of the bits of a in `of_a`, and of b in `of_b`.
struct Term {
  unsigned of_a, of_b;
};

void add_generate_terms(int length, unsigned of_a, unsigned of_b, std::vector<Term>& terms) {
  if (length == 0) return;
  const unsigned top = 1U << (length - 1);
  terms.push_back({of_a | top, of_b | top});
  add_generate_terms(length - 1, of_a | top, of_b, terms);
  add_generate_terms(length - 1, of_a, of_b | top, terms);
}

// The terms that have bits of both.
std::vector<Term> terms_of(const BlockTable& table) {
  std::vector<Term> terms;
  const unsigned all = (1U << table.length) - 1;
  if (table.propagate) {
    for (unsigned of_a = 1; of_a < all; ++of_a) terms.push_back({of_a, all ^ of_a});
  } else {
    add_generate_terms(table.length, 0, 0, terms);
  }
  return terms;
}

// Where the products of each block begin.
std::vector<int> first_products(const BlockPlan& plan) {
  std::vector<int> first;
  int next = 0;
  for (int width : plan.widths) {
    first.push_back(next);
    next += (1 << width) - 1;
  }
  return first;
}

}  // namespace

Cost Replicated4Cost::block_tables(std::size_t words, const BlockPlan& plan) const {
  const std::size_t bytes = words * sizeof(u64);
  Cost cost = JointRoundCost(party_).share(2, 3, plan.products() * bytes).share(0, 1, plan.products() * bytes);
  if (!plan.tables.empty()) cost += cross_products(plan.tables.size() * bytes);
  return cost;
}

// All products of the bits of each block: of a in components 2 and 3, of b in components 0 and 1.
PlaneSet Replicated4::block_products(const BlockPlan& plan, std::size_t words, const LoadKnown& known) {
  const std::size_t products = plan.products();
  PlaneSet shared(self(), products, words);
  Buffer<u64> tile(products * std::min(words, tile_words));
  std::size_t tile_at = words;
  const MakeValues<u64> own = [&](std::size_t from, std::size_t count, u64* to) {
    while (count > 0) {
      const std::size_t word = from / (products * tile_words) * tile_words, width = std::min(tile_words, words - word),
                        inside = from - word * products, n = std::min(count, width * products - inside);
      if (word != tile_at) {
        std::fill_n(tile.data(), width * products, 0);
        multiply_out_tile(plan, known(word, width), tile.data(), width);
        tile_at = word;
      }
      std::copy_n(tile.data() + inside, n, to);
      from += n, to += n, count -= n;
    }
  };
  JointRound round(party_);
  round.share<Bits>(2, 3, shared.size(), shared.view(), own);
  round.share<Bits>(0, 1, shared.size(), shared.view(), own);
  round.run();
  return shared;
}

SharedBlocks Replicated4::block_tables(const BlockPlan& plan, std::size_t words, const LoadKnown& known) {
  PlaneSet shared = block_products(plan, words, known);
  const std::vector<int> first = first_products(plan);
  SharedBlocks out{.tables = {self(), plan.tables.size(), words},
                   .sums = {self(), plan.sums.size(), words},
                   .operand = {self(), plan.operand ? plan.sums.size() : 0, words}};
  std::vector<std::vector<Term>> terms;
  for (const BlockTable& table : plan.tables) terms.push_back(terms_of(table));
  const auto product = [&](std::size_t index, PartyId c, std::size_t word, std::size_t width) {
    return shared.at(index, c, word, width);
  };
  for (PartyId c = 0; c < four; ++c) {
    if (c == self()) continue;
    for_tiles(words, [&](std::size_t word, std::size_t width) {
      for (std::size_t i = 0; i < plan.sums.size(); ++i) {
        const u64* const bit = product(plan.product_of(plan.sums[i]), c, word, width);
        std::copy_n(bit, width, out.sums.at(i, c, word, width));
        if (!plan.operand) continue;
        u64* const operand = out.operand.at(i, c, word, width);
        c >= 2 ? std::copy_n(bit, width, operand) : std::fill_n(operand, width, 0);
      }
      // The product of all bits of a alone, and of b alone.
      for (std::size_t t = 0; t < plan.tables.size(); ++t) {
        const BlockTable& table = plan.tables[t];
        u64* const to = out.tables.at(t, c, word, width);
        table.propagate ? std::copy_n(product(first[table.block] + (1 << table.length) - 2, c, word, width), width, to)
                        : std::fill_n(to, width, 0);
      }
    });
  }
  if (plan.tables.empty()) return out;

  const auto values = [&](const Pair& pair) {
    const PartyId of_first = first_of(pair), of_second = second_of(pair);
    return MakeValues<u64>([&, of_first, of_second](std::size_t from, std::size_t count, u64* to) {
      for_stretches(
          plan.tables.size(), words, from, count,
          [&](std::size_t t, std::size_t word, std::size_t width, std::size_t at, std::size_t n, std::size_t done) {
            const std::size_t block = first[plan.tables[t].block];
            std::fill_n(to + done, n, 0);
            for (const Term& term : terms[t]) {
              add_conjunctions(product(block + term.of_a - 1, of_first, word, width) + at,
                               product(block + term.of_b - 1, of_second, word, width) + at, to + done, n);
            }
          });
    });
  };
  add_pairs<Bits>(cross_pairs, out.tables.size(), values, out.tables.view(), true);
  return out;
}

}  // namespace cohortium::mpc
