// The record of runs survives crashes, and no two runs pass a limit together.
#include "policy/run_ledger.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "base/file.h"

namespace cohortium::policy {
namespace {

class RunLedgerTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove(path_); }
  void TearDown() override { std::filesystem::remove(path_); }
  void append(const std::string& text) { std::ofstream(path_, std::ios::app) << text; }
  std::string refusal() {
    const auto opened = attempt([&] { return RunLedger(path_).runs().size(); });
    return opened.ok() ? "accepted" : opened.error().code;
  }
  static PastRun run(const std::string& name) {
    return {.run = name,
            .study = "s",
            .analyst = "ana",
            .rule = "r",
            .columns = {"t.a"},
            .time = "2026-03-31T12:00:00.000Z"};
  }
  const std::filesystem::path path_ = testing::TempDir() + "policy.runs";
};

TEST_F(RunLedgerTest, KeepsWhatWasRecorded) {
  RunLedger(path_).record(run("1"), [](const auto& runs) { EXPECT_TRUE(runs.empty()); });
  const auto kept = RunLedger(path_).runs();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].run + kept[0].study + kept[0].analyst + kept[0].rule + kept[0].columns.at(0) + kept[0].time,
            "1sanart.a2026-03-31T12:00:00.000Z");
}

TEST_F(RunLedgerTest, AnUnfinishedLineIsCutOffAndWrittenOver) {
  RunLedger(path_).record(run("1"), [](const auto&) {});
  append("{\"analyst\":\"ana\",\"colu");
  EXPECT_EQ(RunLedger(path_).runs().size(), 1u);
  RunLedger(path_).record(run("2"), [](const auto&) {});
  EXPECT_EQ(RunLedger(path_).runs().size(), 2u);
}

TEST_F(RunLedgerTest, AnAlteredLineIsNotTakenForLess) {
  RunLedger(path_).record(run("1"), [](const auto&) {});
  append("{}\n");
  EXPECT_EQ(refusal(), "policy.bad_ledger");
}

TEST_F(RunLedgerTest, OneProcessHasIt) {
  const RunLedger held(path_);
  EXPECT_EQ(refusal(), "policy.in_use");
}

TEST_F(RunLedgerTest, WhatIsRefusedIsNotRecorded) {
  RunLedger ledger(path_);
  EXPECT_THROW(ledger.record(run("1"), [](const auto&) { throw Failure({.code = "policy.denied", .message = ""}); }),
               Failure);
  EXPECT_TRUE(ledger.runs().empty());
  EXPECT_EQ(read_file(path_), "");
}

TEST_F(RunLedgerTest, RunsAtTheSameTimePassNoLimitTogether) {
  RunLedger ledger(path_);
  std::vector<std::thread> threads;
  std::atomic<int> passed = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const auto done = attempt([&] {
        ledger.record(run(std::to_string(i)), [](const auto& runs) {
          if (runs.size() >= 3) throw Failure({.code = "policy.denied", .message = ""});
        });
        return true;
      });
      if (done.ok()) ++passed;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(passed, 3);
  EXPECT_EQ(ledger.runs().size(), 3u);
}

}  // namespace
}  // namespace cohortium::policy
