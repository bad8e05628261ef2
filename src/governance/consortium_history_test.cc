// Signatures of the consortium file: who must sign what, and what a forger, a thief and a rolled-back file get.
#include "governance/consortium_history.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "governance/rotation.h"
#include "governance/testing/three_members.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

class HistoryTest : public testing::Test {
 protected:
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("cohortium_history_test_" + std::to_string(::getpid()));
  std::filesystem::path file = folder / "consortium.toml", record = folder / "consortium.json";
  ThreeMembers members;
  HistoryTest() { std::filesystem::create_directories(folder); }
  ~HistoryTest() override { std::filesystem::remove_all(folder); }

  template <class Body>
  static std::string code_of(Body body) {
    const auto done = attempt([&] {
      body();
      return true;
    });
    return done.ok() ? "good" : done.error().code;
  }
  std::string code_of_reading() const {
    return code_of([&] { read_consortium(file); });
  }
  // The next version, with other members or people.
  ConsortiumHistory next(const ConsortiumHistory& history) {
    members.consortium.version = history.last().version + 1;
    return history.with(consortium_text(members.consortium));
  }
  json signatures() const { return json::parse(read_file(file.string() + ".signatures")); }
  void write_signatures(const json& document) const { write_file(file.string() + ".signatures", document.dump()); }
};

TEST_F(HistoryTest, TheFirstVersionNeedsEveryMember) {
  ConsortiumHistory history(consortium_text(members.consortium));
  for (const char* name : {"north", "south"}) history.sign(members.identities.at(name));
  history.sign(members.identities.at("north"));  // twice counts once
  history.write(file);
  const auto unsigned_yet = attempt([&] { return read_consortium(file).version; });
  EXPECT_EQ(unsigned_yet.error().code, "consortium.not_signed");
  EXPECT_NE(unsigned_yet.error().message.find("west"), std::string::npos) << unsigned_yet.error().message;
  EXPECT_EQ(code_of([&] { history.sign(members.identities.at("ana")); }), "consortium.unknown_key");

  history.sign(members.identities.at("west"));
  history.write(file);
  const Consortium consortium = read_consortium(file);
  EXPECT_EQ(consortium.version, 1);
  EXPECT_EQ(consortium.founding_digest, consortium.digest);
  std::filesystem::remove(file.string() + ".signatures");
  EXPECT_EQ(code_of_reading(), "consortium.not_signed");
}

TEST_F(HistoryTest, AlteredFiles) {
  members.signed_history().write(file);
  write_file(file, read_file(file) + "\n");
  EXPECT_EQ(code_of_reading(), "consortium.changed_after_signing");
  json document = signatures();
  document["versions"][0]["text"] = read_file(file);  // both altered: then no signature fits
  write_signatures(document);
  EXPECT_EQ(code_of_reading(), "signature.bad");

  members.signed_history().write(file);
  document = signatures();
  document["versions"][0]["signatures"][1]["by"] = "west";
  write_signatures(document);
  EXPECT_EQ(code_of_reading(), "signature.other_key");
  document["versions"][0]["signatures"][1]["by"] = "mallory";
  write_signatures(document);
  EXPECT_EQ(code_of_reading(), "consortium.bad_signatures");
  for (const char* bad : {"", "[]", "{}", R"({"cohortium_consortium":1,"versions":[]})",
                          R"({"cohortium_consortium":2,"versions":[{"text":"","signatures":[]}]})",
                          R"({"cohortium_consortium":1,"versions":[{"text":1,"signatures":[]}]})"}) {
    write_file(file.string() + ".signatures", bad);
    EXPECT_EQ(code_of_reading(), "consortium.bad_signatures") << bad;
  }
}

TEST_F(HistoryTest, AChangeNeedsAsManyAsTheVersionBeforeAsks) {
  const ConsortiumHistory first = members.signed_history();
  members.consortium.minimum_cell = 20;
  ConsortiumHistory second = next(first);
  EXPECT_EQ(second.standing().needed, 2);
  second.sign(members.identities.at("south"));
  EXPECT_EQ(code_of([&] { second.in_force(); }), "consortium.not_signed");
  EXPECT_EQ(code_of([&] { next(second); }), "consortium.not_signed");  // nothing is built on a draft
  second.sign(members.identities.at("west"));
  second.write(file);
  EXPECT_EQ(read_consortium(file).minimum_cell, 20);
  EXPECT_EQ(read_consortium(file).founding_digest, first.last().digest);

  // Signatures of one change do not serve another one.
  json document = signatures();
  members.consortium.minimum_cell = 1;
  members.consortium.version = 2;
  write_file(file, consortium_text(members.consortium));
  document["versions"][1]["text"] = read_file(file);
  write_signatures(document);
  EXPECT_EQ(code_of_reading(), "signature.bad");
}

