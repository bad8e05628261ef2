// The ledger under races, crashes and a coordinator that repeats a run.
#include "governance/privacy_ledger.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"

namespace cohortium::governance {
namespace {

class PrivacyLedgerTest : public testing::Test {
 protected:
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("cohortium_ledger_test_" + std::to_string(::getpid()));
  std::filesystem::path path = folder / "privacy.ledger";

  PrivacyLedgerTest() { std::filesystem::create_directories(folder); }
  ~PrivacyLedgerTest() override { std::filesystem::remove_all(folder); }

  static PrivacyExpense expense(const std::string& run, double loss, const std::string& table = "t") {
    return {.run = run, .study = "abc", .table = table, .loss = loss};
  }
  // Of the table t.
  double spent() const { return spent_since(PrivacyLedger::read(path), {}, timestamp(-privacy_window))["\"t\""]; }
  std::string code(const std::function<void()>& body) {
    const auto result = attempt([&] { return body(), true; });
    return result.ok() ? "" : result.error().code;
  }
};

TEST_F(PrivacyLedgerTest, SpendsUpToTheBudgetOfEachTable) {
  PrivacyLedger ledger(path);
  for (int i = 0; i < 10; ++i) ledger.spend(expense("run" + std::to_string(i), 0.1), {1.0});  // ten tenths fit
  EXPECT_EQ(code([&] { ledger.spend(expense("more", 1e-3), {1.0}); }), "privacy.budget_spent");
  ledger.spend(expense("other table", 0.5, "u"), {1.0});
  EXPECT_NEAR(spent(), 1.0, 1e-12);
}

TEST_F(PrivacyLedgerTest, TablesOfTheSamePeopleShareABudget) {
  PrivacyLedger ledger(path);
  const PrivacyBudget apart{1.0, {}}, together{1.0, {{"t", "patients"}, {"u", "patients"}}};
  ledger.spend(expense("a", 0.6, "t"), together);
  EXPECT_EQ(code([&] { ledger.spend(expense("b", 0.6, "u"), together); }), "privacy.budget_spent");
  ledger.spend(expense("c", 0.4, "u"), together);
  ledger.spend(expense("d", 0.9, "staff"), together);
  // What was spent apart counts once the tables are declared to hold the same people.
  ledger.spend(expense("e", 0.5, "v"), apart);
  const PrivacyBudget later{1.0, {{"v", "staff and visitors"}, {"staff", "staff and visitors"}}};
  EXPECT_EQ(code([&] { ledger.spend(expense("f", 0.01, "staff"), later); }), "privacy.budget_spent");
}

// Brute force: whatever was spent when, no 365 days hold more than the budget; New Year's Eve and New Year's Day are of one.
TEST_F(PrivacyLedgerTest, NoSpanOf365DaysCostsMoreThanTheBudget) {
  const auto days_ago = [](int days) { return timestamp(-std::chrono::hours(24) * days); };
  const auto open_with = [&](const std::vector<std::pair<int, double>>& spent) {
    std::string lines;
    for (const auto& [days, loss] : spent)
      lines += R"({"loss":)" + std::to_string(loss) + R"(,"run":")" + std::to_string(days) +
               R"(","study":"s","table":"t","time":")" + days_ago(days) + "\"}\n";
    write_file(path, lines);
    return std::make_unique<PrivacyLedger>(path);
  };
  {
    const auto ledger = open_with({{366, 0.9}, {364, 0.3}, {1, 0.4}});
    EXPECT_EQ(code([&] { ledger->spend(expense("too much", 0.31), {1.0}); }), "privacy.budget_spent");
    ledger->spend(expense("fits", 0.3), {1.0});
  }
  // The clock was set back: what seems to be of the future is of the same span.
  const auto ledger = open_with({{-30, 0.8}});
  EXPECT_EQ(code([&] { ledger->spend(expense("too much", 0.21), {1.0}); }), "privacy.budget_spent");
}

TEST_F(PrivacyLedgerTest, RemembersAcrossRestarts) {
  { PrivacyLedger(path).spend(expense("a", 0.7), {1.0}); }
  PrivacyLedger ledger(path);
  EXPECT_EQ(code([&] { ledger.spend(expense("b", 0.4), {1.0}); }), "privacy.budget_spent");
  EXPECT_EQ(code([&] { ledger.spend(expense("a", 0.1), {1.0}); }), "privacy.run_repeated");
  EXPECT_EQ(PrivacyLedger::read(path).size(), 1u);
}

TEST_F(PrivacyLedgerTest, ConcurrentRunsCannotOverdraw) {
  PrivacyLedger ledger(path);
  std::atomic<int> accepted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string run = std::to_string(t) + "." + std::to_string(i);
        if (code([&] { ledger.spend(expense(run, 0.09), {1.0}); }).empty()) ++accepted;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(accepted, 11);
  EXPECT_LE(spent(), 1.0);
  EXPECT_EQ(code([&] { PrivacyLedger again(path); }), "privacy.in_use");
}

// Killed at any moment, a process leaves every expense that it was told of, and a ledger that opens.
TEST_F(PrivacyLedgerTest, KilledWhileItSpends) {
  for (int round = 0; round < 10; ++round) {
    int acknowledged[2];
    ASSERT_EQ(::pipe(acknowledged), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      PrivacyLedger ledger(path);
      for (int i = 0;; ++i) {
        ledger.spend(expense(std::to_string(round) + "." + std::to_string(i), 1e-6), {1e6});
        if (::write(acknowledged[1], "x", 1) != 1) ::_exit(1);
      }
    }
    ::close(acknowledged[1]);
    std::size_t told = 0;
    const std::size_t enough = 1 + 7 * static_cast<std::size_t>(round);
    for (char c; told < enough && ::read(acknowledged[0], &c, 1) == 1;) ++told;
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    for (char c; ::read(acknowledged[0], &c, 1) == 1;) ++told;
    ::close(acknowledged[0]);
    std::size_t kept = 0;
    PrivacyLedger ledger(path);
    for (const auto& each : PrivacyLedger::read(path)) kept += each.run.starts_with(std::to_string(round) + ".");
    EXPECT_GE(kept, told);
    EXPECT_LE(kept, told + 1);
  }
}

TEST_F(PrivacyLedgerTest, CutsOffAnUnfinishedLineAndRefusesABadOne) {
  { PrivacyLedger(path).spend(expense("a", 0.5), {1.0}); }
  const std::string good = read_file(path);
  std::ofstream(path, std::ios::app) << R"({"loss":0.1,"run":"b)";
  { PrivacyLedger opened(path); }
  EXPECT_EQ(spent(), 0.5);
  EXPECT_EQ(read_file(path), good);
  for (const char* line : {"{}", "x", R"({"loss":0.1,"run":"b","study":"s","table":"t","time":"2026"})",
                           R"({"loss":-1,"run":"b","study":"s","table":"t","time":"2026-01-01T00:00:00.000Z"})"}) {
    write_file(path, good + line + "\n");
    const auto opened = attempt([&] { return PrivacyLedger(path), true; });
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, "privacy.bad_ledger");
    EXPECT_EQ(opened.error().where, path.string() + ":2");
  }
}

}  // namespace
}  // namespace cohortium::governance
