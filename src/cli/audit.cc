// `cohortium audit …` and `cohortium result verify`: what an auditor does, offline, with the consortium file alone.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/passphrase.h"
#include "governance/audit_check.h"
#include "governance/audit_keys.h"
#include "governance/consortium_history.h"
#include "governance/result_proof.h"

namespace cohortium::cli {
namespace {

using nlohmann::json;

constexpr std::size_t largest_result = std::size_t{256} << 20;

void print(const Output& output, const json& machine, const std::string& people) {
  std::fputs(output.json ? (machine.dump(2) + "\n").c_str() : people.c_str(), stdout);
}

std::string log_text(const governance::CheckedLog& log) {
  std::string text = fmt::format("{}  {} entries, unaltered and complete\n  root       {}\n  signed     {}\n",
                                 log.head.node, log.head.size, to_hex(log.head.root), log.head.time);
  text += log.witnesses.empty()
              ? "  witnesses  none in these files: whoever holds the node's key could have written all of it anew\n"
              : fmt::format("  witnesses  {} (up to entry {})\n", fmt::join(log.witnesses, ", "), log.witnessed);
  if (log.unsealed > 0)
    text += fmt::format("  behind it  {} lines that no head seals: a write under way, a crash, or added by someone\n",
                        log.unsealed);
  return text;
}

}  // namespace

void verify_audit_logs(const AuditOptions& options, const Output& output) {
  const auto check = governance::signature_check(options.consortium);
  json machine = json::array();
  std::string text;
  for (const auto& log : governance::check_audit_logs(options.folders, options.heads, check)) {
    machine.push_back({{"node", log.head.node},
                       {"folder", log.folder.string()},
                       {"entries", log.head.size},
                       {"root", to_hex(log.head.root)},
                       {"time", log.head.time},
                       {"witnesses", log.witnesses},
                       {"witnessed_entries", log.witnessed},
                       {"unsealed_lines", log.unsealed}});
    text += log_text(log);
  }
  print(output, {{"logs", machine}}, text);
}

void fetch_audit_log(const Caller& caller, const std::string& node, const std::filesystem::path& out,
                     const Output& output) {
  if (std::filesystem::exists(out)) {
    throw Failure({.code = "cli.folder_exists",
                   .message = "a log is not copied over what is there",
                   .where = out.string(),
                   .remedy = "name a folder that does not exist"});
  }
  const Client client(open_identity(caller.identity, caller.credential),
                      governance::read_consortium(caller.consortium));
  const auto check = governance::signature_check(caller.consortium);
  std::string entries, heads;
  std::uint64_t count = 0;
  governance::TreeHead head;
  do {
    const json part = client.audit_log(node, count + 1);
    if (count == 0) {
      head = governance::tree_head_from_json(part.at("head"), check);
      heads = part.value("heads", "");
    }
    if (part.at("entries").empty()) {
      throw Failure({.code = "audit.no_entry",
                     .message = node + " does not hand out all entries that it has signed",
                     .where = node,
                     .remedy = "try again; if it stays so, tell the other members"});
    }
    for (const json& line : part.at("entries")) {
      if (count == head.size) break;
      entries += line.get<std::string>() + "\n";
      ++count;
    }
  } while (count < head.size);
  std::filesystem::create_directories(out);
  const governance::AuditPaths paths = governance::audit_paths(out);
  write_file(paths.entries, entries);
  write_file(paths.head, governance::head_slot(head));
  write_file(paths.hashes, governance::hashes_of(entries, count));
  write_file(paths.heads, heads);
  verify_audit_logs({.consortium = caller.consortium, .result = {}, .folders = {out}, .heads = {}, .study = {}},
                    output);
}

void show_audit_log(const AuditOptions& options, const Output& output) {
  std::ifstream in(governance::audit_paths(options.folders.at(0)).entries, std::ios::binary);
  if (!in) static_cast<void>(read_file(governance::audit_paths(options.folders.at(0)).entries));  // says why
  for (std::string line; std::getline(in, line) && !in.eof();) {
    const json entry = json::parse(line, nullptr, false);
    const auto value = [&](const char* name) { return entry.is_object() ? entry.value(name, json()) : json(); };
    if (!options.study.empty() && value("study") != options.study) continue;
    if (output.json || !value("event").is_string() || !value("time").is_string() || !value("study").is_string()) {
      std::printf("%s\n", line.c_str());
      continue;
    }
    const std::string people = fmt::format("{:>6}  {}  {:<20} {:<10} {}\n", value("entry").dump(),
                                           value("time").get<std::string>(), value("event").get<std::string>(),
                                           value("study").get<std::string>().substr(0, 10), value("detail").dump());
    std::fputs(people.c_str(), stdout);
  }
}

void prove_audit_entry(const AuditOptions& options, const Output&) {
  const auto check = governance::signature_check(options.consortium);
  const governance::AuditPaths paths = governance::audit_paths(options.folders.at(0));
  const governance::AuditScan scan = governance::scan_audit_log(options.folders.at(0), check);
  const std::string line = options.entry <= scan.head.size
                               ? governance::entry_text(paths.entries, options.entry, scan.sealed_bytes)
                               : governance::entry_text(paths.entries, 0, 0);  // there is none
  governance::HashFile hashes(paths.hashes);
  const auto stored = [&](std::uint64_t position) {
    if (const auto hash = hashes.at(position); hash && scan.hashes_fit) return *hash;
    throw Failure({.code = "audit.no_hashes",
                   .message = "the log's stored hashes are missing or altered; the entries are whole",
                   .where = paths.hashes.string(),
                   .remedy = "start the node: it makes them anew"});
  };
  const json proof = {
      {"entry", line},
      {"path", governance::to_json(governance::inclusion_proof(options.entry - 1, scan.head.size, stored))},
      {"head", governance::to_json(scan.head)}};
  std::printf("%s\n", proof.dump(2).c_str());
}

void verify_result(const AuditOptions& options, const Output& output) {
  const json result = json::parse(read_file(options.result, largest_result), nullptr, false);
  const auto check = governance::signature_check(options.consortium);
  if (governance::consortium_digest_of(result).empty())
    static_cast<void>(governance::prove_result(result, {}, check));  // says what is missing
  const governance::ProvedResult proved = governance::prove_result(
      result, governance::consortium_version(options.consortium, governance::consortium_digest_of(result)), check);
  if (!options.folders.empty())
    static_cast<void>(governance::check_audit_logs(options.folders, {options.result}, check));
  std::vector<std::string> nodes;
  for (const auto& head : proved.heads) nodes.push_back(head.node);
  print(
      output,
      {{"study", proved.facts.study},
       {"consortium", proved.facts.consortium},
       {"run", proved.facts.run},
       {"protocol", proved.facts.protocol},
       {"compute_parties", proved.facts.compute_parties},
       {"sites", proved.facts.sites},
       {"analyst", proved.analyst},
       {"signed_by", nodes},
       {"logs_compared", options.folders.size()}},
      fmt::format("The result is what was released, and all of it.\n"
                  "  study            {}\n  asked for by     {}\n  consortium file  {}\n  run              {}\n  "
                  "protocol         {}\n"
                  "  compute parties  {}\n  sites            {}\n  signed by        {}, each in its audit log{}\n"
                  "  not signed       when the run began and ended\n",
                  proved.facts.study, proved.analyst, proved.facts.consortium, proved.facts.run, proved.facts.protocol,
                  fmt::join(proved.facts.compute_parties, ", "), fmt::join(proved.facts.sites, ", "),
                  fmt::join(nodes, ", "), options.folders.empty() ? "" : "; the logs at hand agree"));
}

}  // namespace cohortium::cli
