// Evidence of a consortium of three and one study: what it says, what it asks, what it refuses, and what it never shows.
#include "evidence/evidence.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "evidence/page.h"
#include "governance/audit_log.h"
#include "governance/decision.h"
#include "governance/testing/three_members.h"

namespace cohortium::evidence {
namespace {

using nlohmann::json;

class EvidenceTest : public testing::Test {
 protected:
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("cohortium_evidence_test_" + std::to_string(::getpid()));
  governance::ThreeMembers members;
  governance::Consortium consortium;
  std::string hash;

  EvidenceTest() {
    std::filesystem::create_directories(folder);
    const auto history = members.signed_history();
    history.write(folder / "consortium.toml");
    consortium = history.in_force();
    const governance::Envelope envelope = sign_study("ana", "Ages");
    hash = envelope.study.hash;
    write_file(folder / "study.signed", governance::envelope_text(envelope));
    write_file(folder / "decisions.json", json::array({approval(envelope, "nora")}).dump());
    write_log();
  }
  ~EvidenceTest() override { std::filesystem::remove_all(folder); }

  governance::Envelope sign_study(const std::string& who, const std::string& title) const {
    const study::Study study = study::parse_study(
        R"({"cohortium": 1, "title": ")" + title +
            R"(", "purpose": "How old are they?", "sites": ["north", "south"], "data": {"table": "visits", "columns":
            {"age": {"type": "number", "unit": "a", "range": [18, 95]}, "arm": {"type": "category", "levels":
            {"code-of-arm": "label-of-arm", "other": "another"}}}, "where": "age > 40"},
            "analyses": [{"id": "n", "kind": "count", "by": "arm"}]})",
        "study");
    return governance::sign_study(study, members.identities.at(who), who, consortium,
                                  timestamp(std::chrono::seconds(1)));
  }
  json approval(const governance::Envelope& envelope, const std::string& who) const {
    return to_json(governance::decide("approve", "north", envelope, consortium, members.identities.at(who), who));
  }
  void write_log() const {
    const governance::Signer signer = [&](std::string_view domain, const json& value) {
      return governance::sign(members.identities.at("north").tls.key, "north", domain, value);
    };
    const governance::SignatureCheck check = [&](const auto& signature, std::string_view domain, const json& value) {
      governance::verify(signature, consortium, domain, value);
    };
    governance::AuditLog log(folder / "log", "north", signer, check);
    log.append("node.started", "", {{"key", members.identities.at("north").fingerprint}, {"version", 1}});
    log.append("study.approved", hash, {{"by", "nora"}, {"envelope", "e"}});
    log.append("run.failed", hash, {{"run", "r1"}, {"code", "data.missing_value"}});
    log.append("request.refused", "", {{"by", "ana"}, {"request", "/secret-path"}, {"code", "node.not_allowed"}});
  }

  Files files() const {
    return {.consortium = folder / "consortium.toml",
            .logs = {folder / "log"},
            .heads = {},
            .studies = {folder / "study.signed"},
            .decisions = {folder / "decisions.json"},
            .facts = {}};
  }
  Document of_study(const Files& given) const { return study_evidence(read_inputs(given, std::nullopt), hash); }
  Document of_consortium(const Files& given) const { return consortium_evidence(read_inputs(given, std::nullopt)); }
  static std::string code_of(const Files& given) {
    const auto read = attempt([&] { return read_inputs(given, std::nullopt).studies.size(); });
    return read.ok() ? "good" : read.error().code;
  }
  Files with_facts(const std::string& text) const {
    write_file(folder / "evidence.toml", text);
    Files given = files();
    given.facts = {folder / "evidence.toml"};
    return given;
  }
  static bool asks(const Document& document, const std::string& id) {
    const auto open = document.open_questions();
    return std::any_of(open.begin(), open.end(), [&](const Question& each) { return each.id == id; });
  }
  static std::string all_of(const Document& document) { return to_json(document).dump() + render(document); }
};

