// Runs the programs of tests/conformance among the parties of each protocol under valgrind's memcheck, with everything secret marked as
// undefined: inputs before they are shared, shares, and random elements. What is opened becomes defined. Whatever branches
// on a secret or forms an address from one is then reported by memcheck; see secrecy_test.py.
//
// Streams that two parties draw in common count as defined: orders drawn from them are addresses by design, known to both.
//
//   valgrind secrecy_program [--branch-on-a-secret | --address-from-a-secret | NAME…]
#include <valgrind/memcheck.h>

#include <array>
#include <cstdio>
#include <string_view>
#include <thread>
#include <vector>

#include "base/error.h"
#include "mpc/engine_of.h"
#include "mpc/protocols.h"
#include "mpc/replicated3/replicated3.h"
#include "mpc/replicated3_malicious/replicated3_malicious.h"
#include "mpc/replicated4/replicated4.h"
#include "net/memory_channel.h"
#include "programs.h"

namespace cohortium::secrecy {
namespace {

using conformance::Program;
using mpc::Engine;
using mpc::PartyId;
using mpc::RingWord;
using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

template <class Container>
Container& hidden(Container& values) {
  if (!values.empty()) VALGRIND_MAKE_MEM_UNDEFINED(values.data(), values.size() * sizeof(values[0]));
  return values;
}
template <class Container>
Container& known(Container& values) {
  if (!values.empty()) VALGRIND_MAKE_MEM_DEFINED(values.data(), values.size() * sizeof(values[0]));
  return values;
}
template <class Part>
Part hidden_parts(Part part) {
  for (auto& component : part.component) hidden(component);
  return part;
}

// The protocol, telling memcheck what is secret.
template <class Protocol>
class Watched : public Protocol {
 public:
  using Protocol::Protocol;

