// What the command line asks of nodes, with one person's key.
//
// Every request that changes something bears a key of its own, so that a connection that breaks before the answer is no
// riddle: the request is repeated with the same key for 8 s, and the node does nothing twice.
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "governance/decision.h"
#include "node/http_client.h"

namespace cohortium::cli {

class Client {
 public:
  Client(const governance::Identity& identity, governance::Consortium consortium);

  const governance::Consortium& consortium() const { return consortium_; }

  nlohmann::json status(const std::string& node) const;
  // Signs the study, valid for so many days. Fails with consortium.unknown_key.
  governance::Envelope sign(const study::Study& study, int days) const;
  nlohmann::json submit(const std::string& envelope_text) const;
  // Signs "approve" or "withdraw" for the study as the coordinator has it, checked against its hash and its signature.
  nlohmann::json decide(const std::string& decision, const std::string& node, const std::string& hash) const;
  nlohmann::json run(const std::string& hash) const;
  nlohmann::json study(const std::string& hash, std::uint64_t version = 0) const;
  nlohmann::json studies() const;
  // The study as submitted. Fails with node.altered_study when it has another hash, or as governance::check_envelope.
  governance::Envelope envelope(const std::string& hash) const;
  nlohmann::json result(const std::string& hash) const;
  // Whether the sites agree; waits until they have compared.
  nlohmann::json agreement(const std::string& hash) const;
  // Some entries of a node's audit log, with its head.
  nlohmann::json audit_log(const std::string& node, std::uint64_t from) const;

  // Follows a run to its end by the coordinator's events, telling `progress` where it stands. Throws the run's failure.
  void follow(const std::string& hash, const std::function<void(const nlohmann::json&)>& progress) const;

 private:
  nlohmann::json call(const std::string& node, const std::string& method, const std::string& target,
                      const std::string& body, std::chrono::seconds patience = usual_patience) const;
  static constexpr std::chrono::seconds usual_patience{20};  // a coordinator that waits for news answers within 10 s
  const std::string& name() const;                           // of whoever has this key, by the consortium file

  governance::Identity identity_;
  governance::Consortium consortium_;
  node::HttpClient http_;
};

}  // namespace cohortium::cli
