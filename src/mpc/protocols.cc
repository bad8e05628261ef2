#include "mpc/protocols.h"

#include <string>

#include "mpc/engine_of.h"
#include "mpc/plaintext/plaintext.h"
#include "mpc/replicated3/replicated3.h"

namespace cohortium::mpc {

int parties_of(std::string_view protocol) {
  if (protocol == "plaintext") return 1;
  if (protocol == "replicated3") return 3;
  throw unknown_protocol(protocol);
}

std::unique_ptr<Engine> make_engine(std::string_view protocol, Session& session) {
  COHORTIUM_CHECK(session.parties() == parties_of(protocol) && session.protocol() == protocol);
  if (protocol == "plaintext") return std::make_unique<EngineOf<Plaintext>>();
  return std::make_unique<EngineOf<Replicated3>>(session);
}

Failure unknown_protocol(std::string_view protocol) {
  return Failure(
      {.code = "mpc.unknown_protocol",
       .message = "no protocol is called \"" + std::string(protocol) + "\"",
       .remedy = "use \"replicated3\" (three compute parties) or \"plaintext\" (checks on pooled data only)"});
}

}  // namespace cohortium::mpc