  template <RingWord W>
  Shared<W> share(PartyId owner, std::span<const W> values, std::size_t count) {
    std::vector<W> secret(values.begin(), values.end());
    return hidden_parts(Protocol::share(owner, std::span<const W>(hidden(secret)), count));
  }
  template <RingWord W>
  std::vector<W> open(const Shared<W>& a) {
    auto values = Protocol::open(a);
    return known(values);
  }
  template <RingWord W>
  std::optional<std::vector<W>> open_to(PartyId receiver, const Shared<W>& a) {
    auto values = Protocol::open_to(receiver, a);
    if (values) known(*values);
    return values;
  }
  template <RingWord W>
  Shared<W> random(std::size_t count) {
    return hidden_parts(Protocol::template random<W>(count));
  }
  SharedBits share_bits(PartyId owner, std::span<const u64> words, std::size_t count) {
    std::vector<u64> secret(words.begin(), words.end());
    return hidden_parts(Protocol::share_bits(owner, hidden(secret), count));
  }
  std::vector<u64> open_bits(const SharedBits& a) {
    auto words = Protocol::open_bits(a);
    return known(words);
  }
  std::vector<u64> open_coins(const SharedBits& a) {
    auto words = Protocol::open_coins(a);
    return known(words);
  }
  SharedBits random_bits(std::size_t count) { return hidden_parts(Protocol::random_bits(count)); }
  Shared<u128> adopt(std::span<const std::byte> part, std::size_t count) {
    return hidden_parts(Protocol::adopt(part, count));
  }
};

// Channels of the parties to one another.
std::vector<std::vector<std::unique_ptr<net::Channel>>> connect(int parties) {
  std::vector<std::vector<std::unique_ptr<net::Channel>>> channels(parties);
  for (auto& row : channels) row.resize(parties);
  for (PartyId a = 0; a < parties; ++a) {
    for (PartyId b = a + 1; b < parties; ++b) {
      std::tie(channels[a][b], channels[b][a]) =
          net::memory_channel_pair("party" + std::to_string(a), "party" + std::to_string(b), std::chrono::minutes(5));
    }
  }
  return channels;
}

// Kernels choose between forms by the link: each is watched on links that ask for different ones.
template <class Protocol>
void run_among_parties(const std::string& protocol, const std::vector<Program>& programs, const mpc::Link& link) {
  const int count = mpc::parties_of(protocol);
  auto channels = connect(count);
  std::vector<std::thread> parties;
  for (PartyId self = 0; self < count; ++self) {
    parties.emplace_back([&, self] {
      mpc::Session session(
          {.self = self, .parties = count, .protocol = protocol, .run = "secrecy", .plan = "secrecy", .link = link},
          std::move(channels[self]));
      mpc::EngineOf<Watched<Protocol>> engine(session);
      for (const Program& program : programs) {
        const auto before = VALGRIND_COUNT_ERRORS;
        program.run(engine, 65, 1);
        if (VALGRIND_COUNT_ERRORS != before) {
          std::printf("%s, %s: see above\n", protocol.c_str(), program.name.c_str());
        }
      }
      session.finish();
    });
  }
  for (std::thread& party : parties) party.join();
}

Shared<u64> secret_of(Engine& engine) {
  const std::array<u64, 2> values{3, 1};
  return engine.share(0, engine.self() == 0 ? std::span<const u64>(values) : std::span<const u64>(), values.size());
}

// What is forbidden. The volatile values keep the compiler from doing without.
Program branch_on_a_secret() {
  return {"branch_on_a_secret", [](Engine& engine, std::size_t, unsigned) {
            volatile int ones = 0;
            if ((secret_of(engine).component[0][0] & 1) != 0) ones = ones + 1;
          }};
}
Program address_from_a_secret() {
  return {"address_from_a_secret", [](Engine& engine, std::size_t, unsigned) {
            volatile u64 table[2] = {1, 2};
            volatile u64 found = table[secret_of(engine).component[0][0] & 1];
            static_cast<void>(found);
          }};
}

std::vector<Program> chosen(std::span<char* const> names, const std::vector<Program>& all) {
  if (names.empty()) return all;
  std::vector<Program> programs;
  for (const std::string_view name : names) {
    if (name == "--branch-on-a-secret") programs.push_back(branch_on_a_secret());
    if (name == "--address-from-a-secret") programs.push_back(address_from_a_secret());
    for (const Program& program : all) {
      if (program.name == name) programs.push_back(program);
    }
  }
  return programs;
}

std::vector<Program> with_shuffled() {
  std::vector<Program> all = conformance::all_programs();
  for (const Program& program : conformance::shuffled_programs()) all.push_back(program);
  return all;
}

}  // namespace
}  // namespace cohortium::secrecy

int main(int count, char** arguments) {
  using namespace cohortium;
  if (RUNNING_ON_VALGRIND == 0) {
    std::fputs("secrecy_program: run this under valgrind, which alone can see what depends on a secret\n", stderr);
    return 2;
  }
  const std::span names(arguments + 1, count - 1);
  const auto programs = secrecy::chosen(names, secrecy::with_shuffled());
  // The kernels, and the algorithms that others are made of. Algorithms see an engine and what is opened, whatever the
  // protocol, so all of them are watched on all links under one protocol, and once under another.
  const auto building = secrecy::chosen(names, conformance::building_programs());
  const mpc::Link far{.latency_seconds = 0.1, .bytes_per_second = 1e8},
      narrow{.latency_seconds = 1e-9, .bytes_per_second = 1e3};
  for (const mpc::Link& link : {mpc::Link{}, far, narrow}) {
    secrecy::run_among_parties<mpc::Replicated3>("replicated3", programs, link);
    const bool all = link == mpc::Link{};
    secrecy::run_among_parties<mpc::Replicated4>("replicated4", all ? programs : building, link);
  }
  // Its proofs take long here.
  secrecy::run_among_parties<mpc::Replicated3Malicious>("replicated3-malicious", building, mpc::Link{});
  std::printf("%zu programs, nothing that depends on a secret unless reported above\n", programs.size());
  return programs.empty() ? 2 : 0;
}
