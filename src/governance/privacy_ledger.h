// What this site has spent of its privacy budget, so that no budget is spent twice: one JSON object per line.
//
//   {"loss":0.1,"run":"…","study":"…","table":"diagnoses","time":"2026-…Z","year":2026}
//
// A budget is for one table and one calendar year; losses (rho of zCDP, release/privacy_loss.h) add up. What is spent
// stays spent, even when the run fails afterwards: by then nobody can be sure that nothing was opened.
//
// Acknowledged  spend() returns after the line is on disk; only then may anything be shared. A crash in between leaves at
//               most an unfinished line, which opening the ledger cuts off: nothing was shared for it
// Guaranteed    concurrent runs cannot overdraw; a run shares once: a coordinator that repeats it is refused
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cohortium::governance {

struct PrivacyExpense {
  std::string run, study, table;
  int year = 0;
  double loss = 0;
  std::string time = {};
};

// For any number of threads of one process.
class PrivacyLedger {
 public:
  // Opens or creates. Fails with privacy.bad_ledger (`where` is file:line), privacy.in_use (another process has it) or
  // privacy.unwritable.
  explicit PrivacyLedger(const std::filesystem::path& path);
  ~PrivacyLedger();

  // Fails with privacy.budget_spent, which says what is left, privacy.run_repeated, or privacy.unwritable: then nothing
  // may be shared.
  void spend(const PrivacyExpense& expense, double budget);
  double spent(const std::string& table, int year) const;

  // Of a ledger that may be in use. None where there is no file.
  static std::vector<PrivacyExpense> read(const std::filesystem::path& path);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohortium::governance
