#include "evidence/inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "governance/audit_keys.h"

namespace cohortium::evidence {
namespace {

using nlohmann::json;

std::vector<SignedStudy> read_studies(const Files& files, const governance::ConsortiumHistory& history,
                                      const governance::SignatureCheck& check) {
  std::map<std::string, SignedStudy> by_hash;
  for (const auto& file : files.studies) {
    SignedStudy study = read_signed_study(file, history, check);
    const auto [known, is_new] = by_hash.try_emplace(study.study().hash, study);
    if (!is_new && study.proved) known->second = std::move(study);
  }
  std::vector<SignedStudy> studies;
  for (auto& [hash, study] : by_hash) {
    for (const auto& file : files.decisions) add_approvals(study, file, history.last(), check);
    studies.push_back(std::move(study));
  }
  return studies;
}

json versions_of(const governance::ConsortiumHistory& history) {
  json versions = json::array();
  for (std::size_t i = 0; i < history.versions().size(); ++i) {
    std::vector<std::string> signers;
    for (const auto& signature : history.versions()[i].signatures) signers.push_back(signature.by);
    std::sort(signers.begin(), signers.end());
    signers.erase(std::unique(signers.begin(), signers.end()), signers.end());
    const governance::Consortium& version = history.version(static_cast<int>(i) + 1);
    versions.push_back({{"version", version.version}, {"sha256", version.digest}, {"signed_by", signers}});
  }
  return versions;
}

}  // namespace

Inputs read_inputs(const Files& files, std::optional<SiteConfiguration> configuration) {
  auto history = governance::ConsortiumHistory::read(files.consortium);
  static_cast<void>(history.in_force());
  const auto check = governance::signature_check(files.consortium);
  // Results hold heads of the logs, too.
  std::vector<std::filesystem::path> heads = files.heads;
  for (const auto& file : files.studies)
    if (file.extension() == ".json") heads.push_back(file);
  Inputs inputs{.consortium_file = files.consortium.filename().string(),
                .history = std::move(history),
                .logs = {},
                .studies = {},
                .own = OwnStatements::read(files.facts),
                .configuration = std::move(configuration)};
  inputs.studies = read_studies(files, inputs.history, check);
  inputs.logs = read_logs(files.logs, heads, check);
  return inputs;
}

std::vector<Input> Inputs::listed() const {
  std::vector<Input> all;
  all.push_back({.what = "consortium file",
                 .file = consortium_file,
                 .checked = fmt::format("every version up to {} is signed by as many members as the one before asks",
                                        consortium().version),
                 .value = {{"name", consortium().name}, {"versions", versions_of(history)}}});
  for (const Log& log : logs) {
    const governance::CheckedLog& checked = log.checked;
    all.push_back({.what = "audit log",
                   .file = "audit log of " + log.node(),
                   .checked = checked.witnesses.empty()
                                  ? "unaltered and complete by its node's own signature; no witness in these files"
                                  : fmt::format("unaltered and complete; witnessed by {} up to entry {}",
                                                fmt::join(checked.witnesses, ", "), checked.witnessed),
                   .value = {{"node", log.node()},
                             {"entries", checked.head.size},
                             {"root", to_hex(checked.head.root)},
                             {"signed", checked.head.time},
                             {"witnesses", checked.witnesses},
                             {"witnessed_entries", checked.witnessed},
                             {"unsealed_lines", checked.unsealed}}});
  }
  for (const SignedStudy& study : studies) {
    all.push_back({.what = study.proved ? "result with its signed study" : "signed study",
                   .file = study.file,
                   .checked = study.proved
                                  ? "signed by its analyst, its approvers and all nodes of its run, each in its "
                                    "audit log"
                                  : "signed by its analyst",
                   .value = {{"study", study.study().hash}, {"analyst", study.envelope.analyst}}});
  }
  if (configuration) {
    all.push_back({.what = "configuration of the node",
                   .file = configuration->file,
                   .checked = "read as the node reads it; nobody signs it",
                   .value = {{"node", configuration->node}}});
  }
  all.insert(all.end(), own.inputs().begin(), own.inputs().end());
  return all;
}

}  // namespace cohortium::evidence
