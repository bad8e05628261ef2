// A node's signatures under what a run released (governance/result_proof.h): a compute party signs when it has
// computed; then, asked by the coordinator, every node checks that all compute parties have signed the same, writes it
// into its audit log and hands out its statement with the log's proof.
//
//   POST /v1/runs/RUN/release   {"statements": [signed statements of the compute parties]}
//   answer                      {"statement", "signature", "entry", "path", "head"}
#pragma once

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "governance/audit_log.h"
#include "governance/consortium.h"
#include "governance/result_proof.h"

namespace cohortium::node {

class ReleaseDesk {
 public:
  ReleaseDesk(std::string self, const governance::Consortium& consortium, governance::AuditLog& log,
              governance::Signer signer, governance::SignatureCheck check)
      : self_(std::move(self)),
        consortium_(consortium),
        log_(log),
        signer_(std::move(signer)),
        check_(std::move(check)) {}

  // This node has done its part of a run; `answer` is what take_part returned (run.h), and gets "statement" where this
  // node computed. Returns the hash of what was released, empty where it did not compute.
  std::string done(const study::Study& study, const std::string& run, nlohmann::json& answer);
  // Fails with node.unknown_run, or as governance::check_statement.
  nlohmann::json release(const std::string& run, const nlohmann::json& request);

 private:
  struct Part {
    governance::RunFacts facts;  // without the released hash where this node did not compute
    nlohmann::json statement;    // signed; null where it did not
  };

  const std::string self_;
  const governance::Consortium& consortium_;
  governance::AuditLog& log_;
  const governance::Signer signer_;
  const governance::SignatureCheck check_;
  std::mutex mutex_;
  std::map<std::string, Part> parts_;  // by run: done, not released yet
};

}  // namespace cohortium::node
