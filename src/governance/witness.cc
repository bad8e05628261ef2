#include "governance/witness.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "governance/audit_files.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

constexpr std::size_t most_sizes = 256;  // in one question: one for each member, and some

Failure forked(const std::string& node, const std::filesystem::path& evidence) {
  return Failure({.code = "audit.forked",
                  .message = node + " has shown two histories of its audit log",
                  .where = node,
                  .rule = "a node has one audit log, which only grows",
                  .remedy = "nothing runs with " + node + " any more; the evidence is in " + evidence.string() +
                            ", docs/audit.md says how to go on"});
}

std::vector<std::uint64_t> sizes_in(const std::string& text) {
  std::vector<std::uint64_t> sizes;
  for (const char *at = text.data(), *end = at + text.size(); at < end;) {
    std::uint64_t size = 0;
    const auto read = std::from_chars(at, end, size);
    if (read.ec != std::errc() || (read.ptr < end && *read.ptr != ',') || sizes.size() == most_sizes) {
      throw Failure({.code = "audit.bad_question",
                     .message = "the question for a head does not list sizes",
                     .remedy = "check that both nodes run the same version"});
    }
    sizes.push_back(size);
    at = read.ptr + 1;
  }
  return sizes;
}

// The part of an answer that belongs to one known head; null where there is none.
json proof_from(const json& answer, std::uint64_t size) {
  const json proofs = answer.value("consistency", json::object());
  return proofs.is_object() ? proofs.value(std::to_string(size), json()) : json();
}

bool follows(const TreeHead& head, const TreeHead& known, const json& proof) {
  if (head.log != known.log || head.size < known.size) return false;
  const auto hashes = attempt([&] { return digests_from_json(proof); });
  return hashes.ok() && proves_consistency(hashes.value(), known.size, known.root, head.size, head.root);
}

bool same_state(const TreeHead& a, const TreeHead& b) { return a.log == b.log && a.size == b.size && a.root == b.root; }

void append_line(const std::filesystem::path& path, const std::string& line) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const bool good = file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                    ::fdatasync(file) == 0;
  if (file >= 0) ::close(file);
  if (good) return;
  throw Failure({.code = "audit.unwritable",
                 .message = "what other nodes' logs say cannot be kept",
                 .where = path.string(),
                 .remedy = "check permissions and free space"});
}

}  // namespace

std::vector<WitnessedHead> read_witnessed_heads(const std::filesystem::path& path, const SignatureCheck& check) {
  std::vector<WitnessedHead> heads;
  std::ifstream in(path, std::ios::binary);
  for (std::string line; std::getline(in, line) && !in.eof();) {
    auto head = attempt([&] { return witnessed_head_from_json(json::parse(line, nullptr, false), check); });
    if (head.ok()) {
      heads.push_back(std::move(head).value());
      continue;
    }
    Error error = head.error();
    error.where = fmt::format("{}:{}", path.string(), heads.size() + 1);
    throw Failure(error);
  }
  return heads;
}

Witness::Witness(AuditLog& log, Signer signer, SignatureCheck check)
    : log_(log), signer_(std::move(signer)), check_(std::move(check)), self_(log.head().node) {
  const AuditPaths paths = audit_paths(log.folder());
  // A line that a crash has left unfinished would spoil the next one.
  if (std::filesystem::exists(paths.heads)) {
    const std::string text = read_file(paths.heads, std::size_t{1} << 40);
    const std::size_t whole = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
    if (whole < text.size()) std::filesystem::resize_file(paths.heads, whole);
  }
  for (const WitnessedHead& each : read_witnessed_heads(paths.heads, check_)) {
    if (each.signature.by == self_) {
      remember(each.head);
      if (!seen_.contains(each.head.node) || seen_[each.head.node].head.size < each.head.size)
        seen_[each.head.node] = each;
    }
    if (each.head.node == self_) cosigned_[each.signature.by] = std::max(cosigned_[each.signature.by], each.head.size);
  }
  if (!std::filesystem::exists(paths.forks)) return;
  for (const auto& file : std::filesystem::directory_iterator(paths.forks)) forked_.insert(file.path().stem().string());
}

std::string Witness::Question::target() const {
  std::string target = "/v1/audit/head?from=";
  for (const TreeHead& head : known) target += (&head == known.data() ? "" : ",") + std::to_string(head.size);
  return target;
}

Witness::Question Witness::question(const std::string& node) const {
  const std::lock_guard lock(mutex_);
  Question question{.node = node, .known = {}};
  if (const auto seen = seen_.find(node); seen != seen_.end()) question.known.push_back(seen->second.head);
  if (const auto asserted = asserted_.find(node); asserted != asserted_.end())
    for (const auto& [witness, head] : asserted->second) question.known.push_back(head);
  return question;
}

