// The protocols by name.
#pragma once

#include <memory>
#include <string_view>

#include "base/error.h"
#include "mpc/engine.h"
#include "mpc/session.h"

namespace cohortium::mpc {

struct ProtocolFacts {
  std::string_view name;
  int parties;
  bool may_cheat;             // whether one of them may; and then sites may, too
  std::string_view security;  // in words, as studies and reports show it
  // What a compute party's shares give it, and when they would give more.
  std::string_view shares;
};

// Fails with mpc.unknown_protocol, as do the functions below.
const ProtocolFacts& facts_of(std::string_view protocol);
int parties_of(std::string_view protocol);

// This party's engine. The session outlives the engine and was started for the same protocol.
std::unique_ptr<Engine> make_engine(std::string_view protocol, Session& session);

Failure unknown_protocol(std::string_view protocol);

}  // namespace cohortium::mpc
