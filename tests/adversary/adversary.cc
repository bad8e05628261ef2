// Attacks a protocol as often as one likes and counts what came of it.
//
//   adversary [--protocol replicated4] [--attacks 100000] [--seed 1] [--largest 40]
//
// Each attack: a program of tests/conformance on up to `largest` elements, a cheat, a deviation and a message, all drawn.
// Every hundredth run is large. Ends with 1 if anything was corrupted, or blamed on honest parties alone.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "attack.h"
#include "mpc/protocols.h"

int main(int count, char** arguments) {
  using namespace cohortium;
  using namespace cohortium::adversary;
  std::string protocol = "replicated4";
  std::uint64_t attacks = 1000, seed = 1, largest = 40;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view option = arguments[i];
    const char* const value = arguments[i + 1];
    if (option == "--protocol") protocol = value;
    if (option == "--attacks") attacks = std::strtoull(value, nullptr, 10);
    if (option == "--seed") seed = std::strtoull(value, nullptr, 10);
    if (option == "--largest") largest = std::max(1ULL, std::strtoull(value, nullptr, 10));
  }
  const auto programs = conformance::all_programs();
  std::mt19937_64 random(seed);
  std::map<std::string_view, std::map<Verdict, std::uint64_t>> counts;  // by deviation
  std::map<std::pair<std::size_t, std::size_t>, std::array<Outcome, 4>>
      calm;  // by program and size: what a cheat could do
  bool failed = false;
  for (std::uint64_t i = 0; i < attacks; ++i) {
    const std::size_t which = random() % programs.size();
    const bool large = i % 100 == 99 && which < conformance::kernel_programs().size() &&
                       !programs[which].name.starts_with("prefix_product");  // no such long runs
    // Few sizes, so that most runs are known already.
    const std::size_t n = large ? 3000 : std::size_t{1} + random() % 3 * (largest - 1) / 2;
    Attack attack{.cheat = static_cast<PartyId>(random() % mpc::parties_of(protocol)),
                  .deviation = all_deviations[random() % std::size(all_deviations)],
                  .message = ~std::uint64_t{0},
                  .seed = static_cast<unsigned>(random())};
    Outcome& known = calm[{which, n}][attack.cheat];
    if (known.messages == 0) {
      const Attack none{.cheat = attack.cheat, .deviation = Deviation::kFlip, .message = attack.message, .seed = 0};
      known = run_attack(protocol, programs[which], n, &none);
    }
    const std::uint64_t choices = attack.deviation == Deviation::kFalsify ? known.kernels : known.messages;
    attack.message = random() % std::max<std::uint64_t>(1, choices);
    const Outcome outcome = run_attack(protocol, programs[which], n, &attack);
    ++counts[name_of(attack.deviation)][outcome.verdict];
    if (outcome.verdict == Verdict::kCorrupted || outcome.verdict == Verdict::kMisled) {
      failed = true;
      if (protocol != "replicated3") {
        std::printf("%s: %s, %zu elements, %s of message %llu by party %d: %s\n", name_of(outcome.verdict).data(),
                    programs[which].name.c_str(), n, name_of(attack.deviation).data(),
                    static_cast<unsigned long long>(attack.message), attack.cheat, outcome.details.c_str());
      }
    }
  }
  std::printf("%s, %llu attacked messages\n%-12s %10s %10s %10s %10s\n", protocol.c_str(),
              static_cast<unsigned long long>(attacks), "deviation", "detected", "harmless", "corrupted", "misled");
  for (auto& [deviation, verdicts] : counts) {
    std::printf("%-12s", deviation.data());
    for (const Verdict verdict : {Verdict::kDetected, Verdict::kHarmless, Verdict::kCorrupted, Verdict::kMisled}) {
      std::printf(" %10llu", static_cast<unsigned long long>(verdicts[verdict]));
    }
    std::printf("\n");
  }
  return failed ? 1 : 0;
}
