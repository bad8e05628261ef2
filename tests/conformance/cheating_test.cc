// A party that changes what it sends: under replicated3-malicious the run ends with an error, or the change makes no
// difference; under replicated3 the same change gives wrong results, so the test can fail.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>

#include "inputs.h"
#include "mpc/dealing.h"
#include "mpc/simulate.h"
#include "net/memory_channel.h"
#include "programs.h"

namespace cohortium::conformance {
namespace {

using mpc::Engine;
using mpc::PartyId;
using mpc::Shared;

// Flips one bit of one message that is sent.
class FlippingChannel final : public net::Channel {
 public:
  FlippingChannel(std::unique_ptr<net::Channel> inner, std::uint64_t message, std::uint64_t bit, std::uint64_t* sent)
      : inner_(std::move(inner)), message_(message), bit_(bit), sent_(sent) {}

  const std::string& peer() const override { return inner_->peer(); }
  void send(std::span<const std::byte> message) override {
    if ((*sent_)++ != message_) return inner_->send(message);
    Bytes changed(message.begin(), message.end());
    const std::uint64_t bit = bit_ % (8 * changed.size());
    changed[bit / 8] ^= std::byte{1} << (bit % 8);
    inner_->send(changed);
  }
  void receive(std::span<std::byte> message) override { inner_->receive(message); }
  bool try_receive(std::span<std::byte> message) override { return inner_->try_receive(message); }
  Bytes receive_message(std::size_t limit) override { return inner_->receive_message(limit); }
  void flush() override { inner_->flush(); }
  void wait_until(std::chrono::steady_clock::time_point time) override { inner_->wait_until(time); }
  void close() override { inner_->close(); }
  net::Traffic traffic() const override { return inner_->traffic(); }

