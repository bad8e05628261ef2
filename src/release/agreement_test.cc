#include "release/agreement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "mpc/dealing.h"
#include "mpc/simulate.h"
#include "net/testing/recording_channel.h"

namespace cohortium::release {
namespace {

using mpc::Engine;
using mpc::Shared;
using mpc::u128;

// What every site has, per question.
using Sites = std::vector<std::vector<u128>>;

Agreement compare(const char* protocol, const Sites& sites, const std::vector<AgreementQuestion>& questions,
                  bool name_sites, const mpc::Simulation& simulation = {}) {
  const auto answers = mpc::simulate(
      protocol,
      [&](Engine& engine) {
        std::vector<Shared<u128>> shares;
        for (const auto& site : sites)
          shares.push_back(
              engine.share(0, engine.self() == 0 ? std::span<const u128>(site) : std::span<const u128>(), site.size()));
        return open_agreement(engine, shares, questions, name_sites);
      },
      simulation);
  for (const Agreement& answer : answers) {
    EXPECT_EQ(answer.agree, answers[0].agree);
    EXPECT_EQ(answer.apart, answers[0].apart);
  }
  return answers[0];
}

class AgreementTest : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Protocols, AgreementTest, ::testing::Values("plaintext", "replicated3"));

constexpr u128 big = (static_cast<u128>(0x0123456789abcdef) << 64) | 0xfedcba9876543210;

TEST_P(AgreementTest, OneBitPerItem) {
  const Sites sites = {{big, big, 100, 5}, {big, big + (u128{1} << 100), 110, 5}, {big, big, 120, 26}};
  const std::vector<AgreementQuestion> questions = {
      {}, {}, {.same = false, .within = 20}, {.same = false, .within = 20}};
  const Agreement agreement = compare(GetParam(), sites, questions, false);
  EXPECT_EQ(agreement.agree, (std::vector<bool>{true, false, true, false}));
  EXPECT_TRUE(agreement.apart.empty());
}

TEST_P(AgreementTest, SitesAreNamedThatDifferFromMost) {
  using Row = std::vector<bool>;
  const std::vector<AgreementQuestion> one = {{}}, near = {{.same = false, .within = 1}};
  EXPECT_EQ(compare(GetParam(), {{1}, {2}, {1}}, one, true).apart[0], (Row{false, true, false}));
  EXPECT_EQ(compare(GetParam(), {{1}, {2}, {3}}, one, true).apart[0], (Row{true, true, true}));
  EXPECT_EQ(compare(GetParam(), {{1}, {2}}, one, true).apart[0], (Row{true, true}));
  EXPECT_EQ(compare(GetParam(), {{1}, {1}}, one, true).apart[0], (Row{false, false}));
  // 1 and 3 differ from each other, 2 from neither.
  EXPECT_EQ(compare(GetParam(), {{1}, {2}, {3}}, near, true).apart[0], (Row{false, false, false}));
  EXPECT_EQ(compare(GetParam(), {{1}, {2}, {9}, {1}}, near, true).apart[0], (Row{false, false, true, false}));
}

TEST_P(AgreementTest, SixtyFourSites) {
  Sites sites(64, {big, 7});
  const std::vector<AgreementQuestion> questions = {{}, {.same = false, .within = 0}};
  EXPECT_EQ(compare(GetParam(), sites, questions, true).agree, (std::vector<bool>{true, true}));
  sites[63][1] = 8;
  const Agreement agreement = compare(GetParam(), sites, questions, true);
  EXPECT_EQ(agreement.agree, (std::vector<bool>{true, false}));
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(agreement.apart[1][i], i == 63);
}

// What one curious compute party has: its part of what sites deal, and every message of the others. A digest of something
// that could be guessed is in none of it, and with the same outcome all messages have the same lengths.
TEST(AgreementSecrecy, ACuriousPartySeesNoDigestAndNothingOfValuesButTheBits) {
  using Sizes = std::map<std::pair<int, int>, std::vector<std::size_t>>;
  const auto view = [](const Sites& sites) {
    std::map<std::pair<int, int>, std::shared_ptr<net::Transcript>> transcripts;
    compare("replicated3", sites, {{}, {.same = false, .within = 3}}, true,
            {.wrap = [&](mpc::PartyId self, mpc::PartyId peer, std::unique_ptr<net::Channel> channel) {
              auto& transcript = transcripts[{self, peer}] = std::make_shared<net::Transcript>();
              return net::record(std::move(channel), transcript);
            }});
    Sizes sizes;
    for (const auto& [link, transcript] : transcripts)
      for (const net::TranscriptEntry& entry : transcript->entries()) {
        sizes[link].push_back(entry.bytes.size());
        for (const auto& site : sites)
          for (const u128 value : site) {
            const auto* bytes = reinterpret_cast<const std::byte*>(&value);
            EXPECT_EQ(std::search(entry.bytes.begin(), entry.bytes.end(), bytes, bytes + sizeof value),
                      entry.bytes.end());
          }
      }
    return sizes;
  };
  EXPECT_EQ(view({{big, 18'000}, {big, 18'002}, {big, 18'001}}), view({{big + 1, 7}, {big + 1, 7}, {big + 1, 7}}));
  EXPECT_EQ(view({{big, 18'000}, {big + 9, 18'002}, {big, 18'001}}), view({{7, 7}, {8, 7}, {7, 7}}));

  for (int tries = 0; tries < 8; ++tries) {
    const std::vector<u128> values = {big, 18'000};
    for (const Bytes& part : mpc::deal("replicated3", values)) {
      const auto* bytes = reinterpret_cast<const std::byte*>(values.data());
      EXPECT_EQ(std::search(part.begin(), part.end(), bytes, bytes + sizeof(u128)), part.end());
    }
  }
}

}  // namespace
}  // namespace cohortium::release
