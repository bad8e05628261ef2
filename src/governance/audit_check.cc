#include "governance/audit_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "governance/witness.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

constexpr std::size_t largest_result = std::size_t{256} << 20;

struct Gathered {
  TreeHead head;
  std::string witness;  // empty: the node's own word
  std::filesystem::path from;
};

void gather(const std::filesystem::path& path, const SignatureCheck& check, std::vector<Gathered>& all) {
  if (std::filesystem::is_directory(path)) {
    const AuditPaths paths = audit_paths(path);
    if (std::filesystem::exists(paths.heads)) gather(paths.heads, check, all);
    return;
  }
  if (path.extension() != ".json") {
    if (!std::filesystem::exists(path)) static_cast<void>(read_file(path));  // says that it is missing
    for (WitnessedHead& each : read_witnessed_heads(path, check))
      all.push_back({std::move(each.head), each.signature.by, path});
    return;
  }
  const json result = json::parse(read_file(path, largest_result), nullptr, false);
  static const json::json_pointer place("/proof/statements");
  if (!result.is_object() || !result.contains(place)) return;
  for (const json& each : result[place])
    if (each.is_object()) all.push_back({tree_head_from_json(each.value("head", json()), check), "", path});
}

// Two heads of one length, of which the node has signed both.
void compare_with_each_other(const std::vector<Gathered>& all) {
  std::map<std::pair<std::string, std::uint64_t>, const Gathered*> first;
  for (const Gathered& each : all) {
    const auto [known, is_new] = first.try_emplace({each.head.node, each.head.size}, &each);
    const Gathered& other = *known->second;
    if (is_new || (other.head.root == each.head.root && other.head.log == each.head.log)) continue;
    throw Failure({.code = "audit.forked",
                   .message = fmt::format("{} has signed two histories of {} entries: one is in {}, another in {}",
                                          each.head.node, each.head.size, other.from.string(), each.from.string()),
                   .where = each.head.node,
                   .rule = "a node has one audit log, which only grows",
                   .remedy = "keep both files as evidence against " + each.head.node +
                             "; do not compute with it until its member has explained"});
  }
}

}  // namespace

std::vector<CheckedLog> check_audit_logs(const std::vector<std::filesystem::path>& folders,
                                         const std::vector<std::filesystem::path>& heads, const SignatureCheck& check) {
  std::vector<Gathered> all;
  for (const auto& path : folders) gather(path, check, all);
  for (const auto& path : heads) gather(path, check, all);
  std::vector<TreeHead> shown;
  for (const Gathered& each : all) shown.push_back(each.head);
  std::vector<CheckedLog> logs;
  for (const auto& folder : folders) {
    const AuditScan scan = scan_audit_log(folder, check, shown);
    CheckedLog log{.folder = folder, .head = scan.head, .unsealed = scan.unsealed.size(), .witnesses = {}};
    std::set<std::string> witnesses;
    for (const Gathered& each : all) {
      if (each.head.node != scan.head.node || each.witness.empty()) continue;
      witnesses.insert(each.witness);
      log.witnessed = std::max(log.witnessed, each.head.size);
    }
    log.witnesses.assign(witnesses.begin(), witnesses.end());
    all.push_back({scan.head, "", folder});
    logs.push_back(std::move(log));
  }
  compare_with_each_other(all);
  return logs;
}

}  // namespace cohortium::governance
