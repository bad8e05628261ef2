// The list follows the text of the rule as in force in 2025; titles are the rule's own.
#include "evidence/safeguard_list.h"

namespace cohortium::evidence {
namespace {

constexpr const char* security = "the security official";
constexpr const char* operators = "the operator of the node";
constexpr const char* workforce = "the site's personnel department";
constexpr const char* legal = "the site's legal department";

Safeguard done(const char* rule, const char* title, const char* specification, const char* software, Proof proof) {
  return {rule, title, specification, Coverage::kDone, software, proof};
}

Safeguard supported(const char* rule, const char* title, const char* specification, const char* software, Proof proof,
                    const char* id, const char* question, const char* who) {
  return {rule,
          title,
          specification,
          Coverage::kSupported,
          software,
          proof,
          {std::string("safeguard.") + id, question, who, std::string("45 CFR ") + rule}};
}

Safeguard not_covered(const char* rule, const char* title, const char* specification, const char* id,
                      const char* question, const char* who) {
  return {rule,
          title,
          specification,
          Coverage::kNotCovered,
          "",
          Proof::kNone,
          {std::string("safeguard.") + id, question, who, std::string("45 CFR ") + rule}};
}

void add_administrative(std::vector<Safeguard>& all) {
  all.insert(
      all.end(),
      {not_covered("164.308(a)(1)(ii)(A)", "Risk analysis", "required", "risk_analysis",
                   "Where is the site's risk analysis, and does it include this software and its node?", security),
       not_covered("164.308(a)(1)(ii)(B)", "Risk management", "required", "risk_management",
                   "Which measures reduce the risks found, and who follows them up?", security),
       not_covered("164.308(a)(1)(ii)(C)", "Sanction policy", "required", "sanction_policy",
                   "Which sanctions follow when the workforce does not comply?", workforce),
       supported(
           "164.308(a)(1)(ii)(D)", "Information system activity review", "required",
           "Every node logs what it was asked, did and refused; an auditor reads and verifies it without the node.",
           Proof::kAuditLogs, "activity_review", "Who reviews the audit log, and how often?", security),
       not_covered("164.308(a)(2)", "Assigned security responsibility", "standard, required", "security_official",
                   "Who is the security official?", "the covered entity's management"),
       supported("164.308(a)(3)(ii)(A)", "Authorization and/or supervision", "addressable",
                 "Only people of the signed consortium file may act, each in one role for one member.", Proof::kPeople,
                 "workforce_authorization", "Who decides who is put into the consortium file?", security),
       not_covered("164.308(a)(3)(ii)(B)", "Workforce clearance procedure", "addressable", "workforce_clearance",
                   "How is it determined that a person's access is appropriate?", workforce),
       supported("164.308(a)(3)(ii)(C)", "Termination procedures", "addressable",
                 "A key that is removed or revoked by a signed change of the consortium file counts no more.",
                 Proof::kChanges, "termination", "Who asks for the removal when a person leaves, and how soon?",
                 workforce),
       not_covered("164.308(a)(4)(ii)(A)", "Isolating health care clearinghouse functions", "required", "clearinghouse",
                   "Is the site part of a clearinghouse, and how is it isolated?", legal),
       done("164.308(a)(4)(ii)(B)", "Access authorization", "addressable",
            "A site reads records only for a study that its own approvers have signed.", Proof::kApprovals),
       done("164.308(a)(4)(ii)(C)", "Access establishment and modification", "addressable",
            "Access follows from the consortium file; a change counts once enough members have signed it.",
            Proof::kChanges),
       not_covered("164.308(a)(5)(ii)(A)", "Security reminders", "addressable", "security_reminders",
                   "How is the workforce reminded and trained?", workforce),
       not_covered("164.308(a)(5)(ii)(B)", "Protection from malicious software", "addressable", "malicious_software",
                   "What protects the node's host from malicious software?", operators),
       supported("164.308(a)(5)(ii)(C)", "Log-in monitoring", "addressable",
                 "Refused requests of known keys are logged with who asked and why they were refused; strangers end in "
                 "the TLS handshake and are not logged.",
                 Proof::kAuditLogs, "login_monitoring", "Who watches refused requests and the host's own log-ins?",
                 operators),
       supported("164.308(a)(5)(ii)(D)", "Password management", "addressable",
                 "Private keys are encrypted by passphrases, or stay in a token; keys can expire and be rotated.",
                 Proof::kKeys, "password_management", "How are passphrases made, kept and changed?", operators),
       supported("164.308(a)(6)(ii)", "Response and reporting", "required",
                 "Failed runs, forks and recoveries are logged with a stable code.", Proof::kAuditLogs,
                 "incident_response", "Who responds to incidents, and who is told within which time?", security),
       supported("164.308(a)(7)(ii)(A)", "Data backup plan", "required",
                 "Everything that a node must keep lies in one folder; a log set back to an old copy is noticed.",
                 Proof::kNone, "backup_plan", "How are the state folder and the records backed up?", operators),
       not_covered("164.308(a)(7)(ii)(B)", "Disaster recovery plan", "required", "disaster_recovery",
                   "How are lost data restored?", operators),
       not_covered("164.308(a)(7)(ii)(C)", "Emergency mode operation plan", "required", "emergency_mode",
                   "How do critical processes go on in an emergency?", operators),
       not_covered("164.308(a)(7)(ii)(D)", "Testing and revision procedures", "addressable", "contingency_testing",
                   "How often are contingency plans tested?", operators),
       not_covered("164.308(a)(7)(ii)(E)", "Applications and data criticality analysis", "addressable", "criticality",
                   "How critical is the node for other plans?", security),
       not_covered("164.308(a)(8)", "Evaluation", "standard, required", "evaluation",
                   "When was the last evaluation? Nobody outside the project has reviewed the software yet.", security),
       not_covered("164.308(b)(3)", "Written contract or other arrangement", "required", "written_contract",
                   "Which contracts bind the other members and their compute parties?", legal)});
}

void add_physical(std::vector<Safeguard>& all) {
  all.insert(all.end(),
             {not_covered("164.310(a)(2)(i)", "Contingency operations", "addressable", "contingency_operations",
                          "Who may enter the facility to restore data?", operators),
              not_covered("164.310(a)(2)(ii)", "Facility security plan", "addressable", "facility_security",
                          "What protects the facility and its equipment?", operators),
              not_covered("164.310(a)(2)(iii)", "Access control and validation procedures", "addressable",
                          "facility_access", "How is physical access controlled by role?", operators),
              not_covered("164.310(a)(2)(iv)", "Maintenance records", "addressable", "maintenance_records",
                          "Where are repairs of the facility documented?", operators),
              not_covered("164.310(b)", "Workstation use", "standard, required", "workstation_use",
                          "Which workstations may be used for the node and for keys, and how?", operators),
              not_covered("164.310(c)", "Workstation security", "standard, required", "workstation_security",
                          "What restricts physical access to these workstations?", operators),
              not_covered("164.310(d)(2)(i)", "Disposal", "required", "disposal",
                          "How are media with records or state folders disposed of?", operators),
              not_covered("164.310(d)(2)(ii)", "Media re-use", "required", "media_reuse",
                          "How are media cleared before they are used again?", operators),
              not_covered("164.310(d)(2)(iii)", "Accountability", "addressable", "media_accountability",
                          "Who has which hardware and media?", operators),
              not_covered("164.310(d)(2)(iv)", "Data backup and storage", "addressable", "media_backup",
                          "Is a copy made before equipment is moved?", operators)});
}

void add_technical(std::vector<Safeguard>& all) {
  all.insert(
      all.end(),
      {done("164.312(a)(2)(i)", "Unique user identification", "required",
            "Every person and node has a name and a key of its own, pinned in the signed consortium file.",
            Proof::kPeople),
       not_covered("164.312(a)(2)(ii)", "Emergency access procedure", "required", "emergency_access",
                   "How are records reached in an emergency, without this software?", operators),
       not_covered("164.312(a)(2)(iii)", "Automatic logoff", "addressable", "automatic_logoff",
                   "What ends sessions on workstations? The commands hold none; the node runs on.", operators),
       supported("164.312(a)(2)(iv)", "Encryption and decryption", "addressable",
                 "Private keys are encrypted on disk; records and the state folder are not encrypted by the software.",
                 Proof::kEncryption, "encryption_at_rest", "How are the disks with records and state encrypted?",
                 operators),
       done("164.312(b)", "Audit controls", "standard, required",
            "Every node records its activity in an append-only Merkle tree whose heads other nodes check and sign.",
            Proof::kAuditLogs),
       supported("164.312(c)(2)", "Mechanism to authenticate electronic protected health information", "addressable",
                 "Studies, approvals, results and logs are signed, and altered ones refused; records in the site's own "
                 "database are not authenticated.",
                 Proof::kRuns, "record_integrity", "What shows that source records were not altered?",
                 "the controller of the records"),
       done("164.312(d)", "Person or entity authentication", "standard, required",
            "Both ends of every connection prove that they hold the pinned key; studies and decisions are signed.",
            Proof::kTransport),
       done("164.312(e)(2)(i)", "Integrity controls", "addressable",
            "TLS 1.3 between nodes; what is altered on the way ends the connection.", Proof::kTransport),
       supported("164.312(e)(2)(ii)", "Encryption", "addressable",
                 "TLS 1.3 between nodes, always. The link from node to database is the site's to configure.",
                 Proof::kEncryption, "database_link", "How is the link between the node and its records protected?",
                 operators)});
}

void add_organizational(std::vector<Safeguard>& all) {
  all.insert(all.end(),
             {not_covered("164.314(a)(2)(i)", "Business associate contracts", "required", "business_associates",
                          "Which business associate contracts exist with the other members?", legal),
              not_covered("164.314(a)(2)(ii)", "Other arrangements", "required", "other_arrangements",
                          "Which other arrangements stand in for a contract?", legal),
              not_covered("164.314(a)(2)(iii)", "Business associate contracts with subcontractors", "required",
                          "subcontractors", "Which subcontractors, such as hosting providers, are bound?", legal),
              not_covered("164.314(b)(2)", "Requirements for group health plans", "required", "group_health_plans",
                          "Is the site a group health plan, and what do its plan documents say?", legal),
              not_covered("164.316(a)", "Policies and procedures", "standard, required", "policies",
                          "Where are the site's policies and procedures?", security),
              not_covered("164.316(b)(2)(i)", "Time limit", "required", "documentation_retention",
                          "What keeps this documentation and the audit log for six years? The software deletes no log.",
                          operators),
              not_covered("164.316(b)(2)(ii)", "Availability", "required", "documentation_availability",
                          "Who has access to the documentation?", security),
              not_covered("164.316(b)(2)(iii)", "Updates", "required", "documentation_updates",
                          "When is the documentation reviewed? Evidence can be made anew at any time.", security)});
}

}  // namespace

const std::vector<Safeguard>& all_safeguards() {
  static const std::vector<Safeguard> all = [] {
    std::vector<Safeguard> list;
    add_administrative(list);
    add_physical(list);
    add_technical(list);
    add_organizational(list);
    return list;
  }();
  return all;
}

}  // namespace cohortium::evidence
