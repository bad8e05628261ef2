// What this site has spent of its privacy budget, so that no budget is spent twice: one JSON object per line.
//
//   {"loss":0.1,"run":"…","study":"…","table":"diagnoses","time":"2026-…Z"}
//
// A budget is for one population, the people of one table or of several, and for any 365 days; losses (rho of zCDP,
// release/privacy_loss.h) add up. What is spent stays spent, even when the run fails afterwards: by then nobody can be sure
// that nothing was opened. Which tables are of a population is asked whenever something is spent, so that what a table has
// cost before it was declared to be of one counts, too. (Lines of before have a year, which means nothing any more.)
//
// Any 365 days  a new expense counts with all that are less than 365 days old, or of the future if the clock was set back. Of
//               every span of 365 days the last expense was checked like this, so no span costs more than the budget
//
// Acknowledged  spend() returns after the line is on disk; only then may anything be shared. A crash in between leaves at
//               most an unfinished line, which opening the ledger cuts off: nothing was shared for it
// Guaranteed    concurrent runs cannot overdraw; a run shares once: a coordinator that repeats it is refused
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cohortium::governance {

struct PrivacyExpense {
  std::string run, study, table;
  double loss = 0;
  std::string time = {};
};

// What a person may lose within any 365 days.
struct PrivacyBudget {
  double most = 1;
  std::map<std::string, std::string> populations = {};  // of tables that hold the same people; any other has its own

  // For people: the population's name, or the table's in quotes.
  std::string account_of(const std::string& table) const;
};

// An expense counts for so long.
inline constexpr std::chrono::hours privacy_window{24 * 365};

// By account: what was spent at or after this time (base/clock.h), which accounts of no recent expense have as 0.
std::map<std::string, double> spent_since(const std::vector<PrivacyExpense>& expenses, const PrivacyBudget& budget,
                                          const std::string& time);

// For any number of threads of one process.
class PrivacyLedger {
 public:
  // Opens or creates. Fails with privacy.bad_ledger (`where` is file:line), privacy.in_use (another process has it) or
  // privacy.unwritable.
  explicit PrivacyLedger(const std::filesystem::path& path);
  ~PrivacyLedger();

  // Fails with privacy.budget_spent, which says what is left, privacy.run_repeated, or privacy.unwritable: then nothing
  // may be shared.
  void spend(const PrivacyExpense& expense, const PrivacyBudget& budget);

  // Of a ledger that may be in use. None where there is no file.
  static std::vector<PrivacyExpense> read(const std::filesystem::path& path);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohortium::governance
