#include "attack.h"

#include <mutex>
#include <thread>

#include "base/error.h"
#include "mpc/engine_of.h"
#include "mpc/protocols.h"
#include "mpc/replicated3/replicated3.h"
#include "mpc/replicated3_malicious/replicated3_malicious.h"
#include "mpc/replicated4/replicated4.h"
#include "net/memory_channel.h"

namespace cohortium::adversary {
namespace {

// Long, so that a busy machine is no fault; short where somebody is going to wait in vain.
constexpr std::chrono::milliseconds patience{30'000}, patience_with_the_silent{150};

// Who misses a message waits, and so do those who wait for it in turn: any of them may lose patience first.
bool is_silent(const Attack* attack) {
  return attack != nullptr && (attack->deviation == Deviation::kWithhold || attack->deviation == Deviation::kReorder);
}

using Channels = std::vector<std::vector<std::unique_ptr<net::Channel>>>;

std::string party_name(PartyId party) { return "party" + std::to_string(party); }

Channels connect(int parties, PartyId cheat, const std::shared_ptr<Plot>& plot, bool silent) {
  Channels channels(parties);
  for (auto& row : channels) row.resize(parties);
  for (PartyId a = 0; a < parties; ++a) {
    for (PartyId b = a + 1; b < parties; ++b) {
      std::tie(channels[a][b], channels[b][a]) =
          net::memory_channel_pair(party_name(a), party_name(b), silent ? patience_with_the_silent : patience);
    }
  }
  for (auto& channel : channels[cheat]) {
    if (channel) channel = deviating(std::move(channel), plot);
  }
  return channels;
}

// When an honest party must know of a wrong message: at once, or before it next opens anything. Until then it may hold wrong
// shares.
enum class Checked { kInEveryRound, kBeforeOpenings };

// Errors in the order in which parties ended.
struct Ends {
  std::mutex mutex;
  std::vector<std::pair<PartyId, Error>> errors;
};

template <class Protocol>
void run_party(const std::string& protocol, PartyId self, std::vector<std::unique_ptr<net::Channel>> channels,
               const conformance::Program& program, std::size_t n, Notes& notes, Ends& ends) {
  std::optional<mpc::Session> session;  // outlives the catch, as in mpc/simulate.cc
  try {
    session.emplace(mpc::SessionSettings{.self = self,
                                         .parties = mpc::parties_of(protocol),
                                         .protocol = protocol,
                                         .run = "adversary",
                                         .plan = "adversary",
                                         .link = mpc::Link{}},
                    std::move(channels));
    mpc::EngineOf<Recorder<Protocol>> engine(*session, notes);
    program.run(engine, n, 1);
    // Some protocols look at what was sent only when something is going to be opened.
    static_cast<void>(engine.open(engine.constant(std::span<const u64>(std::array<u64, 1>{0}))));
    session->finish();
  } catch (...) {
    const std::lock_guard lock(ends.mutex);
    ends.errors.emplace_back(self, error_from_current_exception());
  }
}

// Whether an error names the cheat; of those that ran into an honest party's end, only the first to end counts.
Outcome verdict_of(const Ends& ends, std::map<PartyId, Notes>& notes, PartyId cheat, ComponentAt component_at,
                   bool naming_expected, Checked checked) {
  Outcome outcome;
  outcome.kernels = notes.at(cheat).calls.size();
  notes.erase(cheat);
  const Error* first = nullptr;
  bool first_is_echo = false;
  for (const auto& [party, error] : ends.errors) {
    const bool echo = error.code == "net.peer_closed" && error.where != party_name(cheat);
    if (party == cheat || (first != nullptr && (!first_is_echo || echo))) continue;
    first = &error;
    first_is_echo = echo;
  }
  const auto fault = judge(notes, component_at);
  if (fault && (checked == Checked::kInEveryRound || first == nullptr || opened_since(notes, fault->call))) {
    outcome.verdict = Verdict::kCorrupted;
    outcome.details = fault->what;
    return outcome;
  }
  if (first == nullptr) return outcome;
  outcome.details = first->text();
  const bool named = first->where.find(party_name(cheat)) != std::string::npos;
  outcome.verdict = named || !naming_expected ? Verdict::kDetected : Verdict::kMisled;
  return outcome;
}

template <class Protocol>
Outcome run(const std::string& protocol, const conformance::Program& program, std::size_t n, const Attack* attack,
            ComponentAt component_at, Checked checked) {
  const PartyId cheat = attack != nullptr ? attack->cheat : 0;
  constexpr auto never = ~std::uint64_t{0};
  const bool falsifies = attack != nullptr && attack->deviation == Deviation::kFalsify;
  auto plot = std::make_shared<Plot>();
  plot->message = never;
  std::map<PartyId, Notes> notes;
  for (PartyId party = 0; party < mpc::parties_of(protocol); ++party) notes[party];
  if (attack != nullptr) {
    plot->deviation = attack->deviation;
    plot->random.seed(attack->seed);
    if (falsifies) {
      notes[cheat].falsified = attack->message;
    } else {
      plot->message = attack->message;
    }
  }
  Channels channels = connect(mpc::parties_of(protocol), cheat, plot, is_silent(attack));
  Ends ends;
  std::vector<std::thread> threads;
  for (PartyId self = 0; self < mpc::parties_of(protocol); ++self) {
    threads.emplace_back([&, self] {
      run_party<Protocol>(protocol, self, std::move(channels[self]), program, n, notes.at(self), ends);
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (attack == nullptr && !ends.errors.empty()) throw Failure(ends.errors.front().second);
  Outcome outcome = verdict_of(ends, notes, cheat, component_at, !is_silent(attack), checked);
  outcome.messages = plot->sent;
  return outcome;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  constexpr std::string_view names[] = {"detected", "harmless", "corrupted", "misled"};
  return names[static_cast<int>(verdict)];
}

Outcome run_attack(const std::string& protocol, const conformance::Program& program, std::size_t n,
                   const Attack* attack) {
  const ComponentAt of_three = [](PartyId party, int place) { return (party + place) % 3; };
  if (protocol == "replicated3") {
    return run<mpc::Replicated3>(protocol, program, n, attack, of_three, Checked::kInEveryRound);
  }
  if (protocol == "replicated3-malicious") {
    return run<mpc::Replicated3Malicious>(protocol, program, n, attack, of_three, Checked::kBeforeOpenings);
  }
  COHORTIUM_CHECK(protocol == "replicated4");
  return run<mpc::Replicated4>(
      protocol, program, n, attack, [](PartyId party, int place) { return (party + 1 + place) % 4; },
      Checked::kInEveryRound);
}

}  // namespace cohortium::adversary
