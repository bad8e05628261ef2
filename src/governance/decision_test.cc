// Signed studies and approvals: what counts, and what a forger, a replayer and a latecomer get.
#include "governance/decision.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "governance/testing/three_members.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

study::Study study_of(const std::string& title) {
  return study::parse_study(
      R"({"cohortium": 1, "title": ")" + title + R"(", "purpose": "p", "sites": ["north", "south"], "data": {"table":
      "t", "columns": {"x": {"type": "number", "range": [0, 1.0]}}}, "analyses": [{"id": "n", "kind": "count"}]})",
      "study");
}

class DecisionTest : public testing::Test {
 protected:
  ThreeMembers members;
  Consortium consortium = members.signed_history().in_force();
  std::string later = timestamp(std::chrono::hours(1));
  Envelope envelope = sign("ana", "t", later);

  Envelope sign(const std::string& who, const std::string& title, const std::string& expires) const {
    return sign_study(study_of(title), members.identities.at(who), who, consortium, expires);
  }
  Decision approve(const std::string& who, const std::string& site = "north") const {
    return decide("approve", site, envelope, consortium, members.identities.at(who), who);
  }
  Decision withdraw(const std::string& who, const std::string& site = "north") const {
    return decide("withdraw", site, envelope, consortium, members.identities.at(who), who);
  }
  std::string code_of_envelope(const Envelope& given) const {
    const auto checked =
        attempt([&] { return check_envelope(parse_envelope(envelope_text(given)), consortium), true; });
    return checked.ok() ? "good" : checked.error().code;
  }
  std::string code_of(const Decision& decision) const {
    const auto checked =
        attempt([&] { return check_decision(decision_from_json(to_json(decision)), envelope, consortium), true; });
    return checked.ok() ? "good" : checked.error().code;
  }
  std::string code_of_all(const std::vector<Decision>& decisions) const {
    const auto checked = attempt([&] { return check_approvals("north", decisions, envelope, consortium), true; });
    return checked.ok() ? "good" : checked.error().code;
  }
};

TEST_F(DecisionTest, AStudyIsSignedByAnAnalystOfThisConsortium) {
  EXPECT_EQ(code_of_envelope(envelope), "good");
  EXPECT_EQ(parse_envelope(envelope_text(envelope)).digest, envelope.digest);
  EXPECT_NE(sign("ana", "t", timestamp(std::chrono::hours(2))).digest, envelope.digest);
  EXPECT_EQ(code_of_envelope(sign("nora", "t", later)), "envelope.not_an_analyst");
  EXPECT_EQ(code_of_envelope(sign("north", "t", later)), "envelope.not_an_analyst");
  members.make("mallory");
  EXPECT_EQ(code_of_envelope(sign("mallory", "t", later)), "consortium.unknown_key");
  EXPECT_EQ(code_of_envelope(sign("ana", "t", "2020-01-01T00:00:00.000Z")), "envelope.expired");
  Envelope elsewhere = envelope;
  consortium.founding_digest = std::string(64, 'a');
  EXPECT_EQ(code_of_envelope(elsewhere), "envelope.other_consortium");
}

TEST_F(DecisionTest, AStudySignedWithAnotherRevokedOrExpiredKey) {
  members.make("ana");  // a new key, which the file does not know
  EXPECT_EQ(code_of_envelope(sign("ana", "t", later)), "signature.other_key");
  consortium.revoked.push_back(fingerprint_of(envelope.signature));
  EXPECT_EQ(code_of_envelope(envelope), "consortium.revoked_key");
  consortium.revoked.clear();
  consortium.people[0].expires = "2020-01-01";
  EXPECT_EQ(code_of_envelope(envelope), "consortium.expired_key");
}

TEST_F(DecisionTest, APolicyApprovesForItsOwnSiteWhereNobodyElseMust) {
  const auto by_policy = [&](const std::string& site, const std::string& signer) {
    const Signer sign_as = [&](std::string_view domain, const json& value) {
      return governance::sign(members.identities.at(signer).tls.key, signer, domain, value);
    };
    return approve_by_policy(site, envelope, consortium, sign_as, {.rule = "counts", .hash = "h", .version = 3});
  };
  EXPECT_EQ(code_of(by_policy("north", "north")), "decision.not_by_policy") << "people must approve there";
  EXPECT_EQ(code_of_all({by_policy("north", "north")}), "decision.not_by_policy");
  for (Member& member : consortium.members) member.approvals = 0;
  const Decision good = by_policy("north", "north");
  EXPECT_EQ(code_of(good), "good");
  EXPECT_EQ(code_of_all({good}), "good");
  EXPECT_EQ(standing_of("north", {good}, envelope, consortium).people, 0);
  EXPECT_EQ(code_of_all({}), "node.not_approved") << "no approver asked for is not nobody asked";
  EXPECT_EQ(code_of_all({approve("nora")}), "good");
  EXPECT_EQ(code_of_all({good, withdraw("nora")}), "decision.withdrawn");
  EXPECT_EQ(code_of(by_policy("north", "south")), "decision.not_by_policy");
  EXPECT_EQ(code_of(by_policy("north", "nora")), "decision.not_by_policy");
  Decision altered = good;
  altered.policy->rule = "everything";
  EXPECT_EQ(code_of(altered), "signature.bad");
  altered = good;
  altered.policy.reset();
  EXPECT_EQ(code_of(altered), "decision.not_an_approver");
  altered = good;
  altered.decision = "withdraw";
  EXPECT_EQ(code_of(altered), "decision.malformed");
  json text = to_json(good);
  text["statement"]["policy"]["version"] = 0;
  EXPECT_THROW(decision_from_json(text), Failure);
}

