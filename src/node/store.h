// What a node remembers across restarts: studies, its own approvals, results. Files are written whole (base/file.h), so
// a node killed at any moment finds the state before or after a step, never between.
//
//   STATE/consortium.json              version and digest of the consortium file that this node has accepted
//   STATE/studies/HASH/envelope.json   the study as its analyst signed it (governance/envelope.h)
//   STATE/studies/HASH/decisions.json  what this site's approvers signed, in order (governance/decision.h)
//   STATE/studies/HASH/result.json     at the coordinator
//   STATE/studies/HASH/finished.json   at the coordinator: a result that is about to be logged and to become result.json
//   STATE/studies/HASH/run.json        at the coordinator: the latest run of the study, written before it starts
//   STATE/requests                     request_journal.h
//   STATE/released                     governance/release_ledger.h
//   STATE/audit.log                    governance/audit_log.h
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "governance/decision.h"

namespace cohortium::node {

class StudyStore {
 public:
  explicit StudyStore(std::filesystem::path state);

  // Takes the place of an envelope of the same study.
  void save(const governance::Envelope& envelope);
  // Fails with node.unknown_study, or node.altered_study when the file no longer has its hash.
  governance::Envelope find(const std::string& hash) const;
  bool contains(const std::string& hash) const;
  std::vector<std::string> hashes() const;

  void decide(const governance::Decision& decision);
  bool has(const governance::Decision& decision) const;
  // Fails with decision.repeated when it was given before: an approval does not outlive its withdrawal.
  void refuse_repeated(const governance::Decision& decision) const;
  std::vector<governance::Decision> decisions(const std::string& hash) const;

  // Every check whether sites agree answers a question about the others to a site that enters guesses: there are at most
  // 20 per study, runs included. Fails with node.too_many_checks.
  void count_agreement_check(const std::string& hash);

  // {"run", "analyst", "started"}, and "error" once it has failed.
  void save_run(const std::string& hash, const nlohmann::json& run);
  std::optional<nlohmann::json> run(const std::string& hash) const;
  // A result is kept, then logged, then published, so that a crash in between loses neither it nor the entry: what is kept
  // and not published is completed at the next start (coordinator_status.cc).
  void keep_finished(const std::string& hash, const std::string& result_json);
  std::optional<std::string> finished(const std::string& hash) const;
  void publish(const std::string& hash);
  void discard_finished(const std::string& hash);
  std::optional<std::string> result(const std::string& hash) const;

 private:
  std::filesystem::path folder(const std::string& hash) const;
  std::filesystem::path studies_;
};

// 64 lower-case hexadecimal digits; anything else in a path is refused before it is used as one (node.unknown_study).
void check_hash(const std::string& hash);

}  // namespace cohortium::node
