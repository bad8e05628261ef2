// Shares of z = f(s), where party 0 knows s (one or several ring elements per result) and parties 1 and 2 both know the
// linear function f. Party 0 sends party 1 s - r, with r drawn by parties 0 and 2; then f(s - r) at party 1 and f(r) at
// party 2 add up to z. Component 0 of the result is what parties 0 and 2 draw, component 1 what parties 0 and 1 draw;
// parties 1 and 2 subtract theirs from their summands and send them to each other: component 2.
//
// In one round, party 0 also sends party 2 s - r' (r' drawn with party 1), so that either of them can send f of the
// mask it drew at once.
//
// Security   semi-honest, 1 corruption of 3. Party 0 receives nothing. Party 1 sees s under a mask of parties 0 and 2,
//            and party 2's summand under another of their masks; party 2 sees party 1's summand (and s) under masks of
//            parties 0 and 1. What either learns beyond that is component 2, which is its own
// Reveals    nothing
// Rounds     2, or 1: what is quicker on the agreed link
// Sent       in 2 rounds, per result: party 0 k bits per secret, parties 1 and 2 k bits each; in 1 round party 0 sends
//            twice as much
// Source     the derivation above; the summands of two parties as in Araki et al., CCS 2016
#include "mpc/replicated3/linear_transfer.h"

#include <algorithm>
#include <array>

#include "mpc/replicated3/bit_lane.h"
#include "mpc/replicated3/join_summands.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

template <RingWord W>
Cost in_two_rounds(PartyId party, std::size_t count, int secrets) {
  Cost cost{1, party == 0 ? count * secrets * sizeof(W) : 0};
  return cost += {1, party == 0 ? 0 : count * sizeof(W)};
}

template <RingWord W>
Cost in_one_round(PartyId party, std::size_t count, int secrets) {
  return {1, (party == 0 ? 2 * secrets : 1) * count * sizeof(W)};
}

template <RingWord W>
bool one_round_is_quicker(std::size_t count, int secrets, const Link& link) {
  return slowest_seconds(3, link, [&](PartyId party) { return in_one_round<W>(party, count, secrets); }) <
         slowest_seconds(
             3, link, [&](PartyId party) { return in_two_rounds<W>(party, count, secrets); });
}

// Elements of a tile: as many as stay in the cache, and of which one tile at least fits into a block of a stream.
template <RingWord W>
std::size_t tile_for(int secrets) {
  std::size_t tile = 512;
  while (tile > 1 && tile * secrets * sizeof(W) > stream_block_bytes) tile /= 2;
  return tile;
}

// A transfer under way at one party.
template <RingWord W>
struct Running {
  const LinearTransfer<W>& transfer;
  LaneChannels& channels;
  std::size_t tile = tile_for<W>(transfer.secrets);
  std::size_t secrets = transfer.secrets;

  // Runs body(from, n, offset) for the tiles of bytes [from, from + count) of a stream of `per_element` words per element;
  // the tile's words begin `offset` words behind the block's first.
  template <class Body>
  void for_tiles(std::size_t from, std::size_t count, std::size_t per_element, Body body) const {
    const std::size_t first = from / sizeof(W) / per_element, end = first + count / sizeof(W) / per_element;
    for (std::size_t at = first; at < end; at += tile) {
      body(at, std::min(tile, end - at), (at - first) * per_element);
    }
  }
  std::size_t bytes(std::size_t per_element) const { return transfer.count * per_element * sizeof(W); }
  std::size_t unit(std::size_t per_element) const { return tile * per_element * sizeof(W); }
  Buffer<W> block(std::size_t per_element) const {
    return Buffer<W>(std::min(transfer.count * per_element, stream_block_bytes / sizeof(W)));
  }
  OutgoingStream outgoing(PartyId to, std::size_t per_element, decltype(OutgoingStream::make) make) const {
    return {to, bytes(per_element), unit(per_element), std::move(make)};
  }
  IncomingStream incoming(PartyId from, std::size_t per_element, decltype(IncomingStream::place) place,
                          decltype(IncomingStream::arrived) arrived) const {
    return {from, bytes(per_element), unit(per_element), std::move(place), std::move(arrived)};
  }
};

template <class W>
void draw_elements(crypto::RandomGenerator& generator, W* out, std::size_t count) {
  generator.fill(std::as_writable_bytes(std::span(out, count)));
}

// Party 0's stream of masked secrets to one of the others, and the component it draws with the other's neighbour: both
// from the generator in common with whom the secrets are hidden by.
template <RingWord W>
auto masked_secrets(const Running<W>& run, crypto::RandomGenerator& generator, Buffer<W>& block, W* component) {
  return [&run, &generator, &block, component, mask = Buffer<W>(run.tile * run.secrets)](std::size_t from,
                                                                                         std::size_t count) mutable {
    run.for_tiles(from, count, run.secrets, [&](std::size_t at, std::size_t n, std::size_t offset) {
      W* const out = block.data() + offset;
      run.transfer.secrets_of(at, n, out);
      draw_elements(generator, mask.data(), n * run.secrets);
      subtract_words(out, mask.data(), out, n * run.secrets);
      draw_elements(generator, component + at, n);
    });
    return std::as_bytes(std::span(block)).first(count);
  };
}

