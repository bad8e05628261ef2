#include "evidence/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace cohortium::evidence {
namespace {

using nlohmann::json;

std::string roles_of(const governance::Member& member, const governance::Consortium& consortium) {
  std::vector<std::string> roles;
  if (member.site) roles.emplace_back("site");
  if (member.compute) roles.emplace_back("compute party");
  if (member.name == consortium.coordinator) roles.emplace_back("coordinator");
  return roles.empty() ? "no role of its own" : fmt::format("{}", fmt::join(roles, ", "));
}

std::string sentence_of(const LogEntry& entry, const std::string& node) {
  std::string text = fmt::format("{}: {} at {}", node, entry.event, entry.time);
  for (const auto& [name, value] : entry.detail) text += fmt::format(", {} {}", name, value);
  return text;
}

void summarise(const Subject& subject, const Log& log, std::string_view event, Statements& all) {
  std::vector<const LogEntry*> found;
  for (const LogEntry& entry : log.entries)
    if (entry.event == event && subject.concerns(entry)) found.push_back(&entry);
  if (found.empty()) return;
  std::map<std::string, std::size_t> codes;
  for (const LogEntry* entry : found)
    if (const auto code = entry->detail.find("code"); code != entry->detail.end()) ++codes[code->second];
  std::string text = fmt::format("{}: {}, {} in all, first at {}, last at {} (entry {})", log.node(), event,
                                 found.size(), found.front()->time, found.back()->time, found.back()->number);
  for (const auto& [code, count] : codes) text += fmt::format(", {} with {}", count, code);
  json value = {{"node", log.node()}, {"event", event}, {"times", found.size()}};
  if (!codes.empty()) value["codes"] = codes;
  all.push_back(from_log(log, *found.front(), text, std::move(value)));
}

}  // namespace

std::vector<const SignedStudy*> Subject::studies() const {
  if (study != nullptr) return {study};
  std::vector<const SignedStudy*> all;
  for (const SignedStudy& each : inputs.studies) all.push_back(&each);
  return all;
}

std::vector<std::string> Subject::sites() const {
  if (study != nullptr) return study->study().sites;
  std::vector<std::string> names;
  for (const auto& member : inputs.consortium().members)
    if (member.site) names.push_back(member.name);
  return names;
}

bool Subject::concerns(const LogEntry& entry) const { return study == nullptr || entry.study == study->study().hash; }

Statement from_consortium(const Inputs& inputs, const std::string& field, const std::string& text, json value) {
  return {text,
          Basis::kVerified,
          {.file = inputs.consortium_file, .field = fmt::format("version {}, {}", inputs.consortium().version, field)},
          std::move(value)};
}

Statement from_study(const SignedStudy& study, const std::string& path, const std::string& text, json value) {
  return {text,
          Basis::kVerified,
          {.file = study.file, .field = fmt::format("study {}, {}", study.study().hash, path)},
          std::move(value)};
}

Statement from_log(const Log& log, const LogEntry& entry, const std::string& text, json value) {
  return {text,
          Basis::kVerified,
          {.file = "audit log of " + log.node(), .field = entry.event, .entry = entry.number, .head = log.checked.head},
          std::move(value)};
}

Statement from_head(const Log& log, const std::string& text, json value) {
  return {text,
          Basis::kVerified,
          {.file = "audit log of " + log.node(), .field = "head", .entry = {}, .head = log.checked.head},
          std::move(value)};
}

Statement from_configuration(const SiteConfiguration& configuration, const std::string& field, const std::string& text,
                             json value) {
  return {text, Basis::kConfiguration, {.file = configuration.file, .field = field}, std::move(value)};
}

Statement from_software(const std::string& document, const std::string& text) {
  return {text, Basis::kSoftware, {.file = document, .field = "version " COHORTIUM_VERSION}};
}

Statements logged_events(const Subject& subject, std::initializer_list<std::string_view> events) {
  Statements all;
  for (const Log& log : subject.inputs.logs) {
    if (subject.study == nullptr) {
      for (const std::string_view event : events) summarise(subject, log, event, all);
      continue;
    }
    for (const LogEntry& entry : log.entries) {
      if (!subject.concerns(entry) || std::find(events.begin(), events.end(), entry.event) == events.end()) continue;
      json value = {{"node", log.node()}, {"event", entry.event}, {"time", entry.time}};
      value.update(json(entry.detail));
      all.push_back(from_log(log, entry, sentence_of(entry, log.node()), std::move(value)));
    }
  }
  return all;
}

Statements members_of(const Subject& subject) {
  Statements all;
  const governance::Consortium& consortium = subject.inputs.consortium();
  for (const governance::Member& member : consortium.members) {
    all.push_back(from_consortium(
        subject.inputs, "member " + member.name,
        fmt::format("{}: {}{}", member.name, roles_of(member, consortium),
                    member.site ? fmt::format("; {} of its approvers must sign each study", member.approvals) : ""),
        {{"member", member.name},
         {"site", member.site},
         {"compute", member.compute},
         {"coordinator", member.name == consortium.coordinator},
         {"approvals", member.approvals}}));
  }
  return all;
}

