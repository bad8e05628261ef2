// What happened at this node, so that it cannot be changed unnoticed: an append-only Merkle tree over entries.
//
//   {"detail":{…},"entry":1,"event":"study.submitted","study":"…","time":"2026-…Z"}
//
// One line each, keys sorted, no white space; `entry` counts from 1, `study` is the study's hash or empty, `detail` holds
// names and hashes, never values. The line without its line feed is the leaf's content. The folder's files are drawn in
// audit_files.h, heads in tree_head.h.
//
// Acknowledged  append() returns when its entry is on disk and sealed by a signed head on disk. Entries that threads
//               append at the same time share one write, one signature and two syncs.
// A crash       leaves at most an unfinished line, which opening cuts off, and whole lines behind the head, which nobody
//               was told of: opening seals them, and says so in an entry "log.recovered".
// Guaranteed    a change, gap, repetition, new order or cut is found, and named as closely as audit_files.h says
// Not           whoever holds the node's key may write another history: that is what other nodes witness (witness.h)
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "governance/tree_head.h"

namespace cohortium::governance {

// For any number of threads of one process.
class AuditLog {
 public:
  // Opens or creates the log of `node`, verifies everything. Fails with audit.tampered, audit.in_use (another process
  // has it), audit.unwritable, audit.bad_head or signature.*.
  AuditLog(const std::filesystem::path& folder, std::string node, Signer signer, const SignatureCheck& check);
  ~AuditLog();

  // Returns the entry's number. Fails with audit.unwritable, or with what signing fails with: then what was to be logged
  // must not happen.
  std::uint64_t append(std::string_view event, std::string_view study, const nlohmann::json& detail);

  TreeHead head() const;                  // of all acknowledged entries
  const std::string& last_start() const;  // text of the last "node.started" when the log was opened; empty: none
  const std::filesystem::path& folder() const;

  std::string entry(std::uint64_t number) const;  // from 1; fails with audit.no_entry
  // From `first` on, until there is `enough` text of them; perhaps some that are not sealed yet.
  std::vector<std::string> entries(std::uint64_t first, std::size_t enough) const;
  Digest root_at(std::uint64_t size) const;  // size <= head().size
  std::vector<Digest> inclusion(std::uint64_t number, std::uint64_t size) const;
  std::vector<Digest> consistency(std::uint64_t first, std::uint64_t second) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohortium::governance