std::vector<std::string> Witness::in_question() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> nodes;
  for (const auto& [node, heads] : asserted_)
    if (!heads.empty() && !forked_.contains(node)) nodes.push_back(node);
  return nodes;
}

void Witness::take(const Question& question, const json& answer) {
  const std::string& node = question.node;
  if (!answer.is_object())
    throw Failure({.code = "audit.bad_head", .message = "the answer is no object", .where = node});
  const TreeHead head = tree_head_from_json(answer.value("head", json()), check_);
  if (head.node != node)
    throw Failure({.code = "audit.bad_head", .message = node + " shows a head of " + head.node, .where = node});
  const std::lock_guard lock(mutex_);
  for (const TreeHead& known : question.known) {
    const json proof = proof_from(answer, known.size);
    if (!follows(head, known, proof)) fork(known, head, proof);
    remember(known);
    std::erase_if(asserted_[node], [&](const auto& each) { return each.second == known; });
  }
  // Another thread may have asked meanwhile.
  const bool is_news = !seen_.contains(node) || seen_[node].head.size < head.size;
  if (is_news && head.size > 0) {
    seen_[node] = witness(head, signer_);
    keep(seen_[node]);
    remember(head);
  }
  take_witnessed(node, answer.value("witnessed", json::array()));
}

void Witness::take_witnessed(const std::string& witness, const json& list) {
  if (!list.is_array() || list.size() > most_sizes) return;
  for (const json& each : list) {
    const auto checked = attempt([&] { return witnessed_head_from_json(each, check_); });
    if (!checked.ok()) continue;  // of who is no member any more; nobody can be blamed for it
    const WitnessedHead& shown = checked.value();
    const TreeHead& head = shown.head;
    if (shown.signature.by != witness || head.node == witness) continue;
    if (head.node == self_) {
      const TreeHead own = log_.head();
      if (head.log != own.log || head.size > own.size || log_.root_at(head.size) != head.root) fork(head, own, nullptr);
      if (head.size > cosigned_[witness]) {
        keep(shown);
        cosigned_[witness] = head.size;
      }
      continue;
    }
    const auto& proved = proved_[head.node];
    const auto known = proved.find(head.size);
    if (known == proved.end()) {
      asserted_[head.node][witness] = head;
    } else if (!same_state(known->second, head)) {
      fork(known->second, head, nullptr);
    }
  }
}

void Witness::remember(const TreeHead& proved) {
  std::map<std::uint64_t, TreeHead>& heads = proved_[proved.node];
  heads[proved.size] = proved;
  if (heads.size() > most_sizes) heads.erase(heads.begin());
}

void Witness::keep(const WitnessedHead& head) {
  append_line(audit_paths(log_.folder()).heads, to_json(head).dump() + "\n");
}

void Witness::fork(const TreeHead& seen, const TreeHead& shown, const json& proof) {
  const std::filesystem::path folder = audit_paths(log_.folder()).forks;
  const std::filesystem::path evidence = folder / (seen.node + ".json");
  std::error_code reported_by_write;
  std::filesystem::create_directories(folder, reported_by_write);
  if (forked_.insert(seen.node).second) {
    const json record = {{"found", timestamp()},
                         {"node", seen.node},
                         {"proof", proof},
                         {"seen", to_json(seen)},
                         {"shown", to_json(shown)}};
    const std::string text = record.dump(2) + "\n";
    write_file(evidence, text, FileAccess::kOwnerOnly);
    log_.append("audit.fork_detected", "", {{"node", seen.node}, {"evidence_sha256", crypto::sha256_hex(text)}});
  }
  throw forked(seen.node, evidence);
}

json Witness::answer(const std::string& from) const {
  const TreeHead head = log_.head();
  json consistency = json::object(), witnessed = json::array();
  for (const std::uint64_t size : sizes_in(from)) {
    if (size <= head.size) consistency[std::to_string(size)] = to_json(log_.consistency(size, head.size));
  }
  const std::lock_guard lock(mutex_);
  for (const auto& [node, seen] : seen_) witnessed.push_back(to_json(seen));
  return {{"consistency", consistency}, {"head", to_json(head)}, {"witnessed", witnessed}};
}

void Witness::require_one_history(const std::vector<std::string>& nodes) const {
  const std::lock_guard lock(mutex_);
  const std::filesystem::path folder = audit_paths(log_.folder()).forks;
  if (forked_.contains(self_)) throw forked(self_, folder / (self_ + ".json"));
  for (const std::string& node : nodes)
    if (forked_.contains(node)) throw forked(node, folder / (node + ".json"));
}

}  // namespace cohortium::governance
