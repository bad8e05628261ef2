// What a node knows of the other nodes' logs, and they of its: nodes show each other their heads (tree_head.h), at the
// start and the end of every run and now and then between.
//
//   question   GET /v1/audit/head?from=3,7
//   answer     {"consistency": {"3": […], "7": […]}, "head": {…}, "witnessed": [{"head": {…}, …}, …]}
//
// The asker says up to where it knows the log; the answer proves that the log begins with just that. Then the asker
// signs the head as its witness, and shows it to whoever asks (`witnessed`, the newest of each log): the log's own node
// keeps it as a cosignature, and the others ask the log's node to prove that head, too. Thus a node that shows two
// peers different histories is found out when these two next talk.
//
//   heads.jsonl        one witnessed head per line: those of others that this node has checked and signed, and its own
//                      that others have
//   forks/NAME.json    {"found", "node", "proof", "seen", "shown"}: a head that NAME has signed, another that does not
//                      follow it or that it does not follow, and the proof that does not hold
//
// Guaranteed  a fork of NAME is named once two honest nodes that saw its branches talk; nobody else can be blamed, since
//             both heads bear NAME's signature. It stays named until its members agree on a new name for the node.
// Not         a node that never answers shows nothing: runs with it do not start
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "governance/audit_log.h"

namespace cohortium::governance {

// For any number of threads.
class Witness {
 public:
  // Reads what is known. Fails with audit.bad_head or signature.* when heads.jsonl has been altered.
  Witness(AuditLog& log, Signer signer, SignatureCheck check);

  struct Question {
    std::string node;
    std::vector<TreeHead> known;  // heads of this node that must prove to be of one history
    std::string target() const;   // of the request
  };
  Question question(const std::string& node) const;
  // Fails with audit.forked, naming the node; audit.bad_head or signature.* for an answer that is none.
  void take(const Question& question, const nlohmann::json& answer);
  // Nodes of which others have shown heads that they have not been asked about yet.
  std::vector<std::string> in_question() const;

  // To another node's question. `from` is the text behind "from=". Fails with audit.bad_question.
  nlohmann::json answer(const std::string& from) const;

  // Fails with audit.forked when one of them, or this node itself, has forked.
  void require_one_history(const std::vector<std::string>& nodes) const;

 private:
  void take_witnessed(const std::string& witness, const nlohmann::json& list);
  void remember(const TreeHead& proved);
  void keep(const WitnessedHead& head);
  [[noreturn]] void fork(const TreeHead& seen, const TreeHead& shown, const nlohmann::json& proof);

  AuditLog& log_;
  const Signer signer_;
  const SignatureCheck check_;
  const std::string self_;
  mutable std::mutex mutex_;
  std::map<std::string, WitnessedHead> seen_;                        // by node: the newest that this node has signed
  std::map<std::string, std::uint64_t> cosigned_;                    // by witness: the newest of its own heads
  std::map<std::string, std::map<std::string, TreeHead>> asserted_;  // by node and witness: not proved yet
  std::map<std::string, std::map<std::uint64_t, TreeHead>> proved_;  // by node and size: the last that proved right
  std::set<std::string> forked_;
};

// The witnessed heads in a file of them, signatures checked. An unfinished last line is left out.
std::vector<WitnessedHead> read_witnessed_heads(const std::filesystem::path& path, const SignatureCheck& check);

}  // namespace cohortium::governance