TEST_F(DecisionTest, AlteredEnvelopes) {
  const auto code = [&](const auto& alter) {
    json document = json::parse(envelope_text(envelope));
    alter(document);
    const auto checked = attempt([&] { return check_envelope(parse_envelope(document.dump()), consortium), true; });
    return checked.ok() ? "good" : checked.error().code;
  };
  EXPECT_EQ(code([](json& d) { d["study"]["title"] = "u"; }), "envelope.altered_study");
  EXPECT_EQ(code([](json& d) { d["statement"]["study"] = study_of("u").hash, d["study"]["title"] = "u"; }),
            "signature.bad");
  EXPECT_EQ(code([](json& d) { d["statement"]["expires"] = "2999-01-01T00:00:00.000Z"; }), "signature.bad");
  EXPECT_EQ(code([](json& d) { d["statement"]["analyst"] = "nora"; }), "envelope.malformed");
  EXPECT_EQ(code([](json& d) { d["statement"]["expires"] = "tomorrow"; }), "envelope.malformed");
  EXPECT_EQ(code([](json& d) { d["statement"]["more"] = 1; }), "envelope.malformed");
  EXPECT_EQ(code([](json& d) { d.erase("signature"); }), "envelope.malformed");
  EXPECT_EQ(code([](json& d) { d["cohortium_envelope"] = 2; }), "envelope.malformed");
  EXPECT_EQ(code([](json& d) { d["signature"]["signature"] = ""; }), "signature.bad");
  EXPECT_EQ(attempt([&] { return parse_envelope("[").digest; }).error().code, "study.bad_json");
  EXPECT_EQ(attempt([&] { return parse_envelope("null").digest; }).error().code, "envelope.malformed");
}

TEST_F(DecisionTest, AnApprovalIsByAnApproverOfTheSiteForThisStudyAndVersion) {
  EXPECT_EQ(code_of(approve("nora")), "good");
  EXPECT_EQ(code_of(approve("nora", "south")), "decision.not_an_approver");
  EXPECT_EQ(code_of(approve("ana")), "decision.not_an_approver");
  EXPECT_EQ(code_of(approve("north")), "decision.not_an_approver");
  const Decision approval = approve("nora");
  Decision altered = approval;
  altered.site = "south";
  EXPECT_EQ(code_of(altered), "decision.not_an_approver");
  altered = approval;
  altered.signature.by = "nils";
  EXPECT_EQ(code_of(altered), "signature.other_key");
  altered = approval;
  altered.time = "2020-01-01T00:00:00.000Z";
  EXPECT_EQ(code_of(altered), "signature.bad");
  altered = withdraw("nora");
  altered.decision = "approve";
  EXPECT_EQ(code_of(altered), "signature.bad");

  envelope = sign("ana", "another", later);
  EXPECT_EQ(code_of(approval), "decision.other_study");
  altered = approval;
  altered.study = envelope.study.hash;
  altered.envelope = envelope.digest;
  EXPECT_EQ(code_of(altered), "signature.bad");
  const Decision again = approve("nora");
  consortium.digest = std::string(64, 'b');
  EXPECT_EQ(code_of(again), "decision.other_consortium");
}

TEST_F(DecisionTest, AsManyDifferentApproversAsTheSiteAsks) {
  EXPECT_EQ(code_of_all({}), "node.not_approved");
  EXPECT_EQ(code_of_all({approve("nora")}), "good");
  consortium.members[0].approvals = 2;
  EXPECT_EQ(code_of_all({approve("nora")}), "node.not_approved");
  EXPECT_EQ(code_of_all({approve("nora"), approve("nora")}), "node.not_approved");
  EXPECT_EQ(code_of_all({approve("nora"), approve("sara", "south")}), "node.not_approved");
  EXPECT_EQ(code_of_all({approve("nora"), approve("nils")}), "good");
}

TEST_F(DecisionTest, AWithdrawalEndsWhatWasApprovedBefore) {
  const Decision approval = approve("nora");
  EXPECT_EQ(code_of_all({approval, withdraw("nils")}), "decision.withdrawn");
  EXPECT_EQ(code_of_all({approval, withdraw("nils"), approve("nora")}), "good");
  EXPECT_TRUE(approval.says_the_same_as(decision_from_json(to_json(approval))));
  EXPECT_FALSE(approval.says_the_same_as(withdraw("nora")));
}

TEST_F(DecisionTest, MalformedDecisions) {
  const json good = to_json(approve("nora"));
  const auto code = [&](const auto& alter) {
    json altered = good;
    alter(altered);
    return attempt([&] { return decision_from_json(altered).site; }).error().code;
  };
  EXPECT_EQ(code([](json& d) { d = nullptr; }), "decision.malformed");
  EXPECT_EQ(code([](json& d) { d["statement"].erase("site"); }), "decision.malformed");
  EXPECT_EQ(code([](json& d) { d["statement"]["site"] = 1; }), "decision.malformed");
  EXPECT_EQ(code([](json& d) { d["statement"]["decision"] = "maybe"; }), "decision.malformed");
  EXPECT_EQ(code([](json& d) { d["statement"]["study"] = std::string(100, 'a'); }), "decision.malformed");
  EXPECT_EQ(code([](json& d) { d["statement"]["more"] = ""; }), "decision.malformed");
  EXPECT_EQ(code([](json& d) { d["signature"] = ""; }), "signature.malformed");
}

}  // namespace
}  // namespace cohortium::governance
