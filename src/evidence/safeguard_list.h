// The safeguards of 45 CFR 164.308 to 164.316, in their order, and what this software does of each.
#pragma once

#include <string>
#include <vector>

#include "evidence/document.h"

namespace cohortium::evidence {

// Which facts show that the software does what it says (safeguards.cc gathers them).
enum class Proof { kNone, kAuditLogs, kPeople, kKeys, kApprovals, kChanges, kTransport, kEncryption, kRuns };

struct Safeguard {
  std::string rule;  // "164.312(b)"
  std::string title;
  std::string specification;  // "standard", "required", "addressable"
  Coverage coverage = Coverage::kNotCovered;
  std::string software;  // what the software does of it; empty: nothing
  Proof proof = Proof::kNone;
  Question question = {};  // what the site has to say; no id: nothing
};

const std::vector<Safeguard>& all_safeguards();

}  // namespace cohortium::evidence