TEST_F(HistoryTest, WhoJoinsSignsToo) {
  const ConsortiumHistory first = members.signed_history();
  members.consortium.members.push_back(
      {.name = "east", .endpoint = "host:9", .fingerprint = members.make("east").fingerprint, .site = true});
  ConsortiumHistory second = next(first);
  for (const char* name : {"north", "south", "west"}) second.sign(members.identities.at(name));
  EXPECT_EQ(second.standing().must_sign, std::vector<std::string>{"east"});
  EXPECT_EQ(code_of([&] { second.in_force(); }), "consortium.not_signed");
  second.sign(members.identities.at("east"));
  EXPECT_TRUE(second.standing().in_force());

  // Who leaves is outvoted, and signs no more.
  members.consortium.members.pop_back();
  ConsortiumHistory third = next(second);
  EXPECT_EQ(third.standing().needed, 3);
  third.sign(members.identities.at("north"));
  third.sign(members.identities.at("south"));
  EXPECT_FALSE(third.standing().in_force());
  third.sign(members.identities.at("west"));
  EXPECT_TRUE(third.standing().in_force());
  ConsortiumHistory fourth = next(third);
  EXPECT_EQ(code_of([&] { fourth.sign(members.identities.at("east")); }), "consortium.unknown_key");
}

TEST_F(HistoryTest, Rotation) {
  const ConsortiumHistory first = members.signed_history();
  const Identity before = members.identities.at("north");
  const Identity after = members.make("north");
  const std::string announced = rotation_text("north", before, after);
  members.consortium = with_rotation(members.consortium, announced);
  EXPECT_EQ(members.consortium.revoked, std::vector<std::string>{before.fingerprint});
  ConsortiumHistory second = next(first);
  second.sign(before);
  second.sign(members.identities.at("south"));
  EXPECT_EQ(second.standing().must_sign, std::vector<std::string>{"north"});  // the new key has not shown itself
  second.sign(after);
  second.write(file);
  EXPECT_EQ(read_consortium(file).find_member("north")->fingerprint, after.fingerprint);

  // The old key counts no more, and never comes back.
  ConsortiumHistory third = next(second);
  EXPECT_EQ(code_of([&] { third.sign(before); }), "consortium.unknown_key");
  members.consortium.members[0].fingerprint = before.fingerprint;
  EXPECT_EQ(code_of([&] { next(second); }), "consortium.revoked_key");
}

TEST_F(HistoryTest, AnnouncementsOfNewKeys) {
  const Identity& north = members.identities.at("north");
  const Identity thief = members.make("thief");
  const auto code = [&](const std::string& text) { return code_of([&] { with_rotation(members.consortium, text); }); };
  EXPECT_EQ(code(rotation_text("north", thief, thief)), "rotation.other_key");
  EXPECT_EQ(code(rotation_text("nobody", north, thief)), "rotation.other_key");
  json forged = json::parse(rotation_text("north", thief, thief));
  forged["statement"]["old"] = north.fingerprint;
  EXPECT_EQ(code(forged.dump()), "signature.other_key");
  json swapped = json::parse(rotation_text("north", north, members.make("new")));
  swapped["statement"]["new"] = thief.fingerprint;
  EXPECT_EQ(code(swapped.dump()), "signature.bad");
  for (const char* bad : {"", "{}", "[]", R"({"statement":{"name":"north"}})", R"({"statement":1})"})
    EXPECT_EQ(code(bad), "rotation.malformed") << bad;
}

TEST_F(HistoryTest, ARevokedKeyStaysRevoked) {
  const ConsortiumHistory first = members.signed_history();
  members.consortium.revoked.push_back(std::string(64, 'e'));
  ConsortiumHistory second = next(first);
  for (const char* name : {"north", "south"}) second.sign(members.identities.at(name));
  members.consortium.revoked.clear();
  EXPECT_EQ(code_of([&] { next(second); }), "consortium.revoked_key");
  members.consortium.version = 7;
  EXPECT_EQ(code_of([&] { second.with(consortium_text(members.consortium)); }), "consortium.bad_version");
}

TEST_F(HistoryTest, ANodeTakesNoOlderAndNoOtherVersion) {
  const ConsortiumHistory first = members.signed_history();
  EXPECT_TRUE(accept_consortium(record, first));
  EXPECT_FALSE(accept_consortium(record, first));
  members.consortium.minimum_cell = 20;
  ConsortiumHistory second = next(first);
  for (const char* name : {"north", "south"}) second.sign(members.identities.at(name));
  EXPECT_TRUE(accept_consortium(record, second));
  EXPECT_EQ(code_of([&] { accept_consortium(record, first); }), "consortium.rolled_back");
  members.consortium.minimum_cell = 1;
  members.consortium.version = 2;
  ConsortiumHistory fork = first.with(consortium_text(members.consortium));
  for (const char* name : {"south", "west"}) fork.sign(members.identities.at(name));
  EXPECT_EQ(code_of([&] { accept_consortium(record, fork); }), "consortium.forked");
}

TEST_F(HistoryTest, SignaturesAreCollected) {
  ConsortiumHistory draft(consortium_text(members.consortium)), copy = draft, other = draft;
  copy.sign(members.identities.at("north"));
  copy.sign(members.identities.at("south"));
  other.sign(members.identities.at("south"));
  other.sign(members.identities.at("west"));
  EXPECT_EQ(copy.collect(other), 1u);
  EXPECT_TRUE(copy.standing().in_force());
  members.consortium.name = "another";
  EXPECT_EQ(code_of([&] { copy.collect(ConsortiumHistory(consortium_text(members.consortium))); }),
            "consortium.changed_after_signing");
}

}  // namespace
}  // namespace cohortium::governance
