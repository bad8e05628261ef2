#include "policy/judge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "policy/run_frequency.h"

namespace cohortium::policy {
namespace {

std::string list(const std::set<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

bool holds(const std::set<std::string>& names, const std::string& name) {
  return names.contains(kAny) || names.contains(name);
}

bool holds_analyst(const std::set<std::string>& names, const Circumstances& circumstances) {
  return holds(names, circumstances.analyst) || names.contains(circumstances.fingerprint);
}

// A purpose is one of these texts, or begins with it before a colon.
bool holds_purpose(const std::set<std::string>& purposes, const std::string& purpose) {
  return purposes.contains(kAny) || std::any_of(purposes.begin(), purposes.end(), [&](const std::string& each) {
           return purpose == each || purpose.starts_with(each + ":");
         });
}

// What is known of the roles of a demanded column; `unknown` where it, or part of a whole table, has none.
struct Roles {
  std::set<Role> known;
  bool unknown = false;
};

Roles roles_of(const Policy& policy, const std::string& table, const std::string& column) {
  if (column != "*") {
    const auto role = policy.role_of(table, column);
    return role ? Roles{{*role}} : Roles{{}, true};
  }
  Roles roles{.known = {}, .unknown = !policy.roles_in(table)};
  if (const auto found = policy.columns.find(table); found != policy.columns.end())
    for (const auto& [name, role] : found->second) roles.known.insert(role);
  return roles;
}

std::string shown(const std::string& table, const std::string& column) {
  return column == "*" ? "the whole table " + table : fmt::format("column {}.{}", table, column);
}

class RuleCheck {
 public:
  RuleCheck(const Policy& policy, const Demand& demand, const Circumstances& circumstances, const Rule& rule)
      : policy_(policy), demand_(demand), circumstances_(circumstances), rule_(rule) {}

  std::vector<Finding> check() {
    check_who_and_why();
    check_analyses();
    check_columns();
    check_release();
    if (circumstances_.runs != nullptr)
      for (const Frequency& frequency : rule_.frequency)
        if (const auto next = next_run(frequency, rule_.name, demand_, circumstances_))
          add(fmt::format("it ran {} times within {} days, by {}", frequency.runs, frequency.days,
                          name_of(frequency.per)),
              "", "run it after " + *next);
    return std::move(findings_);
  }

 private:
  void add(const std::string& message, const std::string& where, const std::string& remedy) {
    findings_.push_back({rule_.name, message, where, remedy});
  }

  void check_who_and_why() {
    if (!holds_analyst(rule_.analysts, circumstances_))
      add("\"" + circumstances_.analyst + "\" is none of its analysts", "",
          "let one of these sign it: " + list(rule_.analysts));
    if (!holds_purpose(rule_.purposes, demand_.purpose))
      add("it is not for the study's purpose", "/purpose",
          fmt::format("if it is true, begin the purpose with one of these and a colon: {}", list(rule_.purposes)));
    if (!holds(rule_.protocols, demand_.protocol))
      add("it does not allow protocol " + demand_.protocol, "/security/protocol", "use " + list(rule_.protocols));
  }

  void check_analyses() {
    for (const AnalysisDemand& analysis : demand_.analyses) {
      if (!holds(rule_.analyses, analysis.kind))
        add("it does not allow analyses of kind " + analysis.kind, analysis.path, "use " + list(rule_.analyses));
      if (analysis.opened && !rule_.opened_steps)
        add("it does not allow models that are fitted in the open", analysis.path + "/strength",
            "use strength \"hidden\"");
    }
  }

  void check_columns() {
    for (const auto& [name, asked] : demand_.columns) {
      const auto& [table, column] = name;
      const Roles roles = roles_of(policy_, table, column);
      const std::string first = asked.uses.begin()->second;
      if (roles.unknown)
        add(fmt::format("{} has no role in the policy", shown(table, column)), first,
            fmt::format("leave it out, or have the site give {} a role under [columns.{}]",
                        column == "*" ? "\"*\"" : "it", table));
      for (const Role role : roles.known) check_uses(shown(table, column), role, asked);
    }
  }

  void check_uses(const std::string& column, Role role, const ColumnDemand& asked) {
    const auto allowed = rule_.columns.find(role);
    if (allowed == rule_.columns.end())
      return add(fmt::format("{} is {}, which it does not allow", column, name_of(role)), asked.uses.begin()->second,
                 "leave the column out");
    for (const auto& [use, path] : asked.uses) {
      if (use == Use::kRead || allowed->second.contains(use)) continue;
      add(fmt::format("{} is {}, and used as \"{}\"", column, name_of(role), name_of(use)), path,
          "use the column otherwise, or leave it out");
    }
  }

  void check_release() {
    if (demand_.minimum_cell < static_cast<std::uint64_t>(rule_.minimum_cell))
      add(fmt::format("it asks for a minimum cell of {}, and the study has {}", rule_.minimum_cell,
                      demand_.minimum_cell),
          "/release/minimum_cell", fmt::format("set it to {}", rule_.minimum_cell));
    if (demand_.exact_curves && !rule_.exact_curves)
      add("it does not allow exact curves", "/release/curve", "use \"merged\"");
    if (!rule_.maximum_privacy_loss) return;
    if (!demand_.privacy_loss)
      add("it asks for noise", "/release",
          fmt::format("add release/privacy with rho of at most {}", *rule_.maximum_privacy_loss));
    else if (*demand_.privacy_loss > *rule_.maximum_privacy_loss)
      add(fmt::format("it allows a privacy loss of {} (rho), and the study costs {:.6g}", *rule_.maximum_privacy_loss,
                      *demand_.privacy_loss),
          "/release/privacy", "ask for less of it (a smaller rho or epsilon)");
  }

  const Policy& policy_;
  const Demand& demand_;
  const Circumstances& circumstances_;
  const Rule& rule_;
  std::vector<Finding> findings_;
};

// The first of the study's analyses and columns that a denial names; empty parts where it names none of that sort.
std::optional<Finding> match(const Denial& denial, const Policy& policy, const Demand& demand,
                             const Circumstances& circumstances) {
  if (!denial.protocols.empty() && !holds(denial.protocols, demand.protocol)) return std::nullopt;
  if (!denial.analysts.empty() && !holds_analyst(denial.analysts, circumstances)) return std::nullopt;
  if (!denial.purposes.empty() && !holds_purpose(denial.purposes, demand.purpose)) return std::nullopt;
  Finding finding{.rule = denial.name, .message = "it denies this", .remedy = "leave out what the denial names"};
  if (!denial.analyses.empty()) {
    const auto found = std::find_if(demand.analyses.begin(), demand.analyses.end(),
                                    [&](const AnalysisDemand& each) { return holds(denial.analyses, each.kind); });
    if (found == demand.analyses.end()) return std::nullopt;
    finding.message += ": analyses of kind " + found->kind;
    finding.where = found->path;
  }
  if (denial.columns.empty()) return finding;
  for (const auto& [name, asked] : demand.columns) {
    for (const Role role : roles_of(policy, name.first, name.second).known) {
      const auto denied = denial.columns.find(role);
      if (denied == denial.columns.end()) continue;
      for (const auto& [use, path] : asked.uses) {
        if (!denied->second.contains(use)) continue;
        finding.message += fmt::format("{} {}, which is {}, used as \"{}\"", denial.analyses.empty() ? ":" : " with",
                                       shown(name.first, name.second), name_of(role), name_of(use));
        finding.where = path;
        return finding;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Verdict judge(const Policy& policy, const Demand& demand, const Circumstances& circumstances) {
  Verdict verdict{.site = policy.site, .policy_hash = policy.hash, .version = policy.version};
  for (const Denial& denial : policy.denials)
    if (const auto finding = match(denial, policy, demand, circumstances)) verdict.findings.push_back(*finding);
  if (!verdict.findings.empty()) {
    verdict.rule = verdict.findings.front().rule;
    return verdict;
  }
  for (const Rule& rule : policy.rules) {
    std::vector<Finding> findings = RuleCheck(policy, demand, circumstances, rule).check();
    if (findings.empty()) {
      verdict.allowed = true;
      verdict.rule = rule.name;
      verdict.approvals = rule.approvals;
      verdict.minimum_rows = rule.minimum_rows;
      verdict.findings.clear();
      return verdict;
    }
    if (!verdict.findings.empty() && verdict.findings.size() <= findings.size()) continue;
    verdict.rule = rule.name;
    verdict.findings = std::move(findings);
  }
  if (policy.rules.empty())
    verdict.findings.push_back(
        {.rule = "", .message = "it has no rule, so it allows nothing", .remedy = "ask the site for a rule"});
  return verdict;
}

std::string Verdict::whose() const {
  return fmt::format("{} of {}'s policy, version {}", rule.empty() ? "deny by default" : "rule \"" + rule + "\"", site,
                     version);
}

Error Verdict::refusal() const {
  constexpr std::size_t most_said = 5;
  std::vector<std::string> messages, remedies;
  for (const Finding& finding : findings) {
    if (messages.size() == most_said) {
      messages.push_back(fmt::format("and {} more", findings.size() - most_said));
      break;
    }
    messages.push_back(finding.message);
    if (std::find(remedies.begin(), remedies.end(), finding.remedy) == remedies.end())
      remedies.push_back(finding.remedy);
  }
  return {.code = "policy.denied",
          .message = fmt::format("{} does not allow this study: {}", site, fmt::join(messages, "; ")),
          .where = findings.empty() ? "" : findings.front().where,
          .rule = whose(),
          .remedy = fmt::format("{}", fmt::join(remedies, "; "))};
}

std::optional<Error> judge_rows(const Verdict& verdict, std::size_t rows) {
  if (rows >= static_cast<std::size_t>(verdict.minimum_rows)) return std::nullopt;
  return Error{.code = "policy.too_few_rows",
               .message = fmt::format("the study selects fewer than {} rows at {}", verdict.minimum_rows, verdict.site),
               .where = "/data",
               .rule = verdict.whose(),
               .remedy = "select more, or leave the site out"};
}

std::vector<std::string> column_names(const Demand& demand) {
  std::vector<std::string> names;
  for (const auto& [name, asked] : demand.columns) names.push_back(name.first + "." + name.second);
  return names;
}

}  // namespace cohortium::policy
