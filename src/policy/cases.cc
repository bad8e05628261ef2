#include "policy/cases.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "base/file.h"
#include "policy/toml_reader.h"

namespace cohortium::policy {
namespace {

constexpr std::size_t largest_file = 1 << 20;

Case read_case(const std::filesystem::path& path, const std::string& file, const toml::table& table) {
  const TomlReader reader(file, table,
                          {"name", "study", "analyst", "expect", "rule", "approvals", "purpose", "protocol",
                           "fingerprint", "rows", "earlier_runs"});
  const auto optional_text = [&](const char* key) {
    return reader.has(key) ? std::optional(reader.text(key)) : std::nullopt;
  };
  Case one{.name = reader.text("name")};
  one.question = {.study = path.parent_path() / reader.text("study"),
                  .analyst = reader.text("analyst"),
                  .fingerprint = optional_text("fingerprint").value_or(""),
                  .purpose = optional_text("purpose"),
                  .protocol = optional_text("protocol")};
  if (reader.has("rows")) one.question.rows = static_cast<std::size_t>(reader.whole("rows", 0, 1'000'000'000));
  one.question.earlier_runs = reader.whole("earlier_runs", 0, 1000, 0);
  const std::string expect = reader.text("expect");
  if (expect != "allow" && expect != "deny") reader.refuse("expect", "is neither \"allow\" nor \"deny\"");
  one.allow = expect == "allow";
  one.rule = optional_text("rule");
  if (reader.has("approvals")) one.approvals = reader.whole("approvals", 0, 100);
  return one;
}

}  // namespace

std::vector<Case> read_cases(const std::filesystem::path& path) {
  const std::string file = path.string();
  const toml::table table = parse_policy_toml(read_file(path, largest_file), file);
  const TomlReader reader(file, table, {"case"});
  std::vector<Case> cases;
  for (const toml::table* each : reader.tables("case")) cases.push_back(read_case(path, file, *each));
  if (cases.empty()) reader.refuse("case", "is missing: there is nothing to try");
  return cases;
}

Answer ask(const Policy& policy, const Question& question) {
  study::Study study = study::read_study(question.study);
  if (question.purpose) study.purpose = *question.purpose;
  if (question.protocol) study.protocol = *question.protocol;
  Answer answer{.demand = demand_of(study::Plan(std::move(study)))};
  Circumstances circumstances{.analyst = question.analyst, .fingerprint = question.fingerprint, .now = timestamp()};
  std::vector<PastRun> earlier;
  circumstances.runs = &earlier;
  // Each run before counts under the rule that would have allowed it then.
  while (true) {
    answer.verdict = judge(policy, answer.demand, circumstances);
    if (!answer.verdict.allowed || earlier.size() == static_cast<std::size_t>(question.earlier_runs)) break;
    earlier.push_back({.run = std::to_string(earlier.size()),
                       .study = answer.demand.study,
                       .analyst = question.analyst,
                       .rule = answer.verdict.rule,
                       .columns = column_names(answer.demand),
                       .time = circumstances.now});
  }
  const auto too_few =
      answer.verdict.allowed && question.rows ? judge_rows(answer.verdict, *question.rows) : std::nullopt;
  if (too_few) {
    answer.verdict.allowed = false;
    answer.verdict.findings = {{answer.verdict.rule, too_few->message, too_few->where, too_few->remedy}};
  }
  return answer;
}

std::string difference(const Case& expected, const Verdict& verdict) {
  if (verdict.allowed != expected.allow)
    return verdict.allowed ? "expected to be denied, and is allowed by " + verdict.whose()
                           : fmt::format("expected to be allowed: {}", verdict.refusal().text());
  if (expected.rule && *expected.rule != verdict.rule)
    return fmt::format("expected rule \"{}\" to decide, and it is {}", *expected.rule, verdict.whose());
  if (expected.approvals && verdict.allowed && *expected.approvals != verdict.approvals)
    return fmt::format("expected {} approvals, and {} are needed", *expected.approvals, verdict.approvals);
  return {};
}

}  // namespace cohortium::policy