// Party 1 or 2 in one round: `with_sender` is its generator with party 0; `drawn` its component in common with party 0,
// `last` component 2.
template <RingWord W>
void choose_at_once(const Running<W>& run, crypto::RandomGenerator& with_sender, W* drawn, W* last) {
  Buffer<W> sent = run.block(1), received = run.block(run.secrets), theirs(run.transfer.count),
            masks(run.tile * run.secrets);
  const auto make = [&](std::size_t from, std::size_t count) {
    run.for_tiles(from, count, 1, [&](std::size_t at, std::size_t n, std::size_t offset) {
      draw_elements(with_sender, masks.data(), n * run.secrets);
      draw_elements(with_sender, drawn + at, n);
      run.transfer.apply(at, n, masks.data(), sent.data() + offset);
      subtract_words(sent.data() + offset, drawn + at, sent.data() + offset, n);
    });
    return std::as_bytes(std::span(sent)).first(count);
  };
  const auto arrived = [&](std::size_t from, std::size_t count) {
    run.for_tiles(from, count, run.secrets, [&](std::size_t at, std::size_t n, std::size_t offset) {
      run.transfer.apply(at, n, received.data() + offset, last + at);
    });
  };
  const PartyId other = 3 - run.channels.self();
  const std::array sends{run.outgoing(other, 1, make)};
  const std::array receives{
      run.incoming(
          0, run.secrets, [&](auto, auto count) { return writable_bytes_of(received).first(count); }, arrived),
      run.incoming(other, 1, [&](auto from, auto count) { return writable_bytes_of(theirs).subspan(from, count); },
                   {})};
  run.channels.stream(sends, receives);
  add_words(last, theirs.data(), last, run.transfer.count);
  subtract_words(last, drawn, last, run.transfer.count);
}

// Party 1 or 2 in two rounds: first the summands, then their exchange.
template <RingWord W>
void choose_in_turn(const Running<W>& run, crypto::RandomGenerator& with_sender, W* drawn, W* last) {
  const bool receives_secrets = run.channels.self() == 1;
  const auto make_summands = [&](std::size_t at, std::size_t n, const W* shares) {
    draw_elements(with_sender, drawn + at, n);
    run.transfer.apply(at, n, shares, last + at);
    subtract_words(last + at, drawn + at, last + at, n);
  };
  if (receives_secrets) {
    Buffer<W> received = run.block(run.secrets);
    const auto arrived = [&](std::size_t from, std::size_t count) {
      run.for_tiles(from, count, run.secrets, [&](std::size_t at, std::size_t n, std::size_t offset) {
        make_summands(at, n, received.data() + offset);
      });
    };
    const std::array receives{run.incoming(
        0, run.secrets, [&](auto, auto count) { return writable_bytes_of(received).first(count); }, arrived)};
    run.channels.stream({}, receives);
  } else {
    Buffer<W> masks(run.tile * run.secrets);
    for (std::size_t at = 0; at < run.transfer.count; at += run.tile) {
      const std::size_t n = std::min(run.tile, run.transfer.count - at);
      draw_elements(with_sender, masks.data(), n * run.secrets);
      make_summands(at, n, masks.data());
    }
    run.channels.stream({}, {});
  }
  join_summands(run.channels, std::span(last, run.transfer.count),
                [](const W* a, const W* b, W* sum, std::size_t n) { add_words(a, b, sum, n); });
}

}  // namespace

template <RingWord W>
Cost linear_transfer_cost(PartyId party, std::size_t count, int secrets, const Link& link) {
  return one_round_is_quicker<W>(count, secrets, link) ? in_one_round<W>(party, count, secrets)
                                                       : in_two_rounds<W>(party, count, secrets);
}

template <RingWord W>
void BitLane::transfer(const LinearTransfer<W>& transfer, const Link& link, Parts<W> out) {
  const Running<W> run{transfer, channels_};
  const bool at_once = one_round_is_quicker<W>(transfer.count, transfer.secrets, link);
  if (self() != 0) {
    crypto::RandomGenerator& with_sender = self() == 1 ? with_previous_ : with_next_;
    W *const drawn = self() == 1 ? out.first : out.second, *const last = self() == 1 ? out.second : out.first;
    at_once ? choose_at_once(run, with_sender, drawn, last) : choose_in_turn(run, with_sender, drawn, last);
    return;
  }
  Buffer<W> to_first = run.block(run.secrets), to_second;
  std::vector<OutgoingStream> sends{
      run.outgoing(1, run.secrets, masked_secrets(run, with_previous_, to_first, out.first))};
  if (at_once) {
    to_second = run.block(run.secrets);
    sends.push_back(run.outgoing(2, run.secrets, masked_secrets(run, with_next_, to_second, out.second)));
  } else {
    for (std::size_t at = 0; at < transfer.count; at += run.tile) {
      draw_elements(with_next_, out.second + at, std::min(run.tile, transfer.count - at));
    }
  }
  channels_.stream(sends, {});
  if (!at_once) channels_.stream({}, {});
}

#define COHORTIUM_FOR_RING(W)                                                    \
  template Cost linear_transfer_cost<W>(PartyId, std::size_t, int, const Link&); \
  template void BitLane::transfer(const LinearTransfer<W>&, const Link&, Parts<W>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
