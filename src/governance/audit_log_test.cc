// The log as an operator, a crash and an attacker leave it.
#include "governance/audit_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "crypto/hash.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

class AuditLogTest : public testing::Test {
 protected:
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("cohortium_audit_test_" + std::to_string(::getpid()));
  std::filesystem::path path = folder / "audit.log", head = folder / "audit.head";

  AuditLogTest() { std::filesystem::create_directories(folder); }
  ~AuditLogTest() override { std::filesystem::remove_all(folder); }

  void write_entries(int count) {
    AuditLog log(path);
    for (int i = 0; i < count; ++i) log.append("study.submitted", "abc", {{"number", i}, {"ratio", 0.1}});
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> result;
    std::istringstream in(read_file(path));
    for (std::string line; std::getline(in, line);) result.push_back(line);
    return result;
  }
  void write_lines(const std::vector<std::string>& all) const {
    std::string text;
    for (const std::string& line : all) text += line + "\n";
    write_file(path, text);
  }
  // Both ways of looking find the same line, and looking changes nothing.
  void expect_tampered(const std::filesystem::path& file, int line) const {
    const std::string before = read_file(path);
    const auto verified = attempt([&] { return AuditLog::verify(path); });
    const auto opened = attempt([&] { return AuditLog(path).head(); });
    ASSERT_FALSE(verified.ok());
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(verified.error().code, "audit.tampered");
    EXPECT_EQ(verified.error().where, file.string() + ":" + std::to_string(line)) << verified.error().text();
    EXPECT_EQ(opened.error().where, verified.error().where);
    EXPECT_EQ(read_file(path), before);
  }
  // An entry whose own hash is right.
  static std::string rehashed(const std::string& line, const std::string& field, const json& value) {
    json entry = json::parse(line);
    entry[field] = value;
    entry.erase("hash");
    entry["hash"] = crypto::sha256_hex(entry.dump());
    return entry.dump();
  }
};

TEST_F(AuditLogTest, EntriesAreChainedAndSurviveReopening) {
  write_entries(2);
  write_entries(1);
  const auto all = lines();
  ASSERT_EQ(all.size(), 3u);
  const json first = json::parse(all[0]), second = json::parse(all[1]), third = json::parse(all[2]);
  EXPECT_EQ(first["previous"], std::string(64, '0'));
  EXPECT_EQ(second["previous"], first["hash"]);
  EXPECT_EQ(third["seq"], 3);
  EXPECT_EQ(third["event"], "study.submitted");
  EXPECT_EQ(third["time"].get<std::string>().size(), 24u);
  EXPECT_EQ(AuditLog::verify(path), (AuditHead{.sequence = 3, .hash = third["hash"]}));
  EXPECT_EQ(AuditLog(path).head(), AuditLog::verify(path));
}

TEST_F(AuditLogTest, AlteredLine) {
  write_entries(3);
  auto all = lines();
  all[1].replace(all[1].find("\"number\":1"), 10, "\"number\":7");
  write_lines(all);
  expect_tampered(path, 2);
}

TEST_F(AuditLogTest, AlteredLineWithItsHashMadeToFit) {
  write_entries(3);
  auto all = lines();
  all[1] = rehashed(all[1], "event", "study.approved");
  write_lines(all);
  expect_tampered(path, 3);  // the next line does not follow it
}

TEST_F(AuditLogTest, AlteredLastLineWithItsHashMadeToFit) {
  write_entries(3);
  auto all = lines();
  all[2] = rehashed(all[2], "event", "study.approved");
  write_lines(all);
  expect_tampered(path, 3);
}

TEST_F(AuditLogTest, SpacingThatChangesNoValueIsAnAlterationToo) {
  write_entries(2);
  auto all = lines();
  all[0] += ' ';
  write_lines(all);
  expect_tampered(path, 1);
}

TEST_F(AuditLogTest, MissingReorderedRepeatedLines) {
  write_entries(4);
  const auto all = lines();
  write_lines({all[0], all[2], all[3]});
  expect_tampered(path, 2);
  write_lines({all[0], all[2], all[1], all[3]});
  expect_tampered(path, 2);
  write_lines({all[0], all[1], all[1], all[2], all[3]});
  expect_tampered(path, 3);
  write_lines({all[1], all[2], all[3]});
  expect_tampered(path, 1);
  write_lines({all[0], "garbage", all[1]});
  expect_tampered(path, 2);
}

TEST_F(AuditLogTest, WholeLinesCutOffTheEnd) {
  write_entries(3);
  const auto all = lines();
  write_lines({all[0], all[1]});
  expect_tampered(path, 3);
  write_lines({});
  expect_tampered(path, 1);
}

TEST_F(AuditLogTest, HeadRemovedOrAltered) {
  write_entries(3);
  const std::string good = read_file(head);
  write_file(head, "{}\n");
  expect_tampered(head, 1);
  json other = json::parse(good);
  other["hash"] = std::string(64, 'f');
  write_file(head, other.dump());
  expect_tampered(path, 3);
  std::filesystem::remove(head);
  expect_tampered(head, 1);
}

TEST_F(AuditLogTest, UnfinishedLineOfACrashIsCutOff) {
  write_entries(2);
  const std::string good = read_file(path);
  write_file(path, good + "{\"detail\":{\"num");
  EXPECT_EQ(AuditLog::verify(path).sequence, 2u);
  EXPECT_EQ(AuditLog(path).head().sequence, 2u);
  EXPECT_EQ(read_file(path), good);
  write_entries(1);
  EXPECT_EQ(AuditLog::verify(path).sequence, 3u);
}

TEST_F(AuditLogTest, AcknowledgedLineWithoutItsEndIsNoCrash) {
  write_entries(2);
  const std::string good = read_file(path);
  write_file(path, good.substr(0, good.size() - 1));
  expect_tampered(path, 2);
}

TEST_F(AuditLogTest, CrashBetweenLineAndHead) {
  write_entries(1);
  const std::string old_head = read_file(head);
  write_entries(1);
  write_file(head, old_head);
  EXPECT_EQ(AuditLog(path).head().sequence, 2u);
  EXPECT_NE(read_file(head), old_head);
}

TEST_F(AuditLogTest, OneWriterAtATime) {
  const AuditLog log(path);
  EXPECT_EQ(attempt([&] { return AuditLog(path).head(); }).error().code, "audit.in_use");
  EXPECT_EQ(AuditLog::verify(path).sequence, 0u);
}

TEST_F(AuditLogTest, ManyThreads) {
  {
    AuditLog log(path);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&log] {
        for (int j = 0; j < 10; ++j) log.append("run.finished", "", json::object());
      });
    }
  }
  EXPECT_EQ(AuditLog::verify(path).sequence, 40u);
}

TEST_F(AuditLogTest, TextThatIsNotUtf8IsLoggedReplaced) {
  {
    AuditLog log(path);
    log.append("study.refused", "", {{"reason", "\xff\xfe"}, {"line feed", "a\nb"}});
  }
  EXPECT_EQ(AuditLog::verify(path).sequence, 1u);
}

TEST_F(AuditLogTest, MissingOrUnwritable) {
  EXPECT_EQ(attempt([&] { return AuditLog::verify(path); }).error().code, "file.missing");
  EXPECT_EQ(attempt([&] { return AuditLog(folder / "none" / "audit.log").head(); }).error().code, "audit.unwritable");
}

}  // namespace
}  // namespace cohortium::governance
