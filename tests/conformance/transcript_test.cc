// What a party sees of the others: messages whose lengths and order depend on public shapes only, and whose bytes are
// uniform.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <vector>

#include "inputs.h"
#include "mpc/protocols.h"
#include "mpc/simulate.h"
#include "net/testing/recording_channel.h"
#include "programs.h"

namespace cohortium::conformance {
namespace {

using mpc::Engine;
using mpc::PartyId;
using net::Direction;
using net::Transcript;

// transcripts[self][peer]
using Transcripts = std::map<std::pair<PartyId, PartyId>, std::shared_ptr<Transcript>>;

Transcripts record_run(const char* protocol, const Program& program, std::size_t n, unsigned seed) {
  Transcripts transcripts;
  mpc::simulate(protocol, [&](Engine& engine) { program.run(engine, n, seed); },
                {.wrap = [&](PartyId self, PartyId peer, std::unique_ptr<net::Channel> channel) {
                  auto& transcript = transcripts[{self, peer}] = std::make_shared<Transcript>();
                  return net::record(std::move(channel), transcript);
                }});
  return transcripts;
}

// The sizes of all messages of one direction, in order. Each direction of a link is looked at by itself: whether a block
// of a stream is taken in before or after the next one leaves depends on when it arrives, thus on the machine's load.
std::vector<std::size_t> sizes(const Transcript& transcript, Direction direction) {
  std::vector<std::size_t> out;
  for (const auto& entry : transcript.entries()) {
    if (entry.direction == direction) out.push_back(entry.bytes.size());
  }
  return out;
}

class Messages : public testing::TestWithParam<std::tuple<const char*, Program>> {};

TEST_P(Messages, ShapeDoesNotDependOnValues) {
  const auto& [protocol, program] = GetParam();
  for (std::size_t n : {1, 65, 200}) {
    const Transcripts first = record_run(protocol, program, n, 1), second = record_run(protocol, program, n, 77);
    for (const auto& [link, transcript] : first) {
      EXPECT_EQ(sizes(*transcript, Direction::kSent), sizes(*second.at(link), Direction::kSent));
      EXPECT_EQ(sizes(*transcript, Direction::kReceived), sizes(*second.at(link), Direction::kReceived));
    }
  }
}

// Counts how often each byte value arrives at a party, over many runs on one and the same input; the hello and the
// goodbye of the session are left out. Messages that belong to opened values are not uniform by nature, so these
// programs open nothing.
TEST_P(Messages, LookUniformToTheirReceiver) {
  const auto& [protocol, program] = GetParam();
  std::array<std::array<double, 256>, 4> counts{};
  for (int run = 0; run < 12; ++run) {
    for (const auto& [link, transcript] : record_run(protocol, program, 192, 5)) {
      const auto entries = transcript->entries();
      for (std::size_t i = 2; i + 2 < entries.size(); ++i) {
        if (entries[i].direction != Direction::kReceived) continue;
        for (std::byte b : entries[i].bytes) ++counts[link.first][std::to_integer<unsigned>(b)];
      }
    }
  }
  for (const auto& at_party : counts) {
    double total = 0, chi_square = 0;
    for (double count : at_party) total += count;
    if (total < 256 * 5) continue;
    for (double count : at_party) chi_square += (count - total / 256) * (count - total / 256) / (total / 256);
    // 255 degrees of freedom: mean 255, standard deviation 22.6. Seven of them: about once in 10^10 honest tests.
    EXPECT_LT(chi_square, 255 + 7 * 22.6) << "party " << &at_party - counts.data();
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, Messages,
                         testing::Combine(testing::Values("replicated3", "replicated4"),
                                          testing::ValuesIn(all_programs())),
                         [](const auto& instance) {
                           return test_name(std::get<0>(instance.param)) + "_" + std::get<1>(instance.param).name;
                         });
INSTANTIATE_TEST_SUITE_P(Proofs, Messages,
                         testing::Combine(testing::Values("replicated3-malicious"),
                                          testing::ValuesIn(building_programs())),
                         [](const auto& instance) { return std::get<1>(instance.param).name; });

}  // namespace
}  // namespace cohortium::conformance
