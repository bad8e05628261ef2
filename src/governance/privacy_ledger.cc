#include "governance/privacy_ledger.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"

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

[[noreturn]] void unwritable(const std::filesystem::path& path) {
  throw Failure({.code = "privacy.unwritable",
                 .message = std::string("the privacy ledger cannot be written: ") + std::strerror(errno),
                 .where = path.string(),
                 .remedy = "check permissions and free space; nothing is shared that is not on the ledger"});
}

PrivacyExpense parse(const std::filesystem::path& path, std::size_t number, const std::string& line) {
  const json entry = json::parse(line, nullptr, false);
  const auto is_text = [&](const char* key) { return entry.contains(key) && entry[key].is_string(); };
  if (!entry.is_object() || !is_text("run") || !is_text("study") || !is_text("table") || !is_text("time") ||
      !entry.contains("year") || !entry["year"].is_number_integer() || !entry.contains("loss") ||
      !entry["loss"].is_number() || !(entry["loss"].get<double>() > 0) || !std::isfinite(entry["loss"].get<double>())) {
    bad_ledger(path, number);
  }
  return {.run = entry["run"],
          .study = entry["study"],
          .table = entry["table"],
          .year = entry["year"],
          .loss = entry["loss"],
          .time = entry["time"]};
}

// All finished lines; `bytes` of them.
std::vector<PrivacyExpense> parse_all(const std::filesystem::path& path, const std::string& text, std::size_t& bytes) {
  std::vector<PrivacyExpense> expenses;
  bytes = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', bytes)) {
    expenses.push_back(parse(path, expenses.size() + 1, text.substr(bytes, end - bytes)));
    bytes = end + 1;
  }
  return expenses;
}

}  // namespace

struct PrivacyLedger::State {
  std::filesystem::path path;
  int file = -1;
  mutable std::mutex mutex;
  std::vector<PrivacyExpense> expenses;
  std::size_t bytes = 0;

  ~State() {
    if (file >= 0) ::close(file);  // and with it the lock
  }

  double spent(const std::string& table, int year) const {
    double sum = 0;
    for (const PrivacyExpense& expense : expenses) {
      if (expense.table == table && expense.year == year) sum += expense.loss;
    }
    return sum;
  }

  // At the end of what is there; an unfinished line of a write that failed is overwritten by the next.
  void append(const std::string& line) {
    std::size_t written = 0;
    while (written < line.size()) {
      const ssize_t count =
          ::pwrite(file, line.data() + written, line.size() - written, static_cast<off_t>(bytes + written));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) unwritable(path);
      written += static_cast<std::size_t>(count);
    }
    if (::fdatasync(file) != 0) unwritable(path);
    bytes += line.size();
  }
};

PrivacyLedger::PrivacyLedger(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  const bool is_new = !std::filesystem::exists(path);
  if (is_new) write_file(path, "", FileAccess::kOwnerOnly);  // with its folder synced
  state_->file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (state_->file < 0) unwritable(path);
  if (::flock(state_->file, LOCK_EX | LOCK_NB) != 0) {
    throw Failure({.code = "privacy.in_use",
                   .message = "another process has this privacy ledger open",
                   .where = path.string(),
                   .remedy = "stop the other node that uses the same state folder"});
  }
  state_->expenses = parse_all(path, read_file(path), state_->bytes);
  if (::ftruncate(state_->file, static_cast<off_t>(state_->bytes)) != 0) unwritable(path);
}

PrivacyLedger::~PrivacyLedger() = default;

void PrivacyLedger::spend(const PrivacyExpense& expense, double budget) {
  COHORTIUM_CHECK(expense.loss > 0 && std::isfinite(expense.loss));
  const std::lock_guard lock(state_->mutex);
  for (const PrivacyExpense& earlier : state_->expenses) {
    if (earlier.run != expense.run) continue;
    throw Failure({.code = "privacy.run_repeated",
                   .message = "this run has been paid for and shared before; its noise would be drawn a second time",
                   .where = expense.run,
                   .remedy = "start a new run, which is paid for anew"});
  }
  const double left = budget - state_->spent(expense.table, expense.year);
  if (expense.loss > left + rounding) {
    throw Failure(
        {.code = "privacy.budget_spent",
         .message = fmt::format("the study would cost a privacy loss of {:.6g}, and of this site's budget for "
                                "\"{}\" in {} only {:.6g} is left",
                                expense.loss, expense.table, expense.year, std::max(0.0, left)),
         .where = "/release/privacy",
         .rule = fmt::format("privacy budget {:.6g} per table and year of this site", budget),
         .remedy = "ask for less of it (a smaller rho or epsilon), or wait for the next year"});
  }
  PrivacyExpense entry = expense;
  entry.time = timestamp();
  const json line = {{"run", entry.run},   {"study", entry.study}, {"table", entry.table},
                     {"year", entry.year}, {"loss", entry.loss},   {"time", entry.time}};
  state_->append(line.dump() + "\n");
  state_->expenses.push_back(std::move(entry));
}

double PrivacyLedger::spent(const std::string& table, int year) const {
  const std::lock_guard lock(state_->mutex);
  return state_->spent(table, year);
}

std::vector<PrivacyExpense> PrivacyLedger::read(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return {};
  std::size_t bytes = 0;
  return parse_all(path, read_file(path), bytes);
}

}  // namespace cohortium::governance
