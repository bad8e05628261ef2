// What a node remembers across restarts: studies, its own approvals, results. Files are written whole (base/file.h), so
// a node killed at any moment finds the state before or after a step, never between.
//
//   STATE/studies/HASH/study.json      canonical text; its SHA-256 is HASH
//   STATE/studies/HASH/approval.json   {"site", "by", "time"}: this site's approval
//   STATE/studies/HASH/result.json     at the coordinator
//   STATE/audit.log                    governance/audit_log.h
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "study/result.h"
#include "study/study_file.h"

namespace cohortium::node {

class StudyStore {
 public:
  explicit StudyStore(std::filesystem::path state);

  void save(const study::Study& study);
  // Fails with node.unknown_study, or node.altered_study when the file no longer has its hash.
  study::Study find(const std::string& hash) const;
  bool contains(const std::string& hash) const;
  std::vector<std::string> hashes() const;

  void approve(const std::string& hash, const study::Approval& approval);
  std::optional<study::Approval> approval(const std::string& hash) const;

  void save_result(const std::string& hash, const std::string& result_json);
  std::optional<std::string> result(const std::string& hash) const;

 private:
  std::filesystem::path folder(const std::string& hash) const;
  std::filesystem::path studies_;
};

// 64 lower-case hexadecimal digits; anything else in a path is refused before it is used as one (node.unknown_study).
void check_hash(const std::string& hash);

}  // namespace cohortium::node
