// Studies as evidence may speak of them: signed by an analyst of the consortium, and where there is a result, proved.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "governance/consortium_history.h"
#include "governance/envelope.h"
#include "governance/result_proof.h"
#include "governance/tree_head.h"

namespace cohortium::evidence {

struct CheckedApproval {
  study::Approval approval;
  std::string file;  // where it stands
};

// What is known of one study. Of its result only that it was released, never a value.
struct SignedStudy {
  std::string file;  // its name without folders
  governance::Envelope envelope;
  nlohmann::json leakage;                       // study/forecast.h
  nlohmann::json privacy = {};                  // study/privacy.h; null: no noise
  std::vector<std::string> computes = {};       // one sentence per analysis
  std::vector<CheckedApproval> approvals = {};  // that count
  std::optional<governance::ProvedResult> proved = {};

  const study::Study& study() const { return envelope.study; }
};

// A signed study (envelope.h), or a result.json with its proof. Whether the study has expired by now plays no part.
// Fails with
//   envelope.*, study.*, signature.*   it is not signed, was altered, or not signed for this consortium by its analyst
//   result.*                           the result is not what the nodes have signed
SignedStudy read_signed_study(const std::filesystem::path& file, const governance::ConsortiumHistory& history,
                              const governance::SignatureCheck& check);

// Takes over the approvals in a node's decisions.json that count under the version in force. Fails with decision.*,
// signature.*, evidence.bad_decisions.
void add_approvals(SignedStudy& study, const std::filesystem::path& file, const governance::Consortium& consortium,
                   const governance::SignatureCheck& check);

}  // namespace cohortium::evidence
