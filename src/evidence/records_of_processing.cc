// Records of processing activities, GDPR Art. 30: point by point.
#include <fmt/format.h>

#include <set>

#include "evidence/columns.h"
#include "evidence/evidence.h"

namespace cohortium::evidence {
namespace {

Entry controller(const Subject& subject) {
  Entry entry{.title = "Controller, representative and data protection officer", .rule = "GDPR Art. 30(1)(a)"};
  append(entry.statements, members_of(subject));
  subject.inputs.own.ask(entry, "controller.name", "controller.contact", "controller.representative",
                         "controller.data_protection_officer", "controller.joint");
  return entry;
}

// Studies that logs name and whose signed files were not given.
void ask_for_studies(const Subject& subject, Entry& entry) {
  if (subject.study != nullptr) return;
  std::set<std::string> known, asked;
  for (const SignedStudy& study : subject.inputs.studies) known.insert(study.study().hash);
  for (const Log& log : subject.inputs.logs) {
    for (const LogEntry& logged_entry : log.entries) {
      const std::string& hash = logged_entry.study;
      if (hash.empty() || known.contains(hash) || !asked.insert(hash).second) continue;
      entry.statements.push_back(from_log(log, logged_entry, "The log names study " + hash, {{"study", hash}}));
      entry.open.push_back({"file." + hash, "What was study " + hash + " for? Its signed file was not given.",
                            "whoever makes this evidence: give the signed study or its result.json",
                            "GDPR Art. 30(1)(b)"});
    }
  }
}

Entry purposes(const Subject& subject) {
  Entry entry{.title = "Purposes of the processing", .rule = "GDPR Art. 30(1)(b)"};
  for (const SignedStudy* study : subject.studies()) {
    const auto& envelope = study->envelope;
    entry.statements.push_back(from_study(*study, "/title", study->study().title, {{"study", study->study().hash}}));
    entry.statements.push_back(from_study(*study, "/purpose", study->study().purpose));
    entry.statements.push_back(from_study(*study, "/statement",
                                          fmt::format("Asked for by {}, signed at {}, to be run no later than {}",
                                                      envelope.analyst, envelope.signed_at, envelope.expires),
                                          {{"analyst", envelope.analyst},
                                           {"signed", envelope.signed_at},
                                           {"expires", envelope.expires},
                                           {"envelope", envelope.digest}}));
  }
  ask_for_studies(subject, entry);
  return entry;
}

Entry legal_basis(const Subject& subject) {
  Entry entry{.title = "Legal basis", .rule = "GDPR Art. 6(1), 9(2)"};
  subject.inputs.own.ask(entry, "processing.legal_basis");
  subject.inputs.own.ask(entry, "processing.special_categories");
  return entry;
}

Entry categories(const Subject& subject) {
  Entry entry{.title = "Categories of people and of personal data", .rule = "GDPR Art. 30(1)(c)"};
  for (const SignedStudy* study : subject.studies()) append(entry.statements, columns_of(*study));
  subject.inputs.own.ask(entry, "processing.data_subjects");
  return entry;
}

Entry recipients(const Subject& subject) {
  Entry entry{.title = "Recipients", .rule = "GDPR Art. 30(1)(d), Art. 28"};
  using governance::Role;
  append(entry.statements, people_of(subject, {Role::kAnalyst, Role::kAuditor}));
  entry.statements.push_back(from_software(
      "SECURITY.md",
      "Records stay at their site. Compute parties receive secret shares; everybody in the run receives the "
      "released result. The data-minimisation statement says for each study what every role learns besides"));
  subject.inputs.own.ask(entry, "processing.recipients");
  subject.inputs.own.ask(entry, "processing.processors");
  return entry;
}

Entry transfers(const Subject& subject) {
  Entry entry{.title = "Transfers to third countries", .rule = "GDPR Art. 30(1)(e)"};
  subject.inputs.own.ask(entry, "processing.transfers");
  return entry;
}

Entry retention(const Subject& subject) {
  Entry entry{.title = "Time limits for erasure", .rule = "GDPR Art. 30(1)(f)"};
  entry.statements.push_back(from_software(
      "docs/operating.md",
      "A node keeps signed studies, decisions, results, the audit log and STATE/last_error.json, which may hold a "
      "record's value, until somebody removes them. Shares are wiped from memory by the end of a run; swap and core "
      "dumps are the operator's to prevent"));
  entry.statements.push_back(from_software(
      "docs/operating.md",
      "Of every run a node keeps, in STATE/released, a hash of each of its rows under a key of its own, and the groups "
      "that the row was counted in: studies that differ by a few people are told by them. They are pseudonymous data "
      "of "
      "the people, stay at the node, and may be deleted run by run when what a run released is no longer of use"));
  subject.inputs.own.ask(entry, "processing.retention_records");
  subject.inputs.own.ask(entry, "processing.retention_results");
  return entry;
}

Entry measures() {
  return {
      .title = "Technical and organisational measures",
      .rule = "GDPR Art. 30(1)(g), Art. 32(1)",
      .statements = {from_software("docs/evidence.md",
                                   "The parts on data minimisation, on the measures of the impact assessment and on "
                                   "safeguards describe them, each with its evidence")}};
}

Entry activities(const Subject& subject) {
  Entry entry{.title = "What was done", .rule = "GDPR Art. 30, Art. 5(2)"};
  append(entry.statements, logged(subject, "study.submitted"));
  append(entry.statements, approvals_of(subject));
  append(entry.statements, logged(subject, "run.started", "run.joined", "run.completed", "run.failed", "run.finished",
                                  "agreement.joined", "agreement.completed"));
  append(entry.statements, runs_of(subject));
  return entry;
}

}  // namespace

Part records_of_processing(const Subject& subject) {
  return {.id = "records_of_processing",
          .title = "Records of processing activities",
          .rule = "GDPR Art. 30",
          .about = "What this software processes, for whom and by whom, as far as signed files and logs say.",
          .entries = {controller(subject), purposes(subject), legal_basis(subject), categories(subject),
                      recipients(subject), transfers(subject), retention(subject), measures(), activities(subject)}};
}

}  // namespace cohortium::evidence
