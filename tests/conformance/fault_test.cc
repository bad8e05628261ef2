// A faulty message or a lost peer ends the run at every party, with an error that names the culprit, and leaves nothing
// running: simulate() joins all threads, so returning is the proof.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <set>

#include "mpc/protocols.h"
#include "mpc/simulate.h"
#include "net/testing/faulty_channel.h"
#include "programs.h"

namespace cohortium::conformance {
namespace {

using mpc::Engine;
using mpc::PartyId;
using net::FaultKind;

struct NamedFault {
  const char* name;
  FaultKind kind;
  std::set<std::string> codes;  // what the receiver may make of it
  bool victim_is_first = true;  // nobody else can have failed before
};

class Faults : public testing::TestWithParam<std::tuple<const char*, NamedFault>> {};

TEST_P(Faults, EndTheRunAndNameThePeer) {
  const auto& [protocol, fault] = GetParam();
  const auto program = [](Engine& engine) {  // longer than the messages that go wrong: the goodbye comes after them
    auto a = engine.ring<mpc::u64>().random(100);
    for (int i = 0; i < 4; ++i) {
      a = engine.truncate(engine.multiply(a, a), 10);
      engine.open(a);
      engine.open_bits(engine.bit(a, 63));
    }
  };
  const int parties = mpc::parties_of(protocol);
  for (PartyId culprit = 0; culprit < parties; ++culprit) {
    for (PartyId victim = 0; victim < parties; ++victim) {
      if (victim == culprit) continue;
      for (std::uint64_t message : {0, 1, 2, 3}) {  // from the hello on
        const auto make_faulty = [&](PartyId self, PartyId peer, std::unique_ptr<net::Channel> channel) {
          if (self != culprit || peer != victim) return channel;
          return net::make_faulty(std::move(channel), {.kind = fault.kind, .message = message});
        };
        const mpc::Outcomes outcomes =
            mpc::run_parties(protocol, program, {.wrap = make_faulty, .patience = std::chrono::milliseconds(200)});
        for (const auto& error : outcomes.error) ASSERT_TRUE(error.has_value()) << "a party finished all the same";
        const Error& error = *outcomes.error[victim];
        EXPECT_TRUE(fault.codes.contains(error.code)) << error.code;
        if (!fault.victim_is_first) continue;
        EXPECT_EQ(outcomes.cause, victim);
        EXPECT_EQ(error.where, "party" + std::to_string(culprit));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Protocols, Faults,
    testing::Combine(testing::Values("replicated3", "replicated3-malicious", "replicated4"),
                     testing::Values(NamedFault{"repeated", FaultKind::kDuplicate, {"net.bad_frame"}},
                                     NamedFault{"truncated", FaultKind::kTruncate, {"net.unexpected_length"}},
                                     NamedFault{"garbage", FaultKind::kGarbage, {"net.bad_frame"}},
                                     // All wait for one another, and any patience may end first.
                                     NamedFault{"dropped",
                                                FaultKind::kDrop,
                                                {"net.bad_frame", "net.peer_silent", "net.peer_closed"},
                                                false},
                                     // The culprit knows first, and its closing reaches the victim by either peer.
                                     NamedFault{"closed", FaultKind::kClose, {"net.peer_closed"}, false})),
    [](const auto& instance) {
      return test_name(std::get<0>(instance.param)) + "_" + std::get<1>(instance.param).name;
    });

}  // namespace
}  // namespace cohortium::conformance
