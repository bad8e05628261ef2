// Verdicts: what is allowed, which rule denies what else, and what would satisfy it.
#include "policy/judge.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "policy/test_study.h"

namespace cohortium::policy {
namespace {

using nlohmann::json;

constexpr const char* kNow = "2026-03-31T12:00:00.000Z";

Verdict judged(const json& study, const std::string& analyst = "ana", const std::vector<PastRun>* runs = nullptr) {
  return judge(parse_policy(test_policy, "p.toml"), demand_of(study),
               {.analyst = analyst, .fingerprint = "f", .now = kNow, .runs = runs});
}

// The only fault of a study, with the rule that has it; more than one fails the test.
std::string fault(const json& study, const std::string& analyst = "ana") {
  const Verdict verdict = judged(study, analyst);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_EQ(verdict.findings.size(), 1u) << verdict.refusal().text();
  return verdict.rule + " " + verdict.findings.at(0).where;
}

json changed(const std::string& pointer, const json& value) {
  json study = test_study();
  study[json::json_pointer(pointer)] = value;
  return study;
}

json with_hiv() { return changed("/data/columns/hiv", {{"type", "category"}, {"levels", {"no", "yes"}}}); }

TEST(Judge, AllowsWhatOneRuleAllowsInWhole) {
  const Verdict verdict = judged(test_study());
  EXPECT_TRUE(verdict.allowed);
  EXPECT_EQ(verdict.rule, "outcomes");
  EXPECT_EQ(verdict.approvals, 2);
  EXPECT_EQ(verdict.minimum_rows, 50);
  EXPECT_EQ(verdict.whose(), "rule \"outcomes\" of north's policy, version 7");
}

TEST(Judge, NoTwoRulesTogetherAllowAStudy) {
  json study = test_study();
  study["security"]["protocol"] = "replicated4";  // of the second rule
  EXPECT_FALSE(judged(study).allowed);
  study["analyses"] = {{{"id", "c"}, {"kind", "count"}, {"by", "arm"}}};
  study["data"]["columns"] = {{"arm", study["data"]["columns"]["arm"]}};
  EXPECT_EQ(fault(study, "somebody"), "counts /release") << "it must have noise";
  study["release"] = {{"privacy", {{"rho", 0.2}}}};
  EXPECT_EQ(fault(study, "somebody"), "counts /release/privacy");
  study["release"] = {{"privacy", {{"rho", 0.1}}}};
  EXPECT_EQ(judged(study, "somebody").rule, "counts");
  EXPECT_EQ(judged(study, "somebody").approvals, 0);
}

TEST(Judge, DeniesByDefault) {
  EXPECT_EQ(fault(changed("/analyses/0",
                          {{"id", "t"}, {"kind", "log_rank"}, {"time", "time"}, {"event", "event"}, {"by", "arm"}})),
            "outcomes /analyses/0");
  EXPECT_EQ(fault(test_study(), "eve"), "outcomes ");
  EXPECT_EQ(fault(changed("/purpose", "marketing")), "outcomes /purpose");
  EXPECT_EQ(fault(changed("/purpose", "outcomes research and marketing")), "outcomes /purpose");
  EXPECT_EQ(fault(changed("/security/protocol", "replicated4")), "outcomes /security/protocol");
  EXPECT_EQ(fault(changed("/release/minimum_cell", 10)), "outcomes /release/minimum_cell");
  EXPECT_EQ(fault(changed("/release/curve", "exact")), "outcomes /release/curve");
  EXPECT_EQ(fault(changed("/data/columns/unlisted", {{"type", "number"}, {"range", {0, 1}}})),
            "outcomes /data/columns/unlisted");
  EXPECT_EQ(fault(changed("/data/columns/name", {{"type", "category"}, {"levels", {"x"}}})),
            "outcomes /data/columns/name");
  EXPECT_EQ(fault(with_hiv()), "outcomes /data/columns/hiv");
  EXPECT_EQ(judged(changed("/data/table", "other")).findings.size(), 3u) << "no column of another table has a role";
  const Policy nothing = parse_policy("version = 1\nsite = \"north\"\n", "p.toml");
  const Verdict verdict = judge(nothing, demand_of(test_study()), {.analyst = "ana", .now = kNow});
  EXPECT_FALSE(verdict.allowed);
  EXPECT_EQ(verdict.whose(), "deny by default of north's policy, version 1");
}

TEST(Judge, ColumnsCountByTheirUse) {
  json study = changed("/data/columns/age", {{"type", "number"}, {"range", {18, 95}}});
  EXPECT_TRUE(judged(study).allowed) << "what is only read is allowed with its role";
  study["data"]["where"] = "age > 40";
  EXPECT_TRUE(judged(study).allowed);
  study["analyses"].push_back(
      {{"id", "m"}, {"kind", "glm"}, {"family", "gaussian"}, {"formula", "age ~ arm"}, {"strength", "opened"}});
  const Verdict verdict = judged(study);
  ASSERT_FALSE(verdict.allowed);
  std::set<std::string> messages;
  for (const Finding& finding : verdict.findings) messages.insert(finding.message);
  EXPECT_TRUE(messages.contains("column trial.age is quasi_identifier, and used as \"value\""));
  EXPECT_TRUE(messages.contains("it does not allow models that are fitted in the open"));
}

TEST(Judge, DenialsWinAndAreNamed) {
  json study = with_hiv();
  study["data"]["where"] = "hiv = 'yes'";
  EXPECT_EQ(fault(study), "nobody filters on HIV /data/where");
  const Error error = judged(study).refusal();
  EXPECT_EQ(error.code, "policy.denied");
  EXPECT_EQ(error.rule, "rule \"nobody filters on HIV\" of north's policy, version 7");
  EXPECT_NE(error.message.find("north does not allow this study: it denies this: column trial.hiv"), std::string::npos)
      << error.message;
}

TEST(Judge, AWholeTableNeedsTheRoleOfItsOtherColumns) {
  const auto asked = [](const std::string& policy) {
    Demand demand = demand_of(test_study());
    demand.columns[{"trial", "*"}].uses = {{Use::kCohort, "/data/cohort"}};
    return judge(parse_policy(policy, "p.toml"), demand, {.analyst = "ana", .now = kNow});
  };
  const std::string head =
      "version = 1\nsite = \"north\"\n[columns.trial]\ntime = \"outcome\"\nevent = \"outcome\"\narm = \"other\"\n";
  const std::string rule =
      "[[rule]]\nname = \"r\"\nanalyses = [\"any\"]\nprotocols = [\"any\"]\nanalysts = [\"any\"]\n"
      "purposes = [\"any\"]\ncolumns = [\"outcome\", \"other\"]\n";
  EXPECT_FALSE(asked(head + rule).allowed);
  EXPECT_TRUE(asked(head + "\"*\" = \"other\"\n" + rule).allowed);
  EXPECT_FALSE(asked(head + "\"*\" = \"other\"\nhiv = \"sensitive\"\n" + rule).allowed);
}

TEST(Judge, CountsRunsWithinDays) {
  std::vector<PastRun> runs = {{.analyst = "ana", .time = "2026-03-01T12:00:00.000Z"},  // 30 days ago: counts no more
                               {.analyst = "bob", .time = "2026-03-30T00:00:00.000Z"},
                               {.analyst = "ana", .time = "2026-03-10T00:00:00.000Z"}};
  EXPECT_TRUE(judged(test_study(), "ana", &runs).allowed);
  runs.push_back({.analyst = "ana", .time = "2026-03-20T00:00:00.000Z"});
  const Verdict verdict = judged(test_study(), "ana", &runs);
  ASSERT_FALSE(verdict.allowed);
  EXPECT_EQ(verdict.findings.at(0).message, "it ran 2 times within 30 days, by analyst");
  EXPECT_EQ(verdict.findings.at(0).remedy, "run it after 2026-04-09");
  EXPECT_TRUE(judged(test_study()).allowed) << "at an approval, runs are not counted";
}

TEST(Judge, CountsRunsPerColumnOverStudies) {
  const std::string text =
      std::string(test_policy).replace(std::string(test_policy).find("per = \"analyst\""), 15, "per = \"column\"");
  const auto allowed = [&](const std::vector<std::string>& columns) {
    const std::vector<PastRun> runs(2, {.study = "other", .analyst = "bob", .columns = columns, .time = kNow});
    return judge(parse_policy(text, "p.toml"), demand_of(test_study()), {.analyst = "ana", .now = kNow, .runs = &runs})
        .allowed;
  };
  EXPECT_FALSE(allowed({"trial.age", "trial.arm"}));
  EXPECT_FALSE(allowed({"trial.*"}));
  EXPECT_TRUE(allowed({"trial.age", "trials.arm", "trial.ar"}));
}

TEST(Judge, AsksForEnoughRows) {
  const Verdict verdict = judged(test_study());
  EXPECT_FALSE(judge_rows(verdict, 50));
  EXPECT_EQ(judge_rows(verdict, 49)->code, "policy.too_few_rows");
}

}  // namespace
}  // namespace cohortium::policy
