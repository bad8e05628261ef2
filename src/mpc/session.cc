#include "mpc/session.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "crypto/hash.h"
#include "crypto/key_agreement.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t hash_bytes = 32, key_bytes = 32;

// Length before content, so that no two different tuples give the same text.
std::string unambiguous(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (std::string_view part : parts) text += std::to_string(part.size()) + ":" + std::string(part);
  return text;
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Session::Session(SessionSettings settings, std::vector<std::unique_ptr<net::Channel>>&& channels)
    : settings_(std::move(settings)), secrets_(settings_.parties) {
  COHORTIUM_CHECK(self() >= 0 && self() < parties() && channels.size() == static_cast<std::size_t>(parties()));
  for (PartyId peer = 0; peer < parties(); ++peer) COHORTIUM_CHECK((channels[peer] != nullptr) == (peer != self()));
  start(channels);
  channels_ = std::move(channels);
}

Session::~Session() {
  for (auto& secret : secrets_) wipe(secret.data(), secret.size());
}

net::Channel& Session::channel(PartyId peer) {
  COHORTIUM_CHECK(peer >= 0 && peer < parties() && peer != self());
  return *channels_[peer];
}

void Session::start(std::vector<std::unique_ptr<net::Channel>>& channels) {
  const std::string agreed = unambiguous(
      {"cohortium session 1", settings_.protocol, settings_.run, settings_.plan, std::to_string(parties())});
  const auto binding = crypto::sha256(bytes_of(agreed));
  std::vector<crypto::KeyAgreement> keys(parties());
  for (PartyId peer = 0; peer < parties(); ++peer) {
    if (peer == self()) continue;
    std::array<std::byte, hash_bytes + key_bytes> hello;
    const auto key = keys[peer].public_key();
    std::copy(key.begin(), key.end(), std::copy(binding.begin(), binding.end(), hello.begin()));
    channels[peer]->send(hello);
  }
  for (PartyId peer = 0; peer < parties(); ++peer) {
    if (peer == self()) continue;
    std::array<std::byte, hash_bytes + key_bytes> hello;
    channels[peer]->receive(hello);
    const auto theirs = std::span<const std::byte>(hello);
    if (!equal_in_constant_time(theirs.first(hash_bytes), binding)) {
      throw Failure({.code = "mpc.plan_mismatch",
                     .message = "the peer is about to run another plan, run or protocol",
                     .where = channels[peer]->peer(),
                     .remedy = "compare the study hash, the program version and the compute parties on both sides"});
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

void Session::exchange(std::initializer_list<Outgoing> sends, std::initializer_list<Incoming> receives) {
  ++cost_.rounds;
  for (const auto& [to, message] : sends) {
    if (message.empty()) continue;
    channel(to).send(message);
    cost_.bytes_sent += message.size();
  }
  for (const auto& [from, message] : receives) {
    if (!message.empty()) channel(from).receive(message);
  }
}

crypto::Seed Session::pair_seed(PartyId peer, std::string_view purpose) const {
  COHORTIUM_CHECK(peer >= 0 && peer < parties() && peer != self());
  return crypto::derive_seed(secrets_[peer], purpose);
}

void Session::finish() {
  std::array<std::byte, 8> goodbye;
  std::memcpy(goodbye.data(), &cost_.rounds, goodbye.size());
  for (PartyId peer = 0; peer < parties(); ++peer) {
    if (peer != self()) channel(peer).send(goodbye);
  }
  for (PartyId peer = 0; peer < parties(); ++peer) {
    if (peer == self()) continue;
    std::array<std::byte, 8> theirs;
    channel(peer).receive(theirs);
    if (theirs != goodbye) {
      throw Failure({.code = "mpc.out_of_step",
                     .message = "the peer ended the run after another number of rounds",
                     .where = channel(peer).peer(),
                     .remedy = "compare the program versions on both sides; the result of this run must not be used"});
    }
  }
  for (PartyId peer = 0; peer < parties(); ++peer) {
    if (peer != self()) channel(peer).close();
  }
}

}  // namespace cohortium::mpc