 private:
  std::unique_ptr<net::Channel> inner_;
  std::uint64_t message_, bit_;
  std::uint64_t* sent_;
};

struct Named {
  const char* name;
  std::function<std::vector<u64>(Engine&)> run;  // returns what it opens
};

Shared<u64> vector(Engine& engine, std::size_t n, unsigned seed) {
  const auto values = signed_elements<u64>(n, 40, seed);
  const PartyId owner = static_cast<PartyId>(seed) % engine.parties();
  return engine.share(owner, engine.self() == owner ? std::span<const u64>(values) : std::span<const u64>(), n);
}

std::vector<Named> programs() {
  const auto opened_bits = [](Engine& e, const std::vector<mpc::SharedBits>& planes) {
    std::vector<u64> all;
    for (const auto& plane : planes) {
      for (u64 word : e.open_bits(plane)) all.push_back(word);
    }
    return all;
  };
  return {
      {"multiply", [](Engine& e) { return e.open(e.multiply(vector(e, 40, 1), vector(e, 40, 2))); }},
      {"dot", [](Engine& e) { return e.open(e.dot(vector(e, 40, 1), vector(e, 40, 2), 8)); }},
      {"matrix", [](Engine& e) { return e.open(e.matrix_product(vector(e, 12, 1), vector(e, 20, 2), 3, 4, 5)); }},
      {"wide",
       [](Engine& e) {
         const auto values = signed_elements<u128>(20, 100, 3);
         const auto a = e.share(0, e.self() == 0 ? std::span<const u128>(values) : std::span<const u128>(), 20);
         std::vector<u64> all;
         for (u128 v : e.open(e.multiply(a, a))) {
           all.push_back(static_cast<u64>(v));
           all.push_back(static_cast<u64>(v >> 64));
         }
         return all;
       }},
      {"bit", [=](Engine& e) { return opened_bits(e, {e.bit(vector(e, 128, 1), 63)}); }},
      {"is_zero",
       [=](Engine& e) {
         const auto a = vector(e, 128, 1);
         return opened_bits(e, {e.is_zero(subtract(a, vector(e, 128, 1)), 64)});
       }},
      {"to_bits", [=](Engine& e) { return opened_bits(e, e.to_bits(vector(e, 70, 2), 9)); }},
      {"truncate",
       [](Engine& e) {
         // The last digit depends on the shares: what is left of it after another division does not show it.
         std::vector<u64> values = e.open(e.truncate(
             e.multiply(vector(e, 40, 1), e.constant(std::span<const u64>(std::vector<u64>(40, 1 << 20)))), 20));
         for (u64& v : values) v = (v + 2) >> 3;
         return values;
       }},
      {"from_bit", [](Engine& e) { return e.open(e.ring<u64>().from_bit(e.bit(vector(e, 70, 1), 5))); }},
      {"from_bits", [](Engine& e) { return e.open(e.ring<u64>().from_bits(e.to_bits(vector(e, 600, 1), 12))); }},
      {"keep_where",
       [](Engine& e) {
         const auto a = vector(e, 40, 1);
         return e.open(e.keep_where(e.bit(a, 63), a));
       }},
      {"permute",
       [](Engine& e) {
         const auto p = e.random_permutation(30);
         const auto there = e.permute(p, vector(e, 60, 1), mpc::Direction::kForwards);
         return e.open(e.permute(p, there, mpc::Direction::kBackwards));
       }},
      {"permute_bits",
       [=](Engine& e) {
         const auto p = e.random_permutation(70);
         const auto planes = e.to_bits(vector(e, 70, 1), 3);
         return opened_bits(
             e, e.permute_bits(p, e.permute_bits(p, planes, mpc::Direction::kForwards), mpc::Direction::kBackwards));
       }},
  };
}

struct Attacks {
  int wrong = 0, ended = 0, harmless = 0;
  std::map<std::string, int> codes;
};

// Attacks every message of a party by itself, each at some bit.
Attacks attack(const char* protocol, const Named& program, PartyId culprit, unsigned seed) {
  const auto expected = mpc::simulate("plaintext", program.run)[0];
  Attacks attacks;
  std::mt19937_64 random(seed);
  constexpr std::uint64_t never = ~std::uint64_t{0};
  std::uint64_t messages = 0;
  for (std::uint64_t message = never;; ++message) {  // the first run counts
    std::uint64_t sent = 0;
    std::mutex mutex;
    std::array<std::vector<u64>, 3> opened;
    const std::uint64_t bit = random();
    const auto outcomes = mpc::run_parties(
        protocol,
        [&](Engine& engine) {
          auto values = program.run(engine);
          const std::lock_guard lock(mutex);
          opened[engine.self()] = std::move(values);
        },
        {.wrap = [&](PartyId self, PartyId, std::unique_ptr<net::Channel> channel) -> std::unique_ptr<net::Channel> {
           if (self != culprit) return channel;
           return std::make_unique<FlippingChannel>(std::move(channel), message, bit, &sent);
         },
         .patience = std::chrono::seconds(5)});
    if (message == never) {
      for (const auto& at_party : opened) EXPECT_EQ(at_party, expected) << program.name;
      messages = sent;
      message = 3;  // behind the hellos; the goodbyes are the last two
      continue;
    }
    if (message + 2 >= messages) return attacks;
    bool wrong = false, ended = false;
    for (PartyId party = 0; party < 3; ++party) {
      if (party == culprit) continue;
      wrong = wrong || (!opened[party].empty() && opened[party] != expected);
      ended = ended || outcomes.error[party].has_value();
    }
    if (ended) ++attacks.codes[outcomes.error[*outcomes.cause]->code];
    ++(wrong ? attacks.wrong : ended ? attacks.ended : attacks.harmless);
  }
}

class Cheating : public testing::TestWithParam<Named> {};

TEST_P(Cheating, IsDetectedInEveryMessage) {
  int wrong_when_honest_but_curious = 0;
  for (PartyId culprit = 0; culprit < 3; ++culprit) {
    const Attacks attacks = attack("replicated3-malicious", GetParam(), culprit, 1);
    EXPECT_EQ(attacks.wrong, 0) << "party " << culprit;
    EXPECT_GT(attacks.ended, attacks.harmless);
    for (const auto& [code, times] : attacks.codes) EXPECT_EQ(code, "mpc.cheating_detected") << times;
  }
  // Most single bits of an adder make no difference.
  for (unsigned seed = 1; seed <= 100 && wrong_when_honest_but_curious == 0; ++seed) {
    wrong_when_honest_but_curious += attack("replicated3", GetParam(), static_cast<PartyId>(seed % 3), seed).wrong;
  }
  EXPECT_GT(wrong_when_honest_but_curious, 0);
}

INSTANTIATE_TEST_SUITE_P(Programs, Cheating, testing::ValuesIn(programs()),
                         [](const auto& instance) { return std::string(instance.param.name); });

// A site whose parts do not fit together.
TEST(Cheating, SharesThatDoNotFitAreDetected) {
  const std::vector<u128> values{1, 2, 3};
  auto parts = mpc::deal("replicated3-malicious", values);
  parts[1][20] ^= std::byte{1};
  const auto outcomes =
      mpc::run_parties("replicated3-malicious", [&](Engine& e) { e.adopt(parts[e.self()], values.size()); });
  ASSERT_TRUE(outcomes.cause.has_value());
  EXPECT_EQ(outcomes.error[*outcomes.cause]->code, "mpc.inconsistent_shares");
}

}  // namespace
}  // namespace cohortium::conformance
