// Two honest nodes, and one that shows them what it likes.
#include "governance/witness.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "governance/audit_files.h"
#include "governance/testing/audit_fixture.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

struct Node {
  std::unique_ptr<AuditLog> log;
  std::unique_ptr<Witness> witness;
};

class WitnessTest : public AuditFixture {
 protected:
  Node node(const std::string& name, const std::string& from = "") const {
    Node made;
    made.log = std::make_unique<AuditLog>(folder / (from.empty() ? name : from), name, signer(name), check());
    if (made.log->head().size == 0) made.log->append("node.started", "", {{"node", name}});
    made.witness = std::make_unique<Witness>(*made.log, signer(name), check());
    return made;
  }
  static std::string from(const Witness::Question& question) {
    return question.target().substr(question.target().find('=') + 1);
  }
  static Error ask(Node& asker, const std::string& name, const Node& asked) {
    const auto question = asker.witness->question(name);
    const auto taken =
        attempt([&] { return asker.witness->take(question, asked.witness->answer(from(question))), true; });
    return taken.ok() ? Error{} : taken.error();
  }
};

TEST_F(WitnessTest, HeadsAreCosignedAndKept) {
  Node north = node("north"), west = node("west");
  EXPECT_EQ(ask(west, "north", north).code, "");
  north.log->append("run.joined", "", {});
  EXPECT_EQ(ask(west, "north", north).code, "");
  EXPECT_EQ(ask(north, "west", west).code, "");  // brings back the cosignature
  const auto seen = read_witnessed_heads(audit_paths(folder / "west").heads, check());
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[1].head, north.log->head());
  EXPECT_EQ(seen[1].signature.by, "west");
  const auto own = read_witnessed_heads(audit_paths(folder / "north").heads, check());
  ASSERT_EQ(own.size(), 2u);
  EXPECT_EQ(own[1].head, north.log->head());
  EXPECT_EQ(scan_audit_log(folder / "north", check(), {seen[0].head, seen[1].head}).head, north.log->head());

  // It remembers after a restart, and an unfinished line does not hurt.
  west = {};
  write_file(audit_paths(folder / "west").heads, read_file(audit_paths(folder / "west").heads) + "{\"he");
  west = node("west");
  EXPECT_EQ(west.witness->question("north").known.front(), seen[1].head);
  EXPECT_EQ(ask(west, "north", north).code, "");
}

TEST_F(WitnessTest, ANodeThatShowsTwoPeersDifferentHistoriesIsNamed) {
  Node west = node("west"), south = node("south");
  node("north").log->append("study.approved", "", {});
  std::filesystem::copy(folder / "north", folder / "north2", std::filesystem::copy_options::recursive);
  Node to_west = node("north"), to_south = node("north", "north2");
  to_west.log->append("run.joined", "", {});
  to_west.log->append("run.released", "", {});
  to_south.log->append("nothing.happened", "", {});
  EXPECT_EQ(ask(west, "north", to_west).code, "");
  EXPECT_EQ(ask(south, "north", to_south).code, "");
  EXPECT_NO_THROW(south.witness->require_one_history({"north", "west"}));

  EXPECT_EQ(ask(south, "west", west).code, "");  // here it learns of the other head …
  EXPECT_EQ(south.witness->in_question(), std::vector<std::string>{"north"});
  const Error error = ask(south, "north", to_south);  // … which north cannot prove
  EXPECT_EQ(error.code, "audit.forked");
  EXPECT_EQ(error.where, "north");
  EXPECT_EQ(attempt([&] {
              return south.witness->require_one_history({"west", "north"}), true;
            })
                .error()
                .where,
            "north");
  EXPECT_NO_THROW(south.witness->require_one_history({"west"}));
  EXPECT_NO_THROW(west.witness->require_one_history({"north"}));

  const json evidence = json::parse(read_file(folder / "south" / "forks" / "north.json"));
  const TreeHead seen = tree_head_from_json(evidence["seen"], check()),
                 shown = tree_head_from_json(evidence["shown"], check());
  EXPECT_EQ(seen, to_west.log->head());
  EXPECT_EQ(shown, to_south.log->head());
  EXPECT_NE(read_file(folder / "south" / "entries.jsonl").find("audit.fork_detected"), std::string::npos);
  south = {};
  south = node("south");
  EXPECT_THROW(south.witness->require_one_history({"north"}), Failure);
}

TEST_F(WitnessTest, TwoHistoriesOfOneLengthNeedNoFurtherQuestion) {
  Node west = node("west"), south = node("south");
  Node to_west = node("north"), to_south = node("north", "north2");
  EXPECT_EQ(ask(west, "north", to_west).code, "");
  EXPECT_EQ(ask(south, "north", to_south).code, "");
  EXPECT_EQ(ask(south, "west", west).where, "north");
}

TEST_F(WitnessTest, ALogSetBackIsNoticedByOthersAndByItsNode) {
  Node west = node("west");
  node("north");
  std::filesystem::copy(folder / "north", folder / "backup", std::filesystem::copy_options::recursive);
  {
    Node north = node("north");
    north.log->append("study.approved", "", {});
    EXPECT_EQ(ask(west, "north", north).code, "");
  }
  Node north = node("north", "backup");
  EXPECT_EQ(ask(north, "west", west).where, "north");
  EXPECT_EQ(attempt([&] { return north.witness->require_one_history({}), true; }).error().code, "audit.forked");
  EXPECT_EQ(ask(west, "north", north).where, "north");
}

TEST_F(WitnessTest, AnswersOfStrangersAreRefused) {
  Node north = node("north"), west = node("west"), south = node("south");
  EXPECT_EQ(ask(west, "north", south).code, "audit.bad_head");
  const auto question = west.witness->question("north");
  for (json bad : {json(3), json::object(), json{{"head", 3}},
                   json{{"head", to_json(north.log->head())}, {"witnessed", {1, "x"}}}}) {
    const auto taken = attempt([&] { return west.witness->take(question, bad), true; });
    EXPECT_TRUE(taken.ok() || taken.error().code == "audit.bad_head") << taken.error().text();
  }
  json forged = north.witness->answer("");
  forged["head"]["size"] = 77u;
  EXPECT_EQ(attempt([&] { return west.witness->take(question, forged), true; }).error().code, "signature.bad");
  // A proof that is left out is no proof.
  EXPECT_EQ(ask(west, "north", north).code, "");
  north.log->append("e", "", {});
  EXPECT_EQ(
      attempt([&] { return west.witness->take(west.witness->question("north"), north.witness->answer("")), true; })
          .error()
          .code,
      "audit.forked");
  for (const char* text : {"x", "1,,2", "-1", "1;2", "99999999999999999999999"})
    EXPECT_EQ(attempt([&] { return north.witness->answer(text), true; }).error().code, "audit.bad_question") << text;
}

}  // namespace
}  // namespace cohortium::governance
