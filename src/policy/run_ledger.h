// Which runs this site has shared something in, so that no limit on how often is passed: one JSON object per line.
//
//   {"analyst":"ana","columns":["trial.age"],"rule":"outcomes research","run":"…","study":"…","time":"2026-…Z"}
//
// Acknowledged  record() returns after the line is on disk; only then may anything be shared. A crash in between leaves at
//               most an unfinished line, which opening the ledger cuts off: nothing was shared for it
// Guaranteed    concurrent runs cannot pass a limit together: they are judged and recorded one after the other
// Not           that a run that is recorded was completed: what is counted stays counted
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "policy/judge.h"

namespace cohortium::policy {

// For any number of threads of one process.
class RunLedger {
 public:
  // Opens or creates. Fails with policy.bad_ledger (`where` is file:line), policy.in_use (another process has it) or
  // policy.unwritable.
  explicit RunLedger(const std::filesystem::path& path);
  ~RunLedger();

  std::vector<PastRun> runs() const;
  // `check` is shown all runs so far and fails where this one must not be. Fails with policy.unwritable, too: then nothing
  // may be shared.
  void record(const PastRun& run, const std::function<void(const std::vector<PastRun>&)>& check);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohortium::policy
