// What happened at this node, so that it cannot be changed unnoticed: one JSON object per line, each carrying the hash
// of the one before.
//
//   {"detail":{…},"event":"study.submitted","hash":"…","previous":"…","seq":1,"study":"…","time":"2026-…Z"}
//
// Keys are sorted, there is no white space, and `seq` is the line's number. `hash` is the SHA-256 of the line without
// its "hash" member; `previous` is the hash of the line before (64 zeros for the first). Beside LOG.log lies LOG.head,
// {"hash":"…","seq":n}, written after every line, so that cutting whole lines off the end is noticed too.
//
// Acknowledged  append() returns after line and head are on disk. A crash in between leaves at most an unfinished line
//               (without a line feed), which opening the log cuts off: nobody was told that it was written.
// Guaranteed    a change, a gap, a repetition or a new order of lines is found, and the first bad line named.
// Not           whoever may rewrite log and head together can write another history: note the head (head(), or
//               `cohortium audit verify`) elsewhere from time to time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace cohortium::governance {

struct AuditHead {
  std::uint64_t sequence = 0;               // number of entries
  std::string hash = std::string(64, '0');  // of the last
  bool operator==(const AuditHead&) const = default;
};

// For any number of threads of one process.
class AuditLog {
 public:
  // Opens or creates, verifies everything, repairs an unfinished last line. Fails with audit.tampered (`where` is
  // file:line), audit.in_use (another process has it) or audit.unwritable.
  explicit AuditLog(const std::filesystem::path& path);
  ~AuditLog();

  // `study` is the study's hash, or empty. Fails with audit.unwritable, or file.unwritable for the head: then what was
  // to be logged must not happen.
  AuditHead append(std::string_view event, std::string_view study, const nlohmann::json& detail);
  AuditHead head() const;

  // Checks a log that may be in use, and changes nothing. Fails with audit.tampered, or file.missing.
  static AuditHead verify(const std::filesystem::path& path);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohortium::governance
