// The ledger of released groups: what was recorded is there after a restart, whole or refused.
#include "governance/release_ledger.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "base/error.h"
#include "base/file.h"

namespace cohortium::governance {
namespace {

class ReleaseLedgerTest : public testing::Test {
 protected:
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("cohortium_releases_" + std::to_string(::getpid()));

  ~ReleaseLedgerTest() override { std::filesystem::remove_all(folder); }

  static Release release(char run, char study = 'a') {
    return {.run = std::string(32, run),
            .study = std::string(64, study),
            .time = "2026-12-01T00:00:00.000Z",
            .shape = {.minimum = 11, .families = {1, 2}}};
  }
  static study::ReleasedRows rows() { return {.names = {3, 5, 8}, .groups = {{0, 0, 0}, {1, study::no_group, 0}}}; }
  static std::string code(const std::function<void()>& body) {
    const auto result = attempt([&] { return body(), true; });
    return result.ok() ? "" : result.error().code;
  }
};

TEST_F(ReleaseLedgerTest, RemembersOverRestarts) {
  std::uint64_t name = 0;
  {
    ReleaseLedger ledger(folder);
    EXPECT_TRUE(ledger.releases().empty());
    ledger.record(release('1'), rows());
    ledger.record(release('2', 'b'), {.names = {}, .groups = {{}, {}}});
    name = ledger.naming()("somebody");
  }
  const ReleaseLedger again(folder);
  EXPECT_EQ(again.naming()("somebody"), name);
  const auto releases = again.releases();
  ASSERT_EQ(releases.size(), 2u);
  EXPECT_EQ(releases[0].run, release('1').run);
  EXPECT_EQ(releases[0].study, release('1').study);
  EXPECT_EQ(releases[0].time, release('1').time);
  EXPECT_EQ(releases[0].shape, release('1').shape);
  EXPECT_EQ(again.rows(releases[0]).names, rows().names);
  EXPECT_EQ(again.rows(releases[0]).groups, rows().groups);
  EXPECT_TRUE(again.rows(releases[1]).names.empty());
}

// As on a full disk: the file ends before it is whole.
TEST_F(ReleaseLedgerTest, WhatCannotBeWrittenWholeIsRefusedAndLeavesNothing) {
  ReleaseLedger ledger(folder);
  ledger.record(release('1'), rows());
  const auto files = [&] {
    return std::distance(std::filesystem::recursive_directory_iterator(folder),
                         std::filesystem::recursive_directory_iterator());
  };
  const auto before = files();
  const auto on_signal = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit full{.rlim_cur = 64, .rlim_max = limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  const std::string refused = code([&] { ledger.record(release('2', 'b'), rows()); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, on_signal);
  EXPECT_EQ(refused, "release.unwritable");
  EXPECT_EQ(files(), before);
  EXPECT_EQ(ledger.releases().size(), 1u);
  ledger.record(release('2', 'b'), rows());
  EXPECT_EQ(ReleaseLedger(folder).releases().size(), 2u);
}

TEST_F(ReleaseLedgerTest, NamesAreOfThisSiteAlone) {
  const ReleaseLedger ledger(folder), other(folder.string() + "_other");
  EXPECT_NE(ledger.naming()("somebody"), other.naming()("somebody"));
  std::filesystem::remove_all(folder.string() + "_other");
}

TEST_F(ReleaseLedgerTest, TheSameIsRecordedOnce) {
  ReleaseLedger ledger(folder);
  ledger.record(release('1'), rows());
  ledger.record(release('2'), rows());
  EXPECT_EQ(ledger.releases().size(), 1u);
  study::ReleasedRows more = rows();
  more.names.back() = 9;
  ledger.record(release('3'), more);
  ledger.record(release('4', 'b'), rows());
  EXPECT_EQ(ledger.releases().size(), 3u);
}

TEST_F(ReleaseLedgerTest, WhatWasAlteredIsRefused) {
  { ReleaseLedger(folder).record(release('1'), rows()); }
  const std::filesystem::path path = folder / release('1').run;
  const std::string good = read_file(path);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    write_file(path, bad);
    EXPECT_EQ(code([&] {
                const ReleaseLedger ledger(folder);
                for (const Release& each : ledger.releases()) ledger.rows(each);
              }),
              "release.bad_ledger")
        << at;
  }
  for (const std::string& bad : {std::string(), good.substr(0, good.size() - 1), good + "x", std::string(100, '\n')}) {
    write_file(path, bad);
    EXPECT_EQ(code([&] {
                const ReleaseLedger ledger(folder);
                for (const Release& each : ledger.releases()) ledger.rows(each);
              }),
              "release.bad_ledger");
  }
  write_file(path, good);
  write_file(folder / "key", "short");
  EXPECT_EQ(code([&] { const ReleaseLedger ledger(folder); }), "release.bad_ledger");
}

}  // namespace
}  // namespace cohortium::governance
