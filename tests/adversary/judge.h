// Whether the honest parties of a run computed what they should: looked at together, their shares of every vector agree,
// every result is the kernel's function of what it was given, and every opened value is the value.
#pragma once

#include <map>
#include <optional>

#include "recorder.h"

namespace cohortium::adversary {

// Which component a party holds at a place.
using ComponentAt = PartyId (*)(PartyId party, int place);

// What is wrong, if anything; `notes` of the honest parties, who may have stopped early.
std::optional<std::string> judge(const std::map<PartyId, Notes>& notes, ComponentAt component_at);

}  // namespace cohortium::adversary
