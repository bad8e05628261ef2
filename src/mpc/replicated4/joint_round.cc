#include "mpc/replicated4/joint_round.h"

#include <algorithm>
#include <vector>

#include "base/error.h"

namespace cohortium::mpc {

// The first party after the receiver and the other one, or between them, so that all six pairs of a product use six
// different channels.
Route route_of_share(PartyId receiver, PartyId other) {
  const PartyId distance = (other + four - receiver) % four;
  constexpr PartyId sender_by_distance[four] = {0, 2, 3, 1}, voucher_by_distance[four] = {0, 3, 1, 2};
  return {(receiver + sender_by_distance[distance]) % four, (receiver + voucher_by_distance[distance]) % four,
          receiver};
}

Route route_of_component(PartyId receiver) { return {(receiver + 1) % four, (receiver + 2) % four, receiver}; }

JointRoundCost& JointRoundCost::add(const Route& route, std::size_t bytes) {
  if (bytes == 0) return *this;
  if (party_ == route.sender) cost_.bytes_sent += bytes;
  if (party_ == route.voucher) cost_.bytes_sent += sizeof(crypto::Tag);
  return *this;
}

JointRound::Delivery& JointRound::add(const Route& route, std::size_t count, std::size_t unit) {
  Delivery& delivery = deliveries_.emplace_back(
      Delivery{.route = route, .count = count, .unit = unit, .make = {}, .take = {}, .tag = std::nullopt, .block = {}});
  const PartyId self = party_.self();
  if (self == route.voucher) delivery.tag.emplace(party_.tag_key(route.receiver));
  if (self == route.receiver) delivery.tag.emplace(party_.tag_key(route.voucher));
  return delivery;
}

// All parties do their part of all messages in the same order, block by block and piece by piece: so they draw in step.
void JointRound::make_until(std::size_t block) {
  for (; blocks_made_ < block; ++blocks_made_) {
    const std::size_t start = blocks_made_ * block_;
    for (Delivery& delivery : deliveries_) {
      if (start >= delivery.count || party_.self() == delivery.route.receiver) continue;
      delivery.block.resize(std::min(block_, delivery.count - start) * delivery.unit);
      delivery.made = delivery.block;
    }
    for (std::size_t at = 0; at < block_; at += piece_words) {
      make_piece(start + at, std::min(piece_words, block_ - at), start);
    }
    for (Delivery& delivery : deliveries_) {
      if (start < delivery.count && party_.self() == delivery.route.voucher) delivery.tag->update(delivery.made);
    }
  }
}

void JointRound::make_piece(std::size_t from, std::size_t n, std::size_t block_start) {
  for (Target& target : targets_) target.begun = target.more;
  for (Delivery& delivery : deliveries_) {
    if (from >= delivery.count || party_.self() == delivery.route.receiver) continue;
    delivery.make(from, std::min(n, delivery.count - from),
                  delivery.block.data() + (from - block_start) * delivery.unit);
  }
  for (Target& target : targets_) {
    if (!target.begun) target.clear(from, n);
  }
}

void JointRound::run() {
  std::size_t longest = 0, widest = 1;
  for (const Delivery& delivery : deliveries_) {
    longest = std::max(longest, delivery.count);
    widest = std::max(widest, delivery.unit);
  }
  block_ = std::min(stream_block(widest), std::max<std::size_t>(1, longest));
  std::vector<OutgoingStream> sends;
  std::vector<IncomingStream> receives;
  for (Delivery& delivery : deliveries_) {
    const Route& route = delivery.route;
    const std::size_t unit = delivery.unit;
    if (party_.self() == route.sender) {
      sends.push_back({.to = route.receiver,
                       .bytes = delivery.count * unit,
                       .unit = unit,
                       .make =
                           [this, &delivery, unit](std::size_t from, std::size_t) {
                             make_until(from / unit / block_ + 1);
                             return delivery.made;
                           },
                       .units_per_block = block_});
    } else if (party_.self() == route.receiver) {
      receives.push_back({.from = route.sender,
                          .bytes = delivery.count * unit,
                          .unit = unit,
                          .place =
                              [&delivery](std::size_t, std::size_t bytes) {
                                delivery.block.resize(bytes);
                                return std::span<std::byte>(delivery.block);
                              },
                          .arrived =
                              [&delivery, unit](std::size_t from, std::size_t bytes) {
                                delivery.tag->update(delivery.block);
                                delivery.take(from / unit, bytes / unit, delivery.block.data());
                              },
                          .units_per_block = block_});
    }
  }
  const std::size_t blocks = (longest + block_ - 1) / block_;
  if (sends.empty()) make_until(blocks);
  party_.channels().stream(sends, receives);
  make_until(blocks);
  exchange_tags();
}

void JointRound::exchange_tags() {
  std::array<Bytes, four> own, expected, received;  // by peer, in the order of the messages
  const auto append = [](Bytes& to, const crypto::Tag& tag) { to.insert(to.end(), tag.begin(), tag.end()); };
  for (Delivery& delivery : deliveries_) {
    const auto [sender, voucher, receiver] = delivery.route;
    if (party_.self() == voucher) append(own[receiver], delivery.tag->finish());
    if (party_.self() == receiver) append(expected[voucher], delivery.tag->finish());
  }
  std::vector<Outgoing> sends;
  std::vector<Incoming> receives;
  for (PartyId peer = 0; peer < four; ++peer) {
    received[peer].resize(expected[peer].size());
    sends.push_back({peer, own[peer]});
    receives.push_back({peer, received[peer]});
  }
  party_.channels().follow(sends, receives);
  std::array<std::size_t, four> at{};
  for (const Delivery& delivery : deliveries_) {
    const auto [sender, voucher, receiver] = delivery.route;
    if (party_.self() != receiver) continue;
    const auto tag_in = [&](const Bytes& tags) { return std::span(tags).subspan(at[voucher], sizeof(crypto::Tag)); };
    if (!equal_in_constant_time(tag_in(expected[voucher]), tag_in(received[voucher]))) {
      throw cheating_detected("what one peer sent and what the other vouches for differ", party_.name_of(sender),
                              party_.name_of(voucher));
    }
    at[voucher] += sizeof(crypto::Tag);
  }
}

}  // namespace cohortium::mpc
