// A cheat among the parties: under replicated4 and replicated3-malicious the honest ones end the run, naming it, or their
// results are right. The same deviations do corrupt results under replicated3, which is not made for them: so this test
// can fail.
//
// A sample drawn by a fixed seed; `adversary` (adversary.cc) attacks as often as one likes.
#include <gtest/gtest.h>

#include <cmath>

#include "attack.h"
#include "mpc/protocols.h"

namespace cohortium::adversary {
namespace {

using conformance::Program;

const Program& program_named(const std::string& name) {
  for (const Program& program : conformance::kernel_programs()) {
    if (program.name == name) return program;
  }
  ADD_FAILURE() << "no program " << name;
  return conformance::kernel_programs()[0];
}

Attack some_attack(std::mt19937_64& random, const std::string& protocol, const Program& program, std::size_t n) {
  Attack attack{.cheat = static_cast<PartyId>(random() % mpc::parties_of(protocol)),
                .deviation = all_deviations[random() % std::size(all_deviations)],
                .message = 0,
                .seed = static_cast<unsigned>(random())};
  Attack honest{.cheat = attack.cheat, .deviation = Deviation::kFlip, .message = ~std::uint64_t{0}, .seed = 0};
  const Outcome calm = run_attack(protocol, program, n, &honest);
  EXPECT_EQ(calm.verdict, Verdict::kHarmless) << program.name << ": " << calm.details;
  const std::uint64_t choices = attack.deviation == Deviation::kFalsify ? calm.kernels : calm.messages;
  attack.message = random() % std::max<std::uint64_t>(1, choices);
  return attack;
}

class Deviations : public testing::TestWithParam<std::tuple<const char*, Program>> {};

TEST_P(Deviations, AreDetectedOrHarmless) {
  const auto& [protocol, program] = GetParam();
  std::mt19937_64 random(static_cast<unsigned>(std::hash<std::string>()(program.name)));
  for (int i = 0; i < 6; ++i) {
    const std::size_t n = 1 + random() % 5;
    const Attack attack = some_attack(random, protocol, program, n);
    const Outcome outcome = run_attack(protocol, program, n, &attack);
    EXPECT_TRUE(outcome.verdict == Verdict::kDetected || outcome.verdict == Verdict::kHarmless)
        << name_of(outcome.verdict) << ": " << name_of(attack.deviation) << " of message " << attack.message
        << " by party " << attack.cheat << ", size " << n << ": " << outcome.details;
  }
}

std::string name_of_case(const testing::TestParamInfo<std::tuple<const char*, Program>>& instance) {
  const auto& [protocol, program] = instance.param;
  return (std::string_view(protocol) == "replicated4" ? "four_" : "three_") + program.name;
}
const auto protocols = testing::Values("replicated4", "replicated3-malicious");
INSTANTIATE_TEST_SUITE_P(Kernels, Deviations,
                         testing::Combine(protocols, testing::ValuesIn(conformance::kernel_programs())), name_of_case);
INSTANTIATE_TEST_SUITE_P(Algorithms, Deviations,
                         testing::Combine(protocols, testing::ValuesIn(conformance::table_programs())), name_of_case);

// Every message of two small runs, by every party. Harmless is, for instance, a wrong greeting between two parties that
// never vouch for each other in this run. Where proofs are compared, parties meet before (VerifierPair::meet): what they say
// then means nothing, twice for each of three proofs.
class EveryMessage : public testing::TestWithParam<const char*> {};

TEST_P(EveryMessage, OfAProductAndOfATruncation) {
  const std::string protocol = GetParam();
  constexpr std::size_t elements = 64;  // whole words of bits: none that nobody looks at
  for (const char* name : {"multiply_64", "truncate_64"}) {
    const Program& program = program_named(name);
    for (PartyId cheat = 0; cheat < mpc::parties_of(protocol); ++cheat) {
      Attack attack{.cheat = cheat, .deviation = Deviation::kFlip, .message = ~std::uint64_t{0}, .seed = 0};
      std::uint64_t harmless = 0;
      const std::uint64_t messages = run_attack(protocol, program, elements, &attack).messages;
      for (attack.message = 0; attack.message < messages; ++attack.message) {
        attack.seed = static_cast<unsigned>(attack.message);
        const Outcome outcome = run_attack(protocol, program, elements, &attack);
        EXPECT_TRUE(outcome.verdict == Verdict::kDetected || outcome.verdict == Verdict::kHarmless)
            << program.name << ", party " << cheat << ", message " << attack.message << ": " << outcome.details;
        if (outcome.verdict == Verdict::kHarmless) ++harmless;
      }
      EXPECT_LE(harmless, protocol == "replicated4" ? 2U : 7U) << program.name << ", party " << cheat;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, EveryMessage, protocols,
                         [](const auto& instance) { return mpc::parties_of(instance.param) == 4 ? "four" : "three"; });

// Under the protocol that trusts its parties, the same lies go through.
TEST(SemiHonestProtocol, IsCorruptedByEveryKindOfDeviation) {
  std::map<Deviation, int> corrupted;
  std::mt19937_64 random(5);
  const char* const names[] = {"multiply_64", "truncate_64", "bit_64", "keep_where_64", "permute_64", "open_64"};
  for (int i = 0; i < 200; ++i) {
    const Program& program = program_named(names[random() % std::size(names)]);
    const Attack attack = some_attack(random, "replicated3", program, 3);
    if (run_attack("replicated3", program, 3, &attack).verdict == Verdict::kCorrupted) ++corrupted[attack.deviation];
  }
  for (const Deviation deviation : {Deviation::kFlip, Deviation::kTopBit, Deviation::kAddOne, Deviation::kReplace,
                                    Deviation::kReplay, Deviation::kEquivocate, Deviation::kFalsify}) {
    EXPECT_GT(corrupted[deviation], 0) << name_of(deviation);
  }
}

}  // namespace
}  // namespace cohortium::adversary