TEST_F(EvidenceTest, WhatSignedFilesAndLogsSayIsThereWithItsSource) {
  const std::string text = to_json(of_study(files())).dump();
  for (const char* said : {"How old are they?", "age: number from 18 to 95 a", "age > 40", "arm: category of 2 levels",
                           "nora approved for north", "One approver alone decides for north",
                           "Of two sites each can subtract", "north: run.failed"})
    EXPECT_NE(text.find(said), std::string::npos) << said;
  EXPECT_EQ(text.find("node.started"), std::string::npos) << "an entry of no study";
  const json document = to_json(of_study(files()));
  std::size_t statements = 0;
  for (const json& part : document["parts"]) {
    for (const json& entry : part["entries"]) {
      for (const json& statement : entry["statements"]) {
        ++statements;
        const json& source = statement["source"];
        EXPECT_FALSE(source["file"].get<std::string>().empty());
        EXPECT_FALSE(source["field"].get<std::string>().empty());
        EXPECT_EQ(source["file"].get<std::string>() == "audit log of north", source.contains("head")) << statement;
      }
    }
  }
  EXPECT_GT(statements, 50u);
}

TEST_F(EvidenceTest, AnEntryIsNamedWithTheHeadThatSealsIt) {
  const json document = to_json(of_study(files()));
  json found;
  for (const json& entry : document["parts"][0]["entries"])
    for (const json& statement : entry["statements"])
      if (statement["source"]["field"].get<std::string>() == "run.failed") found = statement;
  EXPECT_EQ(found["source"]["entry"], 3);
  EXPECT_EQ(found["source"]["head"]["size"], 4);
  EXPECT_EQ(found["value"]["code"].get<std::string>(), "data.missing_value");
  EXPECT_EQ(found["basis"].get<std::string>(), "verified");
}

TEST_F(EvidenceTest, TheSameFilesGiveTheSameDocument) {
  EXPECT_EQ(all_of(of_study(files())), all_of(of_study(files())));
  EXPECT_EQ(all_of(of_consortium(files())), all_of(of_consortium(files())));
}

TEST_F(EvidenceTest, AnAlteredLogIsRefused) {
  const auto entries = governance::audit_paths(folder / "log").entries;
  std::string text = read_file(entries);
  text.replace(text.find("nora"), 4, "nils");
  write_file(entries, text);
  EXPECT_EQ(code_of(files()), "audit.tampered");
}

TEST_F(EvidenceTest, AStudyThatIsNotSignedAsItShouldIsRefused) {
  const std::string good = read_file(folder / "study.signed");
  const auto code_with = [&](const std::string& text) {
    write_file(folder / "study.signed", text);
    return code_of(files());
  };
  EXPECT_EQ(code_with(json::parse(good)["study"].dump()), "envelope.malformed") << "nobody has signed it";
  json altered = json::parse(good);
  altered["study"]["title"] = "Other ages";
  EXPECT_EQ(code_with(altered.dump()), "envelope.altered_study");
  altered = json::parse(good);
  altered["statement"]["expires"] = "2099-01-01T00:00:00.000Z";
  EXPECT_EQ(code_with(altered.dump()), "signature.bad");
  EXPECT_EQ(code_with(governance::envelope_text(sign_study("nora", "Ages"))), "envelope.not_an_analyst");
  EXPECT_EQ(code_with(R"({"cohortium_result": 1})"), "result.no_proof");
  EXPECT_EQ(code_with(good), "good");
}

TEST_F(EvidenceTest, AStudyOfAnotherConsortiumIsRefused) {
  governance::ThreeMembers others;
  others.signed_history().write(folder / "consortium.toml");
  Files given = files();
  given.logs.clear();
  EXPECT_EQ(code_of(given), "envelope.other_consortium");
}

TEST_F(EvidenceTest, AnAlteredConsortiumFileOrApprovalIsRefused) {
  const std::string good = read_file(folder / "decisions.json");
  json altered = json::parse(good);
  altered[0]["statement"]["site"] = "south";
  write_file(folder / "decisions.json", altered.dump());
  EXPECT_EQ(code_of(files()), "signature.bad");
  write_file(folder / "decisions.json", "{}");
  EXPECT_EQ(code_of(files()), "evidence.bad_decisions");
  write_file(folder / "decisions.json", good);
  std::string text = read_file(folder / "consortium.toml");
  write_file(folder / "consortium.toml", text + "\n# a line more\n");
  EXPECT_EQ(code_of(files()), "consortium.changed_after_signing");
}

