#include "mpc/protocols.h"

#include <string>

#include "mpc/engine_of.h"
#include "mpc/plaintext/plaintext.h"
#include "mpc/replicated3/replicated3.h"
#include "mpc/replicated3_malicious/replicated3_malicious.h"
#include "mpc/replicated4/replicated4.h"

namespace cohortium::mpc {

namespace {

constexpr std::string_view uniform_shares =
    "shares of every site's aggregates, which are uniformly random to it as long as no two compute parties pool theirs";

constexpr ProtocolFacts known[] = {
    {"plaintext", 1, false, "none: a check on unprotected data", "everything"},
    {"replicated3", 3, false, "three compute parties, one of which may be curious but follows the protocol",
     uniform_shares},
    {"replicated3-malicious", 3, true,
     "three compute parties, one of which may cheat: the run then ends without a result", uniform_shares},
    {"replicated4", 4, true, "four compute parties, one of which may cheat: the run then ends without a result",
     uniform_shares}};

}  // namespace

const ProtocolFacts& facts_of(std::string_view protocol) {
  for (const ProtocolFacts& facts : known) {
    if (facts.name == protocol) return facts;
  }
  throw unknown_protocol(protocol);
}

int parties_of(std::string_view protocol) { return facts_of(protocol).parties; }

std::unique_ptr<Engine> make_engine(std::string_view protocol, Session& session) {
  COHORTIUM_CHECK(session.parties() == parties_of(protocol) && session.protocol() == protocol);
  if (protocol == "plaintext") return std::make_unique<EngineOf<Plaintext>>();
  if (protocol == "replicated3-malicious") return std::make_unique<EngineOf<Replicated3Malicious>>(session);
  if (protocol == "replicated4") return std::make_unique<EngineOf<Replicated4>>(session);
  return std::make_unique<EngineOf<Replicated3>>(session);
}

Failure unknown_protocol(std::string_view protocol) {
  return Failure(
      {.code = "mpc.unknown_protocol",
       .message = "no protocol is called \"" + std::string(protocol) + "\"",
       .remedy = "use \"replicated3\" or \"replicated3-malicious\" (three compute parties), \"replicated4\" (four) or "
                 "\"plaintext\" (checks on pooled data only)"});
}

}  // namespace cohortium::mpc
