// A log's folder, and how it is checked: at every start of its node, and by an auditor on another machine.
//
//   entries.jsonl   the entries, one canonical JSON object per line (audit_log.h)
//   hashes          32 bytes each, in the order of merkle_tree.h: made from the entries, to find proofs in O(log n)
//   head            two slots of 1024 bytes, each a signed head (tree_head.h) and blanks; written in turn, so that one
//                   is whole at any moment. The larger one seals the log
//   heads.jsonl     heads exchanged with other nodes (witness.h)
//   forks/          evidence against other nodes (witness.h)
//
// Sealed      the entries that the newest head counts. Lines behind them were being written when the node was killed,
//             or were added by someone: they are no part of the log yet.
// Cost        two hashes per entry, in one pass; memory does not grow
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "governance/tree_head.h"

namespace cohortium::governance {

struct AuditPaths {
  std::filesystem::path entries, hashes, head, heads, forks;
};
AuditPaths audit_paths(const std::filesystem::path& folder);

inline constexpr std::size_t head_slot_bytes = 1024;
inline constexpr std::size_t longest_entry = std::size_t{1} << 20;

// A file of hashes; missing ones read as nothing.
class HashFile {
 public:
  explicit HashFile(const std::filesystem::path& path, std::size_t read_at_once = 1);
  ~HashFile();
  HashFile(const HashFile&) = delete;
  HashFile& operator=(const HashFile&) = delete;
  std::optional<Digest> at(std::uint64_t position);

 private:
  const int file_;
  const std::size_t read_at_once_;
  std::uint64_t block_begin_ = 0;  // of what is buffered
  std::vector<Digest> block_;
};

struct AuditScan {
  TreeHead head;          // the newest own one
  MerkleFrontier sealed;  // what it seals
  std::uint64_t sealed_bytes = 0;
  std::vector<std::string> unsealed;  // whole lines behind, which follow on the sealed ones
  std::uint64_t bytes = 0;            // with them; an unfinished line is not counted
  bool hashes_fit = true;             // the file of hashes is what the sealed entries give
  std::string last_start;             // the last entry "node.started"; empty: none
};

// Checks a log against its own head and `others`: heads of this node that other nodes hold, in any order. Reads only.
// Fails with
//   audit.tampered   `where` is the file and line of the first altered, missing or added entry, as closely as can be
//                    told: exactly where hashes are whole, else the entries between the last head that fits and the first
//                    that does not
//   audit.forked     the log is whole, but the node signed another history for somebody else
//   audit.shorter    the log is whole, but the node signed more entries than it has
//   file.missing, audit.bad_head, signature.*
AuditScan scan_audit_log(const std::filesystem::path& folder, const SignatureCheck& check,
                         std::vector<TreeHead> others = {});

// The text of one entry, from 1, out of a log of which `bytes` are known to be good; O(log n) reads.
std::string entry_text(const std::filesystem::path& entries, std::uint64_t number, std::uint64_t bytes);

// Entries from `first` on, at least one, until there is `enough` text of them. Fails with audit.no_entry.
std::vector<std::string> read_entries(const std::filesystem::path& entries, std::uint64_t first, std::uint64_t bytes,
                                      std::size_t enough);

// A slot of the file `head`, and the file `hashes` of the first entries of a file that has so many.
std::string head_slot(const TreeHead& head);
std::string hashes_of(std::string_view entries, std::uint64_t count);

// The "entry" of a line; nothing if that cannot be found.
std::optional<std::uint64_t> entry_number(std::string_view line);

}  // namespace cohortium::governance
