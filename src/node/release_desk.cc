#include "node/release_desk.h"

#include <algorithm>

#include "base/error.h"
#include "node/members.h"

namespace cohortium::node {

using nlohmann::json;

namespace {

constexpr std::size_t most_waiting = 64;  // runs that a coordinator has begun and never ended

}  // namespace

std::string ReleaseDesk::done(const study::Study& study, const std::string& run, json& answer) {
  Part part{.facts = {.study = study.hash,
                      .consortium = consortium_.digest,
                      .run = run,
                      .protocol = study.protocol,
                      .compute_parties = compute_party_names(consortium_, study.protocol),
                      .sites = study.sites,
                      .released_sha256 = {}},
            .statement = nullptr};
  if (answer.contains("released")) {
    // As everybody else will read it: what is not a number is written as null.
    answer["released"] = json::parse(answer["released"].dump());
    part.facts.released_sha256 = governance::released_sha256(answer["released"]);
    part.statement = governance::sign_statement(part.facts, self_, answer.at("cost"), signer_);
    answer["statement"] = part.statement;
  }
  const std::string released = part.facts.released_sha256;
  const std::lock_guard lock(mutex_);
  if (parts_.size() >= most_waiting) parts_.erase(parts_.begin());
  parts_[run] = std::move(part);
  return released;
}

json ReleaseDesk::release(const std::string& run, const json& request) {
  Part part;
  {
    const std::lock_guard lock(mutex_);
    const auto found = parts_.find(run);
    if (found == parts_.end()) {
      throw Failure({.code = "node.unknown_run",
                     .message = self_ + " has no part in this run, or has been restarted since",
                     .where = self_,
                     .remedy = "run the study again"});
    }
    part = found->second;
  }
  const json& statements = request.at("statements");
  if (part.statement.is_null()) part.facts.released_sha256 = statements.at(0).at("statement").at("released_sha256");
  for (std::size_t i = 0; i < part.facts.compute_parties.size(); ++i)
    governance::check_statement(statements.at(i), part.facts, part.facts.compute_parties[i], check_);
  json released =
      part.statement.is_null() ? governance::sign_statement(part.facts, self_, nullptr, signer_) : part.statement;
  const std::uint64_t number = log_.append("run.released", part.facts.study,
                                           {{"run", run},
                                            {"released_sha256", part.facts.released_sha256},
                                            {"statement_sha256", governance::statement_sha256(released)}});
  const governance::TreeHead head = log_.head();
  released["entry"] = log_.entry(number);
  released["path"] = governance::to_json(log_.inclusion(number, head.size));
  released["head"] = governance::to_json(head);
  const std::lock_guard lock(mutex_);
  parts_.erase(run);
  return released;
}

}  // namespace cohortium::node
