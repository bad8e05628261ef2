// HIPAA's safeguards beside what the software does of them, with the evidence that these files hold.
#include <fmt/format.h>

#include "evidence/evidence.h"
#include "evidence/safeguard_list.h"

namespace cohortium::evidence {
namespace {

using governance::Role;

Statements log_proofs(const Subject& subject) {
  Statements all;
  for (const Log& log : subject.inputs.logs)
    all.push_back(from_head(log,
                            fmt::format("{}: {} entries, unaltered and complete", log.node(), log.checked.head.size),
                            {{"node", log.node()}, {"entries", log.checked.head.size}}));
  append(all, logged({subject.inputs}, "request.refused", "run.refused", "run.failed", "audit.fork_detected",
                     "log.recovered"));
  return all;
}

Statements people_proofs(const Subject& subject) {
  return people_of(subject, {Role::kAnalyst, Role::kApprover, Role::kDataSteward, Role::kAuditor, Role::kOperator});
}

Statements key_proofs(const Subject& subject) {
  Statements all = logged({subject.inputs}, "key.changed");
  const auto& revoked = subject.inputs.consortium().revoked;
  all.push_back(
      from_consortium(subject.inputs, "revoked", fmt::format("{} keys are revoked", revoked.size()), revoked.size()));
  return all;
}

Statements transport_proofs(const Subject& subject) {
  const governance::Consortium& consortium = subject.inputs.consortium();
  return {from_consortium(subject.inputs, "fingerprint of every member and person",
                          fmt::format("The keys of {} members and {} people are pinned", consortium.members.size(),
                                      consortium.people.size()),
                          {{"members", consortium.members.size()}, {"people", consortium.people.size()}}),
          from_software("SECURITY.md", "TLS 1.3; a key that is not pinned ends in the handshake")};
}

Statements encryption_proofs(const Subject& subject) {
  Statements all = {from_software("SECURITY.md", "TLS 1.3 between nodes, with no way to switch it off")};
  if (!subject.inputs.configuration) return all;
  const SiteConfiguration& site = *subject.inputs.configuration;
  if (site.key_encrypted) {
    all.push_back(from_configuration(site, "key",
                                     *site.key_encrypted ? "The node's key file is encrypted, or the key is in a token"
                                                         : "The node's key file is NOT encrypted",
                                     *site.key_encrypted));
  }
  all.push_back(from_configuration(site, "credential",
                                   site.passphrase_in_file
                                       ? "The passphrase of the key is read from a file at the start"
                                       : "The passphrase of the key is asked for at the start",
                                   site.passphrase_in_file));
  if (site.source && site.source->kind == data::SourceKind::kPostgreSql)
    all.push_back(from_configuration(site, "source.sslmode", "The database link has sslmode " + site.source->tls,
                                     site.source->tls));
  return all;
}

Statements proofs_of(const Safeguard& safeguard, const Subject& subject) {
  switch (safeguard.proof) {
    case Proof::kAuditLogs:
      return log_proofs(subject);
    case Proof::kPeople:
      return people_proofs(subject);
    case Proof::kKeys:
      return key_proofs(subject);
    case Proof::kApprovals:
      return approvals_of(subject);
    case Proof::kChanges:
      return changes_of(subject.inputs);
    case Proof::kTransport:
      return transport_proofs(subject);
    case Proof::kEncryption:
      return encryption_proofs(subject);
    case Proof::kRuns:
      return runs_of(subject);
    case Proof::kNone:
      break;
  }
  return {};
}

Entry entry_of(const Safeguard& safeguard, const Subject& subject) {
  Entry entry{.title = safeguard.title,
              .rule = fmt::format("45 CFR {} ({})", safeguard.rule, safeguard.specification),
              .coverage = safeguard.coverage};
  if (!safeguard.software.empty()) entry.statements.push_back(from_software("docs/evidence.md", safeguard.software));
  Statements proofs = proofs_of(safeguard, subject);
  // "Done by the software" is said with evidence, or not at all.
  if (safeguard.coverage == Coverage::kDone && proofs.empty()) {
    entry.coverage = Coverage::kSupported;
    entry.open.push_back(
        {"file.evidence." + safeguard.rule, "What shows it? The files that were given hold no evidence of it.",
         "whoever makes this evidence: give audit logs, signed studies or results", "45 CFR " + safeguard.rule});
  }
  append(entry.statements, std::move(proofs));
  if (!safeguard.question.id.empty()) subject.inputs.own.ask(entry, safeguard.question.id);
  return entry;
}

}  // namespace

Part safeguards(const Subject& subject) {
  Part part{.id = "safeguards",
            .title = "HIPAA security rule: safeguards",
            .rule = "45 CFR 164.308-164.316",
            .about =
                "Each safeguard is done by the software, and then evidence follows; or supported, and the site must "
                "configure or run it; or not covered. Whether an addressable one is reasonable, the site decides.",
            .entries = {}};
  for (const Safeguard& safeguard : all_safeguards()) part.entries.push_back(entry_of(safeguard, subject));
  return part;
}

}  // namespace cohortium::evidence