TEST_F(EvidenceTest, WhatAnEarlierVersionAllowedStaysEvidenceButItsApprovalsEnd) {
  auto history = governance::ConsortiumHistory::read(folder / "consortium.toml");
  governance::Consortium next = consortium;
  ++next.version;
  std::erase_if(next.people, [](const governance::Person& person) { return person.name == "ana"; });
  history = history.with(governance::consortium_text(next));
  history.write(folder / "consortium.toml");
  EXPECT_EQ(code_of(files()), "consortium.not_signed");
  for (const char* member : {"south", "west"}) history.sign(members.identities.at(member));
  history.write(folder / "consortium.toml");
  const std::string text = all_of(of_study(files()));
  EXPECT_NE(text.find("Version 2 of the consortium file was signed by south, west"), std::string::npos);
  EXPECT_NE(text.find("Asked for by ana"), std::string::npos);
  EXPECT_EQ(text.find("nora approved for north"), std::string::npos);
}

TEST_F(EvidenceTest, AnApprovalThatWasWithdrawnIsNone) {
  const governance::Envelope envelope = governance::parse_envelope(read_file(folder / "study.signed"));
  json decisions = json::parse(read_file(folder / "decisions.json"));
  decisions.push_back(
      to_json(governance::decide("withdraw", "north", envelope, consortium, members.identities.at("nora"), "nora")));
  write_file(folder / "decisions.json", decisions.dump());
  EXPECT_EQ(all_of(of_study(files())).find("nora approved for north"), std::string::npos);
}

TEST_F(EvidenceTest, WhatIsMissingIsAskedAndWhatIsAnsweredIsNot) {
  const Document before = of_study(files());
  for (const char* id : {"controller.name", "processing.legal_basis", "safeguard.workstation_security",
                         "assessment.advice", "file.configuration"})
    EXPECT_TRUE(asks(before, id)) << id;
  const Document after =
      of_study(with_facts("[controller]\nname = \"North Hospital\"\n"
                          "[safeguard]\nworkstation_security = \"A locked room\"\n"));
  EXPECT_FALSE(asks(after, "controller.name"));
  EXPECT_FALSE(asks(after, "safeguard.workstation_security"));
  EXPECT_TRUE(asks(after, "processing.legal_basis"));
  EXPECT_EQ(before.open_questions().size(), after.open_questions().size() + 2);
  const json document = to_json(after);
  json answer;
  for (const json& statement : document["parts"][0]["entries"][0]["statements"])
    if (statement["text"].get<std::string>() == "North Hospital") answer = statement;
  EXPECT_EQ(answer["basis"].get<std::string>(), "own statement");
  EXPECT_EQ(answer["source"], json({{"file", "evidence.toml"}, {"field", "controller.name"}}));
  EXPECT_NE(render(after).find("<q>North Hospital</q>"), std::string::npos);
}

TEST_F(EvidenceTest, ALaterFileOfFactsWins) {
  Files given = with_facts("[controller]\nname = \"First\"\n");
  write_file(folder / "second.toml", "[controller]\nname = \"Second\"\n");
  given.facts.push_back(folder / "second.toml");
  const std::string text = all_of(of_study(given));
  EXPECT_EQ(text.find("First"), std::string::npos);
  EXPECT_NE(text.find("Second"), std::string::npos);
}

TEST_F(EvidenceTest, FactsThatAnswerNothingAreRefused) {
  for (const char* text :
       {"[controller]\nnmae = \"North\"\n", "[controller]\nname = 7\n", "[controller]\nname = \"\"\n",
        "name = \"North\"\n", "[file]\nconfiguration = \"x\"\n", "[controller\n"}) {
    EXPECT_EQ(code_of(with_facts(text)), "evidence.bad_facts") << text;
  }
}

