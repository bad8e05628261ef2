// Whether the honest parties of a run computed what they should: looked at together, their shares of every vector agree,
// every result is the kernel's function of what it was given, and every opened value is the value.
#pragma once

#include <map>
#include <optional>

#include "recorder.h"

namespace cohortium::adversary {

// Which component a party holds at a place.
using ComponentAt = PartyId (*)(PartyId party, int place);

struct Fault {
  std::size_t call;  // which of the run's calls
  std::string what;
};

// The first fault, if there is one; `notes` of the honest parties, who may have stopped early.
std::optional<Fault> judge(const std::map<PartyId, Notes>& notes, ComponentAt component_at);

// Whether any of them learnt a value from this call or a later one.
bool opened_since(const std::map<PartyId, Notes>& notes, std::size_t call);

}  // namespace cohortium::adversary
