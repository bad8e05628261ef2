// Audit logs whose every entry was checked, as far as evidence speaks of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "governance/audit_check.h"

namespace cohortium::evidence {

struct LogEntry {
  std::uint64_t number = 0;
  std::string event, study, time;
  std::map<std::string, std::string> detail;  // names, hashes and codes that evidence may repeat
};

struct Log {
  governance::CheckedLog checked;
  std::vector<LogEntry> entries;  // that the head seals
  const std::string& node() const { return checked.head.node; }
};

// In order of the nodes' names, one per node. Fails as governance::check_audit_logs.
std::vector<Log> read_logs(const std::vector<std::filesystem::path>& folders,
                           const std::vector<std::filesystem::path>& heads, const governance::SignatureCheck& check);

}  // namespace cohortium::evidence
