#include "evidence/checked_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace cohortium::evidence {
namespace {

using nlohmann::json;

// Keys, requests and places are left out: evidence needs who, what and whether.
constexpr const char* repeated[] = {"analyst",         "by",           "code", "entries", "node", "run",
                                    "released_sha256", "result_sha256"};

LogEntry parse(const std::string& line, std::uint64_t number) {
  const json entry = json::parse(line, nullptr, false);
  LogEntry parsed{.number = number, .event = "unreadable", .study = {}, .time = {}, .detail = {}};
  if (!entry.is_object()) return parsed;
  const auto text = [](const json& object, const char* name) {
    const json value = object.value(name, json());
    return value.is_string() ? value.get<std::string>() : value.is_number() ? value.dump() : std::string();
  };
  parsed.event = text(entry, "event");
  parsed.study = text(entry, "study");
  parsed.time = text(entry, "time");
  const json detail = entry.value("detail", json::object());
  for (const char* name : repeated)
    if (detail.is_object() && detail.contains(name)) parsed.detail[name] = text(detail, name);
  return parsed;
}

// What is used is what was checked: the entries are rooted once more as they are read.
std::vector<LogEntry> read_entries(const governance::CheckedLog& log) {
  const std::filesystem::path path = governance::audit_paths(log.folder).entries;
  std::ifstream in(path, std::ios::binary);
  governance::MerkleFrontier tree;
  std::vector<LogEntry> entries;
  for (std::string line; tree.size() < log.head.size && std::getline(in, line);) {
    tree.add(governance::leaf_hash(line));
    entries.push_back(parse(line, tree.size()));
  }
  if (tree.size() == log.head.size && tree.root() == log.head.root) return entries;
  throw Failure({.code = "audit.tampered",
                 .message = "the log was changed while it was read",
                 .where = path.string(),
                 .rule = "the audit log is append-only",
                 .remedy = "copy the folder first, then make evidence from the copy"});
}

}  // namespace

std::vector<Log> read_logs(const std::vector<std::filesystem::path>& folders,
                           const std::vector<std::filesystem::path>& heads, const governance::SignatureCheck& check) {
  std::vector<Log> logs;
  for (auto& checked : governance::check_audit_logs(folders, heads, check)) {
    const auto known =
        std::find_if(logs.begin(), logs.end(), [&](const Log& log) { return log.node() == checked.head.node; });
    Log log{.checked = checked, .entries = read_entries(checked)};
    if (known == logs.end()) {
      logs.push_back(std::move(log));
    } else if (known->checked.head.size < checked.head.size) {
      *known = std::move(log);
    }
  }
  std::sort(logs.begin(), logs.end(), [](const Log& a, const Log& b) { return a.node() < b.node(); });
  return logs;
}

}  // namespace cohortium::evidence
