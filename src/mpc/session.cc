#include "mpc/session.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/error.h"
#include "crypto/hash.h"
#include "crypto/key_agreement.h"
#include "mpc/measure_link.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t hash_bytes = 32, key_bytes = 32;
constexpr int most_lanes = 256;

// Length before content, so that no two different tuples give the same text.
std::string unambiguous(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (std::string_view part : parts) text += std::to_string(part.size()) + ":" + std::string(part);
  return text;
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string text_of(const Link& link) {
  return std::to_string(link.latency_seconds) + " " + std::to_string(link.bytes_per_second);
}

crypto::Digest lane_binding(const crypto::Digest& binding, int lane) {
  return crypto::sha256(bytes_of(unambiguous({"cohortium lane 1", text_of(binding), std::to_string(lane)})));
}

void check_binding(std::span<const std::byte> theirs, const crypto::Digest& ours, const std::string& peer) {
  if (equal_in_constant_time(theirs, ours)) return;
  throw Failure({.code = "mpc.plan_mismatch",
                 .message = "the peer is about to run another plan, run or protocol",
                 .where = peer,
                 .remedy = "compare the study hash, the program version and the compute parties on both sides"});
}

}  // namespace

Session::Session(SessionSettings settings, std::vector<std::unique_ptr<net::Channel>>&& channels)
    : settings_(std::move(settings)), secrets_(settings_.parties) {
  COHORTIUM_CHECK(self() >= 0 && self() < parties() && lanes() >= 1 && lanes() <= most_lanes &&
                  channels.size() == static_cast<std::size_t>(parties() * lanes()));
  for (std::size_t i = 0; i < channels.size(); ++i) {
    COHORTIUM_CHECK((channels[i] != nullptr) == (static_cast<PartyId>(i) % parties() != self()));
  }
  start(channels);
  link_ = settings_.link ? *settings_.link : measure_link(self(), std::span(channels).first(parties()));
  for (auto from = channels.begin(); from != channels.end(); from += parties()) {
    lanes_.emplace_back(self(), std::vector<std::unique_ptr<net::Channel>>(std::make_move_iterator(from),
                                                                           std::make_move_iterator(from + parties())));
  }
}

Session::~Session() {
  for (auto& secret : secrets_) wipe(secret.data(), secret.size());
  lanes_.clear();  // they hold memory too
  release_memory();
}

void Session::start(std::vector<std::unique_ptr<net::Channel>>& channels) {
  // Another number whenever parties of two versions would take each other for cheats.
  const std::string agreed =
      unambiguous({"cohortium session 3", settings_.protocol, settings_.run, settings_.plan, std::to_string(parties()),
                   std::to_string(lanes()), settings_.link ? text_of(*settings_.link) : "measured"});
  const auto binding = crypto::sha256(bytes_of(agreed));
  std::vector<crypto::KeyAgreement> keys(parties());
  for (PartyId peer = 0; peer < parties(); ++peer) {
    if (peer == self()) continue;
    std::array<std::byte, hash_bytes + key_bytes> hello;
    const auto key = keys[peer].public_key();
    std::copy(key.begin(), key.end(), std::copy(binding.begin(), binding.end(), hello.begin()));
    channels[peer]->send(hello);
    for (int lane = 1; lane < lanes(); ++lane) {
      channels[lane * parties() + peer]->send(lane_binding(binding, lane));
    }
  }
  for (PartyId peer = 0; peer < parties(); ++peer) {
    if (peer == self()) continue;
    std::array<std::byte, hash_bytes + key_bytes> hello;
    channels[peer]->receive(hello);
    const auto theirs = std::span<const std::byte>(hello);
    check_binding(theirs.first(hash_bytes), binding, channels[peer]->peer());
    for (int lane = 1; lane < lanes(); ++lane) {
      net::Channel& channel = *channels[lane * parties() + peer];
      crypto::Digest lane_hello;
      channel.receive(lane_hello);
      check_binding(lane_hello, lane_binding(binding, lane), channel.peer());
    }
    const auto peer_key = theirs.last<key_bytes>();
    const auto own_key = keys[peer].public_key();
    const bool lower = self() < peer;
    const std::string purpose = unambiguous(
        {"cohortium pair secret 1", text_of(binding), std::to_string(std::min(self(), peer)),
         std::to_string(std::max(self(), peer)), text_of(lower ? std::span<const std::byte>(own_key) : peer_key),
         text_of(lower ? peer_key : std::span<const std::byte>(own_key))});
    secrets_[peer] = crypto::derive_seed(keys[peer].shared_secret(peer_key), purpose);
  }
}

Cost Session::cost() const {
  Cost cost{lanes_.front().cost().rounds, 0};
  for (const LaneChannels& lane : lanes_) cost.bytes_sent += lane.cost().bytes_sent;
  return cost;
}

crypto::Seed Session::pair_seed(PartyId peer, std::string_view purpose) const {
  COHORTIUM_CHECK(peer >= 0 && peer < parties() && peer != self());
  return crypto::derive_seed(secrets_[peer], purpose);
}

void Session::finish() {
  const auto with_every_channel = [this](auto body) {
    for (LaneChannels& lane : lanes_) {
      for (PartyId peer = 0; peer < parties(); ++peer) {
        if (peer != self()) body(lane.channel(peer), lane.cost().rounds);
      }
    }
  };
  with_every_channel(
      [](net::Channel& channel, std::uint64_t rounds) { channel.send(std::as_bytes(std::span(&rounds, 1))); });
  with_every_channel([](net::Channel& channel, std::uint64_t rounds) {
    std::uint64_t theirs = 0;
    channel.receive(std::as_writable_bytes(std::span(&theirs, 1)));
    if (theirs != rounds) {
      throw Failure({.code = "mpc.out_of_step",
                     .message = "the peer ended the run after another number of rounds",
                     .where = channel.peer(),
                     .remedy = "compare the program versions on both sides; the result of this run must not be used"});
    }
  });
  with_every_channel([](net::Channel& channel, std::uint64_t) { channel.close(); });
}

}  // namespace cohortium::mpc
