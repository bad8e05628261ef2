// Checks logs on another machine, with nothing but the consortium file: `cohortium audit verify`.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "governance/audit_files.h"
#include "governance/consortium.h"

namespace cohortium::governance {

struct CheckedLog {
  std::filesystem::path folder;
  TreeHead head;
  std::size_t unsealed = 0;            // lines behind the head
  std::vector<std::string> witnesses;  // nodes that have signed one of its heads, in order of their names
  std::uint64_t witnessed = 0;         // the largest of these heads
};

// Checks every log by itself, against the heads that the other folders hold, and against those in `heads`: files like
// heads.jsonl or result.json, or folders of logs. Fails as scan_audit_log; also with audit.forked when two heads show
// that a node has signed two histories, whose log is not at hand.
std::vector<CheckedLog> check_audit_logs(const std::vector<std::filesystem::path>& folders,
                                         const std::vector<std::filesystem::path>& heads, const SignatureCheck& check);

}  // namespace cohortium::governance
