// Why a result.json can be believed: what the nodes of its run have signed, and that their audit logs say so, too.
//
//   "proof": {
//     "envelope": {…},                                the study as its analyst signed it (envelope.h)
//     "decisions": {"north": […], …},                 the approvals of each site's approvers (decision.h)
//     "statements": [{"statement": {…}, "signature": {…},
//                     "entry": "…",                   a line of the node's audit log, "run.released" …
//                     "path": ["…", …], "head": {…}}, …]   … and the proof that it is in the log that the head seals
//   }
//   statement   {"compute_parties": […], "consortium": "…", "cost": {…}, "node": "north", "protocol": "replicated3",
//                "released_sha256": "…", "run": "…", "sites": […], "study": "…"}
//
// Every site and every compute party signs one, in the domain "result statement"; `cost` is a compute party's. The
// compute parties sign what they released; a site signs once all three compute parties have signed the same, and logs
// it. `released_sha256` is of the canonical JSON of {"analyses", "withheld"}, as result.json shows them.
//
// Guaranteed  whoever has the consortium file knows which study was run, who asked for it and who approved it, under
//             which protocol and by whom it was run, and that what stands in result.json follows from what the compute
//             parties released, all without asking anyone. Keys that have expired since count (audit_keys.h)
// Not         when the run began and ended: those times are the coordinator's word. Nor that the records were true.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "governance/consortium.h"
#include "governance/envelope.h"
#include "governance/tree_head.h"
#include "study/result.h"

namespace cohortium::governance {

// What all nodes of a run must say alike.
struct RunFacts {
  std::string study, consortium, run, protocol;
  std::vector<std::string> compute_parties, sites;
  std::string released_sha256;
  bool operator==(const RunFacts&) const = default;
};

// The approvals that stood when the run began, of what the sites handed out: {"north": [decisions], …}. Leaves out what
// was decided on an earlier envelope or under another version of the consortium file. Signatures are not checked.
std::vector<study::Approval> approvals_in(const nlohmann::json& decisions, const Envelope& envelope,
                                          const Consortium& consortium);

// `released` is {"analyses", "withheld"}, or a whole result.json.
std::string released_sha256(const nlohmann::json& released);

// {"statement", "signature"}; `cost` is null for a site.
nlohmann::json sign_statement(const RunFacts& facts, const std::string& node, const nlohmann::json& cost,
                              const Signer& signer);
// Fails with result.bad_proof, result.other_statement (`node` says something else), or signature.*.
void check_statement(const nlohmann::json& signed_statement, const RunFacts& facts, const std::string& node,
                     const SignatureCheck& check);
std::string statement_sha256(const nlohmann::json& signed_statement);
// The run's cost is that of the compute party that has most of it.
void add_cost(study::RunRecord& record, const nlohmann::json& cost);

struct ProvedResult {
  RunFacts facts;
  std::string analyst;
  std::vector<TreeHead> heads;  // one of each node that signed
};

// Checks a whole result.json by the consortium file of its run. Fails with
//   result.no_proof, result.bad_proof   there is none, or it has not the form above
//   result.other_consortium             it was made by another version of the consortium file
//   result.not_approved                 a site's approvers have not signed enough approvals of this very study
//   result.missing_statement            a site or compute party has not signed
//   result.other_statement              one has signed for another run, study or result
//   result.not_in_log                   an entry is not in the log that the head seals
//   result.altered                      `where` is the first place that does not follow from what was signed
//   signature.*, decision.*, envelope.*, audit.bad_head, study.*
// The digest of the consortium file that a result says it was made by; empty: it does not say.
std::string consortium_digest_of(const nlohmann::json& result);
ProvedResult prove_result(const nlohmann::json& result, const Consortium& consortium, const SignatureCheck& check);

}  // namespace cohortium::governance