Statements people_of(const Subject& subject, std::initializer_list<governance::Role> roles) {
  Statements all;
  for (const governance::Person& person : subject.inputs.consortium().people) {
    if (std::find(roles.begin(), roles.end(), person.role) == roles.end()) continue;
    const std::string of = person.member.empty() ? "" : " of " + person.member;
    all.push_back(
        from_consortium(subject.inputs, "person " + person.name,
                        fmt::format("{}: {}{}{}", person.name, name_of(person.role), of,
                                    person.expires.empty() ? "" : "; the key counts until " + person.expires),
                        {{"person", person.name}, {"role", name_of(person.role)}, {"member", person.member}}));
  }
  return all;
}

Statements rules_of(const Inputs& inputs) {
  const governance::Consortium& rules = inputs.consortium();
  Statements all;
  all.push_back(from_consortium(inputs, "release.minimum_cell",
                                fmt::format("No study may release a count below {}", rules.minimum_cell),
                                rules.minimum_cell));
  all.push_back(from_consortium(inputs, "release.exact_curves",
                                rules.exact_curves
                                    ? "A study may release a curve at every event time, which shows single people"
                                    : "No study may release a curve at every event time",
                                rules.exact_curves));
  if (rules.rows_per_parameter > 0)
    all.push_back(from_consortium(
        inputs, "release.rows_per_parameter",
        fmt::format("No study may release a model of fewer than {} people per parameter", rules.rows_per_parameter),
        rules.rows_per_parameter));
  if (rules.round_to > 1)
    all.push_back(from_consortium(inputs, "release.round_to",
                                  fmt::format("Every study must round numbers of people to {} or more", rules.round_to),
                                  rules.round_to));
  if (rules.protect_sites)
    all.push_back(from_consortium(inputs, "release.protect_sites",
                                  "Every study must protect sites from what all but few people of one tell", true));
  if (rules.quality) {
    all.push_back(
        from_consortium(inputs, "quality",
                        fmt::format("A study runs only at sites whose records pass the quality checks; {} "
                                    "thresholds and {} ranges are the consortium's own",
                                    rules.quality->thresholds.size(), rules.quality->ranges.size()),
                        {{"thresholds", rules.quality->thresholds}, {"ranges", rules.quality->ranges.size()}}));
  } else {
    all.push_back(from_consortium(inputs, "quality (absent)", "No quality checks are required of the records", false));
  }
  all.push_back(from_consortium(inputs, "agreement.required",
                                rules.agreement_required
                                    ? "Every study must ask that the sites agree in units and vocabularies"
                                    : "A study need not ask that the sites agree in units and vocabularies",
                                rules.agreement_required));
  return all;
}

Statements changes_of(const Inputs& inputs) {
  Statements all;
  for (std::size_t i = 0; i < inputs.history.versions().size(); ++i) {
    const governance::Consortium& version = inputs.history.version(static_cast<int>(i) + 1);
    std::vector<std::string> signers;
    for (const auto& signature : inputs.history.versions()[i].signatures) signers.push_back(signature.by);
    std::sort(signers.begin(), signers.end());
    signers.erase(std::unique(signers.begin(), signers.end()), signers.end());
    Statement statement{fmt::format("Version {} of the consortium file was signed by {}; {} keys are revoked in it",
                                    version.version, fmt::join(signers, ", "), version.revoked.size()),
                        Basis::kVerified,
                        {.file = inputs.consortium_file + ".signatures",
                         .field = fmt::format("versions[{}], SHA-256 {}", i, version.digest)},
                        {{"version", version.version}, {"signed_by", signers}, {"revoked", version.revoked.size()}}};
    all.push_back(std::move(statement));
  }
  const int needed = inputs.consortium().signatures_for_change();
  all.push_back(from_consortium(inputs, "change_signatures",
                                fmt::format("The next change needs the signatures of {} of {} members", needed,
                                            inputs.consortium().members.size()),
                                needed));
  return all;
}

Statements approvals_of(const Subject& subject) {
  Statements all;
  for (const SignedStudy* study : subject.studies()) {
    for (const auto& [approval, file] : study->approvals) {
      all.push_back({fmt::format("{} approved for {} at {}", approval.by, approval.site, approval.time),
                     Basis::kVerified,
                     {.file = file, .field = fmt::format("decision on study {}", study->study().hash)},
                     {{"site", approval.site}, {"by", approval.by}, {"time", approval.time}}});
    }
  }
  append(all, logged(subject, "study.approved", "study.withdrawn"));
  return all;
}

Statements runs_of(const Subject& subject) {
  Statements all;
  for (const SignedStudy* study : subject.studies()) {
    if (!study->proved) continue;
    const governance::RunFacts& facts = study->proved->facts;
    all.push_back(from_study(
        *study, "/proof/statements",
        fmt::format("Run {} under {}: {} computed records of {}; all of them signed what was released", facts.run,
                    facts.protocol, fmt::join(facts.compute_parties, ", "), fmt::join(facts.sites, ", ")),
        {{"run", facts.run},
         {"protocol", facts.protocol},
         {"compute_parties", facts.compute_parties},
         {"sites", facts.sites},
         {"released_sha256", facts.released_sha256}}));
  }
  append(all, logged(subject, "run.released"));
  return all;
}

void append(Statements& all, Statements more) {
  for (Statement& each : more) all.push_back(std::move(each));
}

}  // namespace cohortium::evidence
