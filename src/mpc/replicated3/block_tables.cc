// Carries of blocks of positions. Position i of an addition propagates p_i = a_i xor b_i and generates
// g_i = r_i (a_i xor s_i), b = r xor s, where party 0 knows a, and parties 1 and 2 both know r and s (a + b itself:
// r = b, s = 0). Over a block of w positions both "generates" and "propagates" are polynomials in the bits of a, linear
// in the 2^w - 1 products of these bits, with coefficients that parties 1 and 2 both know. So party 0 sends party 1 the
// products, each under a mask that it draws with party 2; then party 1 holds the polynomial of the masked products and
// party 2 that of the masks, which add up to the table. Each masks its summand with what it draws with party 0 and sends
// it to the other: that is a replicated sharing, of which party 0 draws both its components.
//
// In one round, party 0 also sends party 2 the products, under masks that it draws with party 1; then each of the two can
// send its summand of the masks it drew at once.
//
// Security   semi-honest, 1 corruption of 3. Party 0 receives nothing. Party 1 receives products under masks that only
//            parties 0 and 2 know, and party 2's summand under a mask that only parties 0 and 2 know; party 2 receives
//            party 1's summand (and the products) under masks that only parties 0 and 1 know. Sums of positions need no message of their
//            own: a xor b is shared by the masks, the masked bits, and b
// Reveals    nothing
// Rounds     1; 2 with tables, unless in one round
// Sent       party 0: 1 bit per element and product, 2 in one round; parties 1 and 2: 1 bit per element and table each
// Requires   blocks of 1 to 4 positions
// Source     the derivation above; a shared truth table at one side's index, as in one-time truth tables (Ishai et al.,
//            TCC 2013), of which only what is linear is kept
#include "mpc/replicated3/block_tables.h"

#include <algorithm>
#include <array>

#include "mpc/replicated3/bit_lane.h"
#include "mpc/replicated3/block_tiles.h"
#include "mpc/replicated3/join_summands.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

// Calls body(word, offset) for the tiles of bytes [from, from + count) of a stream of `planes` planes; the tile's words
// begin `offset` words behind the block's first.
template <class Body>
void for_tiles(const Tiling& tiling, std::size_t planes, std::size_t from, std::size_t count, Body body) {
  const std::size_t first = from / sizeof(u64) / planes, end = first + count / sizeof(u64) / planes;
  for (std::size_t word = first; word < end; word += tiling.tile) body(word, (word - first) * planes);
}

// The words of a block of such a stream.
Buffer<u64> block_of(const Tiling& tiling, std::size_t planes) {
  return Buffer<u64>(planes * std::min(tiling.words, stream_block_bytes / sizeof(u64) / planes));
}

struct StreamOfPlanes {
  const Tiling& tiling;
  std::size_t planes;

  std::size_t bytes() const { return planes * tiling.words * sizeof(u64); }
  std::size_t unit() const { return planes * tiling.tile * sizeof(u64); }
  OutgoingStream to(PartyId peer, decltype(OutgoingStream::make) make) const {
    return {peer, bytes(), unit(), std::move(make)};
  }
  IncomingStream from(PartyId peer, decltype(IncomingStream::place) place,
                      decltype(IncomingStream::arrived) arrived) const {
    return {peer, bytes(), unit(), std::move(place), std::move(arrived)};
  }
};

}  // namespace

Cost block_tables_cost(PartyId party, std::size_t words, const BlockPlan& plan) {
  const std::size_t plane_bytes = words * sizeof(u64);
  const std::size_t offered = plan.products() * plane_bytes, exchanged = plan.tables.size() * plane_bytes;
  if (plan.in_one_round()) return {1, party == 0 ? 2 * offered : exchanged};
  Cost cost{1, party == 0 ? offered : 0};
  if (!plan.tables.empty()) cost += {1, party == 0 ? 0 : exchanged};
  return cost;
}

