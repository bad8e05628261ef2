// Attacks a protocol as often as one likes and counts what came of it.
//
//   adversary [--protocol replicated4] [--attacks 100000 | --every 600] [--seed 1] [--largest 40] [--workers 4]
//
// Each attack: a program of tests/conformance on up to `largest` elements, a cheat, a deviation and a message, all drawn;
// longer programs less often, so that they do not take all the time. Every hundredth run is large. With --every instead:
// every message that anybody sends in a run on 3 elements, of all programs with up to so many messages, once each.
// Ends with 1 if anything was corrupted, or blamed on honest parties alone.
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "attack.h"
#include "mpc/protocols.h"

namespace cohortium::adversary {
namespace {

struct Options {
  std::string protocol = "replicated4";
  std::uint64_t attacks = 1000, every = 0, seed = 1, largest = 40, workers = 4;
};

struct Planned {
  std::size_t program = 0, elements = 0;
  Attack attack;
};

class Campaign {
 public:
  explicit Campaign(Options options) : options_(std::move(options)) {}

  // Whether the protocol held.
  bool run() {
    const auto plan = options_.every > 0 ? every_message() : drawn();
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> workers;
    for (std::uint64_t i = 0; i < options_.workers; ++i) {
      workers.emplace_back([&] {
        for (std::size_t at = next++; at < plan.size(); at = next++) carry_out(plan[at]);
      });
    }
    for (std::thread& worker : workers) worker.join();
    print(plan.size());
    return held_;
  }

 private:
  // What a cheat could do in a run where it does nothing. Known once per program, size and cheat.
  const Outcome& calm(std::size_t program, std::size_t elements, PartyId cheat) {
    Outcome& known = calm_[{program, elements, cheat}];
    if (known.messages == 0) {
      const Attack none{.cheat = cheat, .deviation = Deviation::kFlip, .message = ~std::uint64_t{0}, .seed = 0};
      known = run_attack(options_.protocol, programs_[program], elements, &none);
    }
    return known;
  }

  std::vector<Planned> drawn() {
    constexpr std::size_t usual = 3;
    std::vector<double> weights;
    for (std::size_t i = 0; i < programs_.size(); ++i)
      weights.push_back(1 / std::sqrt(static_cast<double>(calm(i, usual, 0).messages)));
    std::discrete_distribution<std::size_t> program(weights.begin(), weights.end());
    std::vector<Planned> plan;
    for (std::uint64_t i = 0; i < options_.attacks; ++i) {
      Planned one{.program = program(random_), .elements = 0, .attack = {}};
      const bool large = i % 100 == 99 && one.program < conformance::kernel_programs().size() &&
                         !programs_[one.program].name.starts_with("prefix_product");  // no such long runs
      // Few sizes, so that most runs are known already.
      one.elements = large ? 3000 : std::size_t{1} + random_() % 3 * (options_.largest - 1) / 2;
      one.attack = {.cheat = some_party(), .deviation = some_deviation(), .message = 0, .seed = some_seed()};
      const Outcome& known = calm(one.program, one.elements, one.attack.cheat);
      const std::uint64_t choices = one.attack.deviation == Deviation::kFalsify ? known.kernels : known.messages;
      one.attack.message = random_() % std::max<std::uint64_t>(1, choices);
      plan.push_back(one);
    }
    return plan;
  }

  std::vector<Planned> every_message() {
    constexpr std::size_t elements = 3;
    std::vector<Planned> plan;
    for (std::size_t program = 0; program < programs_.size(); ++program) {
      std::vector<Planned> of_program;
      for (PartyId cheat = 0; cheat < mpc::parties_of(options_.protocol); ++cheat) {
        const std::uint64_t messages = calm(program, elements, cheat).messages;
        for (std::uint64_t message = 0; message < messages; ++message) {
          Deviation deviation = some_deviation();
          while (deviation == Deviation::kFalsify) deviation = some_deviation();  // not one message
          of_program.push_back(
              {program, elements, {.cheat = cheat, .deviation = deviation, .message = message, .seed = some_seed()}});
        }
      }
      if (of_program.size() <= options_.every) plan.insert(plan.end(), of_program.begin(), of_program.end());
    }
    return plan;
  }

  PartyId some_party() { return static_cast<PartyId>(random_() % mpc::parties_of(options_.protocol)); }
  Deviation some_deviation() { return all_deviations[random_() % std::size(all_deviations)]; }
  unsigned some_seed() { return static_cast<unsigned>(random_()); }

  void carry_out(const Planned& planned) {
    const auto& [program, elements, attack] = planned;
    const Outcome outcome = run_attack(options_.protocol, programs_[program], elements, &attack);
    const std::lock_guard lock(mutex_);
    ++counts_[name_of(attack.deviation)][outcome.verdict];
    if (outcome.verdict != Verdict::kCorrupted && outcome.verdict != Verdict::kMisled) return;
    held_ = false;
    if (options_.protocol == "replicated3") return;  // not made for cheats
    std::printf("%s: %s, %zu elements, %s of message %llu by party %d, seed %u: %s\n", name_of(outcome.verdict).data(),
                programs_[program].name.c_str(), elements, name_of(attack.deviation).data(),
                static_cast<unsigned long long>(attack.message), attack.cheat, attack.seed, outcome.details.c_str());
  }

  void print(std::size_t attacks) {
    constexpr Verdict verdicts[] = {Verdict::kDetected, Verdict::kHarmless, Verdict::kCorrupted, Verdict::kMisled};
    std::printf("%s, %zu attacked messages\n%-12s", options_.protocol.c_str(), attacks, "deviation");
    for (const Verdict verdict : verdicts) std::printf(" %10s", name_of(verdict).data());
    std::map<Verdict, std::uint64_t> sums;
    const auto row = [&](std::string_view name, std::map<Verdict, std::uint64_t>& of_row) {
      std::printf("\n%-12s", name.data());
      for (const Verdict verdict : verdicts) std::printf(" %10llu", static_cast<unsigned long long>(of_row[verdict]));
    };
    for (auto& [deviation, of_row] : counts_) {
      row(deviation, of_row);
      for (const auto& [verdict, count] : of_row) sums[verdict] += count;
    }
    row("all", sums);
    std::printf("\n");
  }

  const Options options_;
  const std::vector<conformance::Program> programs_ = conformance::all_programs();
  std::mt19937_64 random_{options_.seed};
  std::map<std::tuple<std::size_t, std::size_t, PartyId>, Outcome> calm_;
  std::mutex mutex_;                                                     // guards what follows
  std::map<std::string_view, std::map<Verdict, std::uint64_t>> counts_;  // by deviation
  bool held_ = true;
};

}  // namespace
}  // namespace cohortium::adversary

int main(int count, char** arguments) {
  cohortium::adversary::Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view option = arguments[i];
    const char* const value = arguments[i + 1];
    const std::uint64_t number = std::strtoull(value, nullptr, 10);
    if (option == "--protocol") options.protocol = value;
    if (option == "--attacks") options.attacks = number;
    if (option == "--every") options.every = number;
    if (option == "--seed") options.seed = number;
    if (option == "--largest") options.largest = std::max<std::uint64_t>(1, number);
    if (option == "--workers") options.workers = std::max<std::uint64_t>(1, number);
  }
  return cohortium::adversary::Campaign(options).run() ? 0 : 1;
}
