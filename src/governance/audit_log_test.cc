// The log as an operator, a crash and an attacker leave it.
#include "governance/audit_log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "governance/audit_files.h"
#include "governance/testing/audit_fixture.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

class AuditLogTest : public AuditFixture {
 protected:
  const AuditPaths paths = audit_paths(folder / "north");

  // Both ways of looking find the same line, and looking changes nothing.
  void expect_tampered(const std::filesystem::path& file, int line) const {
    const std::string before = read_file(paths.entries);
    const auto verified = attempt([&] { return scan_audit_log(folder / "north", check()).head; });
    const auto opened = attempt([&] { return open("north")->head(); });
    ASSERT_FALSE(verified.ok());
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(verified.error().code, "audit.tampered");
    EXPECT_EQ(verified.error().where, file.string() + ":" + std::to_string(line)) << verified.error().text();
    EXPECT_EQ(opened.error().where, verified.error().where);
    EXPECT_EQ(read_file(paths.entries), before);
  }
};

TEST_F(AuditLogTest, EntriesAreNumberedSealedAndSurviveReopening) {
  write_entries("north", 2);
  write_entries("north", 1);
  const auto all = lines(paths.entries);
  ASSERT_EQ(all.size(), 3u);
  const json third = json::parse(all[2]);
  EXPECT_EQ(third["entry"], 3);
  EXPECT_EQ(third["event"], "study.submitted");
  EXPECT_EQ(third["time"].get<std::string>().size(), 24u);
  MerkleFrontier tree;
  for (const std::string& line : all) tree.add(leaf_hash(line));
  const AuditScan scan = scan_audit_log(folder / "north", check());
  EXPECT_EQ(scan.head.size, 3u);
  EXPECT_EQ(scan.head.root, tree.root());
  EXPECT_EQ(scan.head.log, to_hex(leaf_hash(all[0])));
  EXPECT_TRUE(scan.hashes_fit);
  const auto log = open("north");
  EXPECT_EQ(log->head(), scan.head);
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(log->entry(i), all[i - 1]);
  EXPECT_EQ(attempt([&] { return log->entry(4); }).error().code, "audit.no_entry");
  EXPECT_TRUE(proves_inclusion(log->inclusion(2, 3), leaf_hash(all[1]), 1, 3, tree.root()));
  EXPECT_TRUE(proves_consistency(log->consistency(2, 3), 2, log->root_at(2), 3, tree.root()));
}

TEST_F(AuditLogTest, EveryEntryOfALongLogIsFound) {
  const auto log = open("north");
  for (int i = 0; i < 60; ++i) log->append("e", "", {{"text", std::string(static_cast<std::size_t>(7 * i % 90), 'x')}});
  for (std::uint64_t i = 1; i <= 60; ++i) EXPECT_EQ(entry_number(log->entry(i)), i);
}

TEST_F(AuditLogTest, ManyThreadsAppendAndEachIsAnswered) {
  const auto log = open("north");
  std::vector<std::thread> threads;
  std::vector<std::vector<std::uint64_t>> numbers(8);
  for (auto& mine : numbers)
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) mine.push_back(log->append("e", "", {{"i", i}}));
    });
  for (auto& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const auto& mine : numbers) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 200u);
  EXPECT_EQ(*all.rbegin(), 200u);
  EXPECT_EQ(scan_audit_log(folder / "north", check()).head, log->head());
}

TEST_F(AuditLogTest, AnAlteredEntryIsNamed) {
  write_entries("north", 5);
  for (std::size_t i = 0; i < 5; ++i) {
    auto all = lines(paths.entries);
    const auto good = all;
    all[i].replace(all[i].find("submitted"), 9, "forgotten");
    write_lines(paths.entries, all);
    expect_tampered(paths.entries, static_cast<int>(i) + 1);
    write_lines(paths.entries, good);
  }
  auto all = lines(paths.entries);
  all[2].insert(1, " ");  // spacing that changes no value is an alteration, too
  write_lines(paths.entries, all);
  expect_tampered(paths.entries, 3);
}

TEST_F(AuditLogTest, MissingReorderedAddedCutEntries) {
  write_entries("north", 4);
  const auto all = lines(paths.entries);
  for (const auto& [changed, line] :
       std::vector<std::pair<std::vector<std::string>, int>>{{{all[0], all[2], all[3]}, 2},
                                                             {{all[0], all[2], all[1], all[3]}, 2},
                                                             {{all[0], all[1], all[1], all[2], all[3]}, 3},
                                                             {{all[0], all[1], all[2], all[3], all[3]}, 5},
                                                             {{all[0], all[1], all[2], all[3], "garbage"}, 5},
                                                             {{all[0], all[1], all[2]}, 4},
                                                             {{}, 1}}) {
    write_lines(paths.entries, changed);
    expect_tampered(paths.entries, line);
  }
  write_lines(paths.entries, all);
  std::filesystem::remove(paths.head);
  expect_tampered(paths.head, 1);
}

TEST_F(AuditLogTest, WithItsHashesChangedTooTheEntriesBetweenTwoHeadsAreNamed) {
  write_entries("north", 2);
  const TreeHead early = open("north")->head();
  write_entries("north", 3);
  const TreeHead late = open("north")->head();
  auto all = lines(paths.entries);
  all[3].replace(all[3].find("submitted"), 9, "forgotten");
  write_lines(paths.entries, all);
  std::filesystem::remove(paths.hashes);
  const auto found = attempt([&] { return scan_audit_log(folder / "north", check(), {late, early}).head; });
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().where, paths.entries.string() + ":3");
  EXPECT_NE(found.error().message.find("3 to 5"), std::string::npos) << found.error().text();
}

