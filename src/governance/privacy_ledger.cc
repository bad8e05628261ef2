#include "governance/privacy_ledger.h"

#include <fmt/format.h>

#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/line_file.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

constexpr double rounding = 1e-9;  // of sums of losses

[[noreturn]] void bad_ledger(const std::filesystem::path& path, std::size_t line) {
  throw Failure({.code = "privacy.bad_ledger",
                 .message = "the line is not an expense as this program writes it",
                 .where = fmt::format("{}:{}", path.string(), line),
                 .remedy = "restore the ledger; without it the node cannot tell what of its budget is left"});
}

const LineFile::Refusals refusals = {
    .in_use = {.code = "privacy.in_use",
               .message = "another process has this privacy ledger open",
               .remedy = "stop the other node that uses the same state folder"},
    .unwritable = {.code = "privacy.unwritable",
                   .message = "the privacy ledger cannot be written",
                   .remedy = "check permissions and free space; nothing is shared that is not on the ledger"}};

PrivacyExpense parse(const std::filesystem::path& path, std::size_t number, const std::string& line) {
  const json entry = json::parse(line, nullptr, false);
  const auto is_text = [&](const char* key) { return entry.contains(key) && entry[key].is_string(); };
  if (!entry.is_object() || !is_text("run") || !is_text("study") || !is_text("table") || !is_text("time") ||
      !is_timestamp(entry["time"].get<std::string>()) || !entry.contains("loss") || !entry["loss"].is_number() ||
      !(entry["loss"].get<double>() > 0) || !std::isfinite(entry["loss"].get<double>())) {
    bad_ledger(path, number);
  }
  return {.run = entry["run"],
          .study = entry["study"],
          .table = entry["table"],
          .loss = entry["loss"],
          .time = entry["time"]};
}

LineFile::Take taking_into(std::vector<PrivacyExpense>& expenses, const std::filesystem::path& path) {
  return
      [&expenses, path](std::size_t number, const std::string& line) { expenses.push_back(parse(path, number, line)); };
}

}  // namespace

std::string PrivacyBudget::account_of(const std::string& table) const {
  const auto found = populations.find(table);
  return found == populations.end() ? '"' + table + '"' : found->second;
}

std::map<std::string, double> spent_since(const std::vector<PrivacyExpense>& expenses, const PrivacyBudget& budget,
                                          const std::string& time) {
  std::map<std::string, double> spent;
  for (const PrivacyExpense& expense : expenses)
    spent[budget.account_of(expense.table)] += expense.time >= time ? expense.loss : 0;
  return spent;
}

struct PrivacyLedger::State {
  explicit State(const std::filesystem::path& path) : file(path, refusals, taking_into(expenses, path)) {}

  mutable std::mutex mutex;
  std::vector<PrivacyExpense> expenses;
  LineFile file;
};

PrivacyLedger::PrivacyLedger(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {}
PrivacyLedger::~PrivacyLedger() = default;

void PrivacyLedger::spend(const PrivacyExpense& expense, const PrivacyBudget& budget) {
  COHORTIUM_CHECK(expense.loss > 0 && std::isfinite(expense.loss));
  const std::lock_guard lock(state_->mutex);
  for (const PrivacyExpense& earlier : state_->expenses) {
    if (earlier.run != expense.run) continue;
    throw Failure({.code = "privacy.run_repeated",
                   .message = "this run has been paid for and shared before; its noise would be drawn a second time",
                   .where = expense.run,
                   .remedy = "start a new run, which is paid for anew"});
  }
  const std::string account = budget.account_of(expense.table);
  const double left = budget.most - spent_since(state_->expenses, budget, timestamp(-privacy_window))[account];
  if (expense.loss > left + rounding) {
    throw Failure(
        {.code = "privacy.budget_spent",
         .message =
             fmt::format("the study would cost a privacy loss of {:.6g}, and of this site's budget for the people of "
                         "{} only {:.6g} is left",
                         expense.loss, account, std::max(0.0, left)),
         .where = "/release/privacy",
         .rule = fmt::format("privacy budget {:.6g} of this site for any 365 days", budget.most),
         .remedy = "ask for less of it (a smaller rho or epsilon), or wait until what was spent is 365 days old"});
  }
  PrivacyExpense entry = expense;
  entry.time = timestamp();
  const json line = {
      {"run", entry.run}, {"study", entry.study}, {"table", entry.table}, {"loss", entry.loss}, {"time", entry.time}};
  state_->file.append(line.dump());
  state_->expenses.push_back(std::move(entry));
}

std::vector<PrivacyExpense> PrivacyLedger::read(const std::filesystem::path& path) {
  std::vector<PrivacyExpense> expenses;
  LineFile::read(path, taking_into(expenses, path));
  return expenses;
}

}  // namespace cohortium::governance
