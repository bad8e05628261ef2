// The draft of a data protection impact assessment, GDPR Art. 35(7): what can be said from files; the rest is asked.
#include <fmt/format.h>

#include <algorithm>

#include "evidence/columns.h"
#include "evidence/evidence.h"
#include "mpc/protocols.h"

namespace cohortium::evidence {
namespace {

using nlohmann::json;

Entry description(const Subject& subject) {
  Entry entry{.title = "Systematic description of the processing", .rule = "GDPR Art. 35(7)(a)"};
  append(entry.statements, members_of(subject));
  for (const SignedStudy* study : subject.studies()) {
    entry.statements.push_back(from_study(*study, "/purpose", study->study().purpose));
    for (const std::string& sentence : study->computes)
      entry.statements.push_back(from_study(*study, "/analyses", sentence));
    entry.statements.push_back(from_study(
        *study, "/sites", fmt::format("Records of {}", fmt::join(study->study().sites, ", ")), study->study().sites));
  }
  append(entry.statements, runs_of(subject));
  return entry;
}

Entry necessity(const Subject& subject) {
  Entry entry{.title = "Necessity and proportionality", .rule = "GDPR Art. 35(7)(b)"};
  entry.statements.push_back(
      from_software("docs/evidence.md",
                    "The data-minimisation statement says what is read, what leaves a site and what is released"));
  subject.inputs.own.ask(entry, "assessment.necessity", "assessment.information", "assessment.rights");
  return entry;
}

// That shares can be put together by two who collude.
void add_collusion(const Subject& subject, Statements& all) {
  const auto parties = subject.inputs.consortium().compute_parties();
  std::vector<std::string> names;
  for (const auto& party : parties) names.push_back(party.name);
  all.push_back(
      from_consortium(subject.inputs, "members with compute = true",
                      fmt::format("Any two of the compute parties {} that pool what they hold can reconstruct "
                                  "every site's aggregates, and rows where an analysis shares them",
                                  fmt::join(names, ", ")),
                      names));
}

void add_study_risks(const SignedStudy& study, Statements& all) {
  const study::Study& file = study.study();
  all.push_back(from_study(study, "/security/protocol",
                           fmt::format("The protocol is {}: {}", file.protocol, mpc::facts_of(file.protocol).security),
                           file.protocol));
  if (file.sites.size() == 2)
    all.push_back(from_study(study, "/sites", "Of two sites each can subtract its own numbers and has the other's", 2));
  if (file.release.curve == mpc::CurveRule::kExact)
    all.push_back(from_study(study, "/release/curve", "Exact curves show single people", "exact"));
  if (study.privacy.is_null())
    all.push_back(from_study(study, "/release (no \"privacy\")",
                             "Without noise, this study and several others together can show a person: sites compare "
                             "it with earlier ones two and "
                             "three at a time",
                             false));
  const bool opened = std::any_of(file.analyses.begin(), file.analyses.end(),
                                  [](const auto& analysis) { return analysis.strength == "opened"; });
  if (opened)
    all.push_back(
        from_study(study, "/analyses", "A model of strength \"opened\" shows its steps while it is fitted", "opened"));
}

void add_governance_risks(const Subject& subject, Statements& all) {
  const std::vector<std::string> sites = subject.sites();
  for (const auto& member : subject.inputs.consortium().members) {
    const bool takes_part = std::find(sites.begin(), sites.end(), member.name) != sites.end();
    if (takes_part && member.approvals < 2)
      all.push_back(from_consortium(subject.inputs, fmt::format("member {}, approvals", member.name),
                                    fmt::format("One approver alone decides for {}", member.name), member.approvals));
  }
  std::vector<std::string> endless;
  for (const auto& member : subject.inputs.consortium().members)
    if (member.expires.empty()) endless.push_back(member.name);
  for (const auto& person : subject.inputs.consortium().people)
    if (person.expires.empty()) endless.push_back(person.name);
  if (!endless.empty())
    all.push_back(from_consortium(subject.inputs, "expires (absent)",
                                  fmt::format("Keys that do not expire: {}", fmt::join(endless, ", ")), endless));
}

Entry risks(const Subject& subject) {
  Entry entry{.title = "Risks to the people whose records these are", .rule = "GDPR Art. 35(7)(c)"};
  add_collusion(subject, entry.statements);
  for (const SignedStudy* study : subject.studies()) add_study_risks(*study, entry.statements);
  add_governance_risks(subject, entry.statements);
  append(entry.statements, logged({subject.inputs}, "audit.fork_detected", "log.recovered"));
  append(entry.statements, logged(subject, "run.failed"));
  for (const Log& log : subject.inputs.logs)
    if (log.checked.witnesses.empty())
      entry.statements.push_back(from_head(log,
                                           "No other node has witnessed this log in these files: whoever holds the "
                                           "node's key could have written it anew"));
  entry.statements.push_back(
      from_software("SECURITY.md", "The section \"Not guaranteed\" lists what the software does not prevent"));
  subject.inputs.own.ask(entry, "assessment.risk_rating");
  return entry;
}

Entry measures(const Subject& subject) {
  Entry entry{.title = "Measures against the risks, and those that are not taken",
              .rule = "GDPR Art. 35(7)(d), Art. 32"};
  append(entry.statements, rules_of(subject.inputs));
  for (const SignedStudy* study : subject.studies()) append(entry.statements, release_of(*study));
  append(entry.statements, approvals_of(subject));
  append(entry.statements, changes_of(subject.inputs));
  for (const Log& log : subject.inputs.logs) {
    entry.statements.push_back(from_head(
        log,
        fmt::format("The audit log of {} has {} entries, unaltered and complete{}", log.node(), log.checked.head.size,
                    log.checked.witnesses.empty()
                        ? ""
                        : fmt::format("; witnessed by {}", fmt::join(log.checked.witnesses, ", "))),
        {{"node", log.node()}, {"entries", log.checked.head.size}, {"witnesses", log.checked.witnesses}}));
  }
  subject.inputs.own.ask(entry, "assessment.collusion");
  return entry;
}

Entry judgement(const Subject& subject) {
  Entry entry{.title = "Advice, views, consultation and review", .rule = "GDPR Art. 35(2), 35(9), 35(11), 36"};
  subject.inputs.own.ask(entry, "assessment.advice", "assessment.views", "assessment.consultation",
                         "assessment.review");
  return entry;
}

}  // namespace

Part impact_assessment(const Subject& subject) {
  return {.id = "impact_assessment",
          .title = "Data protection impact assessment: draft",
          .rule = "GDPR Art. 35",
          .about = "A draft. It gathers what files say and asks the rest; it rates no risk and decides nothing.",
          .entries = {description(subject), necessity(subject), risks(subject), measures(subject), judgement(subject)}};
}

}  // namespace cohortium::evidence