// Party 0: masked products to party 1, and to party 2 where one round is to do. Both components of the tables are drawn.
void BitLane::offer_products(const BlockPlan& plan, const Tiling& tiling, const LoadOperand& load, BlockPlanes& out) {
  const std::size_t products = plan.products(), tables = plan.tables.size();
  const Parts<u64> drawn = out.tables.parts();
  Buffer<u64> to_first = block_of(tiling, products), to_second;
  const auto make = [&](std::size_t from, std::size_t count) {
    for_tiles(tiling, products, from, count, [&](std::size_t word, std::size_t offset) {
      const std::size_t width = tiling.width(word);
      u64* const tile = to_first.data() + offset;
      draw_words(with_previous_, tile, products * width);
      keep_products(plan, tiling, word, tile, out.sums.parts().first, out.operand.parts().first);
      multiply_out_tile(plan, load(word, width).b, tile, width);
      keep_products(plan, tiling, word, tile, out.sums.parts().second, out.operand.parts().second);
      draw_words(with_previous_, drawn.first + word * tables, tables * width);
      if (!plan.in_one_round()) draw_words(with_next_, drawn.second + word * tables, tables * width);
    });
    return std::as_bytes(std::span(to_first)).first(count);
  };
  const auto make_for_second = [&](std::size_t from, std::size_t count) {
    for_tiles(tiling, products, from, count, [&](std::size_t word, std::size_t offset) {
      const std::size_t width = tiling.width(word);
      draw_words(with_next_, to_second.data() + offset, products * width);
      multiply_out_tile(plan, load(word, width).b, to_second.data() + offset, width);
      draw_words(with_next_, drawn.second + word * tables, tables * width);
    });
    return std::as_bytes(std::span(to_second)).first(count);
  };
  const StreamOfPlanes stream{tiling, products};
  std::vector<OutgoingStream> sends{stream.to(1, make)};
  if (plan.in_one_round()) {
    to_second = block_of(tiling, products);
    sends.push_back(stream.to(2, make_for_second));
  }
  channels_.stream(sends, {});
  if (!plan.in_one_round() && !plan.tables.empty()) channels_.stream({}, {});
}

// Parties 1 and 2: this party's summands of one tile of the tables, under the mask that it draws with party 0.
void BitLane::make_summands(const BlockPlan& plan, const Tiling& tiling, std::size_t word, const u64* products,
                            const OperandTile& operand, u64* mask, u64* summands) {
  const std::size_t width = tiling.width(word), count = plan.tables.size() * width;
  draw_words(with_sender(), mask, count);
  std::copy_n(mask, count, summands);
  fold_tile(plan, products, operand, share_of_one(), summands, width);
}

// Parties 1 and 2: shared products and what they know themselves make the sums.
void BitLane::keep_shares(const BlockPlan& plan, const Tiling& tiling, std::size_t word, const u64* products,
                          const OperandTile& operand, BlockPlanes& out) {
  const Parts<u64> sums = out.sums.parts(), bits = out.operand.parts();
  const bool first = self() == 1;
  keep_products(plan, tiling, word, products, first ? sums.first : sums.second, first ? bits.first : bits.second);
  keep_operand(plan, tiling, word, operand, first ? sums.second : sums.first, first ? bits.second : bits.first);
}