TEST_F(EvidenceTest, DoneIsSaidWithEvidenceOrNotAtAll) {
  const auto coverage = [](const Document& document, const std::string& rule) {
    for (const Entry& entry : document.parts.back().entries) {
      if (entry.coverage == Coverage::kDone) {
        EXPECT_TRUE(std::any_of(entry.statements.begin(), entry.statements.end(), [](const Statement& each) {
          return each.basis == Basis::kVerified;
        })) << entry.rule;
      }
      EXPECT_TRUE(entry.coverage != Coverage::kNotCovered || entry.statements.empty()) << entry.rule;
    }
    for (const Entry& entry : document.parts.back().entries)
      if (entry.rule.find(rule) != std::string::npos) return std::string(name_of(*entry.coverage));
    return std::string("missing");
  };
  EXPECT_EQ(coverage(of_consortium(files()), "164.312(b)"), "done");
  EXPECT_EQ(coverage(of_consortium(files()), "164.310(c)"), "not covered");
  EXPECT_EQ(coverage(of_consortium(files()), "164.312(a)(2)(iv)"), "supported");
  Files without = files();
  without.logs.clear();
  EXPECT_EQ(coverage(of_consortium(without), "164.312(b)"), "supported");
  EXPECT_TRUE(asks(of_consortium(without), "file.evidence.164.312(b)"));
}

TEST_F(EvidenceTest, ForAConsortiumEntriesAreCountedAndUnknownStudiesAskedFor) {
  Files given = files();
  given.studies.clear();
  const Document document = of_consortium(given);
  EXPECT_TRUE(asks(document, "file." + hash));
  EXPECT_FALSE(asks(of_consortium(files()), "file." + hash));
  EXPECT_NE(to_json(document).dump().find("north: request.refused, 1 in all"), std::string::npos);
}

TEST_F(EvidenceTest, NoKeySignatureCodeOrRequestIsShown) {
  for (const Document& document : {of_study(files()), of_consortium(files())}) {
    const std::string text = all_of(document);
    for (const auto& [name, identity] : members.identities) {
      EXPECT_EQ(text.find(identity.fingerprint), std::string::npos) << name;
      const auto signature = governance::sign(identity.tls.key, name, "study", json(1));
      EXPECT_EQ(text.find(signature.key), std::string::npos) << name;
    }
    for (const char* hidden : {"code-of-arm", "label-of-arm", "/secret-path", "\"signature\"", "host:1"})
      EXPECT_EQ(text.find(hidden), std::string::npos) << hidden;
    EXPECT_EQ(text.find(folder.string()), std::string::npos);
  }
}

TEST_F(EvidenceTest, ThePageIsCompleteInItselfAndCannotBeBrokenInto) {
  write_file(folder / "study.signed", governance::envelope_text(sign_study("ana", "<script>alert(1)</script>")));
  hash = read_inputs(files(), std::nullopt).studies.at(0).study().hash;
  const std::string page = render(of_study(with_facts("[controller]\nname = \"<img src=http://x.example>\"\n")));
  for (const char* way : {"<script", "<img", "<link", "<iframe", "href=", "url(", "@import"})
    EXPECT_EQ(page.find(way), std::string::npos) << way;
  EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
  EXPECT_LT(page.find("What the software does not cover"), page.find("Records of processing activities"));
}

TEST_F(EvidenceTest, TheNodesConfigurationIsStatedAsSuch) {
  SiteConfiguration site{.file = "north.toml", .node = "north", .budget = {.most = 0.5}};
  site.source = data::SourceConfig{.kind = data::SourceKind::kPostgreSql, .host = "db.internal", .tls = "verify-ca"};
  site.expenses = {{.run = "r", .study = hash, .table = "visits", .loss = 0.1, .time = "2026-03-01T00:00:00.000Z"}};
  const Document document = study_evidence(read_inputs(files(), site), hash);
  const std::string text = to_json(document).dump();
  EXPECT_FALSE(asks(document, "file.configuration"));
  for (const char* said : {"loss (rho) of 0.5 within any 365 days",
                           "north spent 0.1 on the people of \\\"visits\\\" in 2026", "sslmode verify-ca"})
    EXPECT_NE(text.find(said), std::string::npos) << said;
  EXPECT_EQ(text.find("db.internal"), std::string::npos);
}

TEST_F(EvidenceTest, AStudyThatIsNotAmongTheFilesIsRefused) {
  const auto made =
      attempt([&] { return study_evidence(read_inputs(files(), std::nullopt), std::string(64, '0')).title; });
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, "evidence.no_study");
}

}  // namespace
}  // namespace cohortium::evidence
