// Whom this site's released numbers have been of, so that no later study is subtracted from them unnoticed.
//
//   FOLDER/key   the key under which rows are named; for the owner alone
//   FOLDER/RUN   one run: a line of JSON {"content", "families", "minimum", "rows", "seal", "study", "time"}, then the names
//                of its rows, ascending (8 bytes each), then by family the group of each row (2 bytes each), little-endian.
//                "content" is the SHA-256 of what follows the line, "seal" that of the line without it
//
// Whoever has the files without the key learns how many rows a group has, and nothing of who they are; with the key he can
// tell whether somebody whose record he knows is among them. Values are never kept.
//
// Acknowledged  record() returns after the file is on disk; only then may anything be shared. What is recorded stays, even
//               when the run fails afterwards: nobody can be sure that nothing was opened
// Guaranteed    one run at a time compares itself with what is there and is recorded (turn())
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "crypto/keyed_hash.h"
#include "release/differences.h"
#include "study/released_groups.h"

namespace cohortium::governance {

struct Release {
  std::string run = {}, study = {}, time = {};
  release::ReleaseShape shape = {};
};

// For any number of threads of one process.
class ReleaseLedger {
 public:
  // Opens or creates. Fails with release.bad_ledger (`where` is the file) or file.*.
  explicit ReleaseLedger(const std::filesystem::path& folder);
  ~ReleaseLedger();

  // Names rows; one for each thread.
  crypto::KeyedHash naming() const;
  // Held from before a run reads releases() until it is recorded or has failed. Fails with release.busy where another
  // run does not end within half a minute.
  std::unique_lock<std::timed_mutex> turn();

  std::vector<Release> releases() const;  // by run
  // Fails with release.bad_ledger, file.*.
  study::ReleasedRows rows(const Release& release) const;
  // A run whose study, rows and groups were recorded before is not recorded again. Fails with release.unwritable.
  void record(const Release& release, const study::ReleasedRows& rows);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohortium::governance