// Parties 1 and 2 in two rounds. The summands are sent in the second, or not needed at all.
void BitLane::choose_tables_in_turn(const BlockPlan& plan, const Tiling& tiling, const LoadOperand& load,
                                    BlockPlanes& out) {
  const std::size_t products = plan.products(), tables = plan.tables.size();
  u64 *const mask = drawn_of(out.tables), *const last = last_of(out.tables);
  const auto make_tile = [&](std::size_t word, const u64* shares) {
    const OperandTile operand = load(word, tiling.width(word));
    make_summands(plan, tiling, word, shares, operand, mask + word * tables, last + word * tables);
    keep_shares(plan, tiling, word, shares, operand, out);
  };
  if (self() == 1) {
    Buffer<u64> received = block_of(tiling, products);
    const auto place = [&](std::size_t, std::size_t count) { return writable_bytes_of(received).first(count); };
    const auto arrived = [&](std::size_t from, std::size_t count) {
      for_tiles(tiling, products, from, count,
                [&](std::size_t word, std::size_t offset) { make_tile(word, received.data() + offset); });
    };
    const std::array receives{StreamOfPlanes{tiling, products}.from(0, place, arrived)};
    channels_.stream({}, receives);
  } else {
    Buffer<u64> masks(products * tiling.tile);
    for (std::size_t word = 0; word < tiling.words; word += tiling.tile) {
      draw_words(with_sender(), masks.data(), products * tiling.width(word));
      make_tile(word, masks.data());
    }
    channels_.stream({}, {});
  }
  if (tables == 0) return;
  join_summands(channels_, std::span(last, tables * tiling.words),
                [](const u64* a, const u64* b, u64* sum, std::size_t n) { xor_words(a, b, sum, n); });
}

// Parties 1 and 2 in one round: each sends its summands of the masks, and makes its own of the masked products.
void BitLane::choose_tables_at_once(const BlockPlan& plan, const Tiling& tiling, const LoadOperand& load,
                                    BlockPlanes& out) {
  const std::size_t products = plan.products(), tables = plan.tables.size();
  u64 *const mask = drawn_of(out.tables), *const last = last_of(out.tables);
  Buffer<u64> masks(products * tiling.tile), sent = block_of(tiling, tables), received = block_of(tiling, products);
  Buffer<u64> theirs(tables * tiling.words);
  const auto make = [&](std::size_t from, std::size_t count) {
    for_tiles(tiling, tables, from, count, [&](std::size_t word, std::size_t offset) {
      const OperandTile operand = load(word, tiling.width(word));
      draw_words(with_sender(), masks.data(), products * tiling.width(word));
      make_summands(plan, tiling, word, masks.data(), operand, mask + word * tables, sent.data() + offset);
      if (self() == 2) keep_shares(plan, tiling, word, masks.data(), operand, out);
    });
    return std::as_bytes(std::span(sent)).first(count);
  };
  const auto arrived = [&](std::size_t from, std::size_t count) {
    for_tiles(tiling, products, from, count, [&](std::size_t word, std::size_t offset) {
      const std::size_t width = tiling.width(word);
      const OperandTile operand = load(word, width);
      std::fill_n(last + word * tables, tables * width, 0);
      fold_tile(plan, received.data() + offset, operand, share_of_one(), last + word * tables, width);
      if (self() == 1) keep_shares(plan, tiling, word, received.data() + offset, operand, out);
    });
  };
  const auto place = [&](std::size_t, std::size_t count) { return writable_bytes_of(received).first(count); };
  const auto place_theirs = [&](std::size_t from, std::size_t count) {
    return writable_bytes_of(theirs).subspan(from, count);
  };
  const PartyId other = 3 - self();
  const std::array sends{StreamOfPlanes{tiling, tables}.to(other, make)};
  const std::array receives{StreamOfPlanes{tiling, products}.from(0, place, arrived),
                            StreamOfPlanes{tiling, tables}.from(other, place_theirs, {})};
  channels_.stream(sends, receives);
  xor_words(last, theirs.data(), last, theirs.size());
  xor_words(last, mask, last, theirs.size());
}

BlockPlanes BitLane::block_tables(const BlockPlan& plan, const Tiling& tiling, const LoadOperand& load) {
  BlockPlanes out{.tables = {plan.tables.size(), tiling.words},
                  .sums = {plan.sums.size(), tiling.words},
                  .operand = {plan.operand ? plan.sums.size() : 0, tiling.words}};
  if (self() == 0) {
    offer_products(plan, tiling, load, out);
  } else if (plan.in_one_round()) {
    choose_tables_at_once(plan, tiling, load, out);
  } else {
    choose_tables_in_turn(plan, tiling, load, out);
  }
  return out;
}

}  // namespace cohortium::mpc