TEST_F(AuditLogTest, AHeadOfAnotherHistoryIsAForkAndALongerOneIsMissed) {
  write_entries("north", 3);
  const TreeHead first = open("north")->head();
  const auto all = lines(paths.entries);
  std::filesystem::remove_all(folder / "north");
  write_entries("north", 4);  // other times: another history, signed by the same key
  const auto forked = attempt([&] { return scan_audit_log(folder / "north", check(), {first}).head; });
  ASSERT_FALSE(forked.ok());
  EXPECT_EQ(forked.error().code, "audit.forked");
  EXPECT_EQ(forked.error().where, paths.entries.string() + ":1");

  const TreeHead four = open("north")->head();
  std::filesystem::copy(folder / "north", folder / "old", std::filesystem::copy_options::recursive);
  write_entries("north", 2);
  const TreeHead six = open("north")->head();
  const auto shorter = attempt([&] { return scan_audit_log(folder / "old", check(), {four, six}).head; });
  ASSERT_FALSE(shorter.ok());
  EXPECT_EQ(shorter.error().code, "audit.shorter");
  EXPECT_EQ(shorter.error().where, (folder / "old" / "entries.jsonl").string() + ":5");
  EXPECT_EQ(scan_audit_log(folder / "north", check(), {four, six}).head, six);
}

TEST_F(AuditLogTest, ACrashLeavesWhatOpeningMends) {
  write_entries("north", 3);
  const std::string head = read_file(paths.head), entries = read_file(paths.entries);
  write_file(paths.entries, entries + R"({"detail":{"by")");  // while a line was written
  EXPECT_EQ(open("north")->head().size, 3u);
  EXPECT_EQ(read_file(paths.entries), entries);

  write_entries("north", 1);  // between a line and its head
  write_file(paths.head, head);
  EXPECT_EQ(scan_audit_log(folder / "north", check()).unsealed.size(), 1u);
  EXPECT_EQ(open("north")->head().size, 5u);
  EXPECT_EQ(json::parse(lines(paths.entries)[4])["event"], "log.recovered");
  EXPECT_EQ(json::parse(lines(paths.entries)[4])["detail"]["entries"], 1);

  std::string torn = read_file(paths.head);  // while a head was written: the other one holds
  const std::size_t newest = json::parse(torn.substr(0, head_slot_bytes))["size"] == 5 ? 0 : head_slot_bytes;
  torn.replace(newest + 100, 100, std::string(100, '#'));
  write_file(paths.head, torn);
  EXPECT_EQ(open("north")->head().size, 6u);
  EXPECT_EQ(scan_audit_log(folder / "north", check()).unsealed.size(), 0u);

  write_file(paths.hashes, "");  // not yet on disk when the power failed
  EXPECT_EQ(open("north")->head().size, 6u);
  EXPECT_TRUE(scan_audit_log(folder / "north", check()).hashes_fit);
}

TEST_F(AuditLogTest, AHeadByAnotherKeyIsRefused) {
  EXPECT_EQ(attempt([&] { return open("north", "south")->head(); }).error().code, "audit.bad_head");
  std::filesystem::remove_all(folder / "north");
  write_entries("north", 1);
  const net::PrivateKey stolen_name = net::PrivateKey::generate();
  const auto scanned = attempt([&] {
    return scan_audit_log(folder / "north",
                          [&](const Signature& signature, std::string_view domain, const json& value) {
                            verify(signature, net::public_key_fingerprint(stolen_name.public_key()), domain, value);
                          })
        .head;
  });
  ASSERT_FALSE(scanned.ok());
  EXPECT_EQ(scanned.error().code, "signature.other_key");
}

TEST_F(AuditLogTest, OneProcessWritesAndOneNodeOwns) {
  const auto log = open("north");
  EXPECT_EQ(attempt([&] { return open("north")->head(); }).error().code, "audit.in_use");
  write_entries("south", 1);
  EXPECT_EQ(attempt([&] { return AuditLog(folder / "south", "north", signer("north"), check()).head(); }).error().code,
            "audit.other_node");
  EXPECT_EQ(attempt([&] { return scan_audit_log(folder / "none", check()).head; }).error().code, "file.missing");
}

TEST_F(AuditLogTest, WhatCannotBeSignedIsNotLogged) {
  bool works = true;
  AuditLog log(
      folder / "north", "north",
      [&](std::string_view domain, const json& value) {
        if (!works) throw Failure({.code = "key.unusable", .message = "the token was pulled"});
        return signer("north")(domain, value);
      },
      check());
  log.append("a", "", json::object());
  works = false;
  EXPECT_EQ(attempt([&] { return log.append("b", "", json::object()); }).error().code, "key.unusable");
  works = true;
  EXPECT_EQ(log.append("c", "", json::object()), 2u);
  EXPECT_EQ(scan_audit_log(folder / "north", check()).head, log.head());
  EXPECT_EQ(lines(paths.entries).size(), 2u);
}

}  // namespace
}  // namespace cohortium::governance
