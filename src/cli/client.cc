#include "cli/client.h"

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "cli/interrupt.h"
#include "node/admission.h"
#include "node/members.h"

namespace cohortium::cli {

using nlohmann::json;

namespace {

constexpr std::chrono::hours comparing_patience{1};  // sites look through their tables

net::PinnedPeers members_of(const governance::Consortium& consortium) {
  net::PinnedPeers peers;
  for (const auto& member : consortium.members) peers[member.name] = member.fingerprint;
  return peers;
}

}  // namespace

Client::Client(const governance::Identity& identity, governance::Consortium consortium)
    : identity_(identity), consortium_(std::move(consortium)), http_(identity.tls, members_of(consortium_)) {}

json Client::call(const std::string& node, const std::string& method, const std::string& target,
                  const std::string& body, std::chrono::seconds patience) const {
  const auto answer = attempt([&] {
    return http_.call(node::member_named(consortium_, node), method, target, body, patience,
                      [] { return interrupted().load(); });
  });
  if (interrupted()) {
    throw Failure(
        {.code = "cli.interrupted", .message = "interrupted", .remedy = "run the command again; nothing is half done"});
  }
  return answer.value();
}

const std::string& Client::name() const {
  for (const auto& person : consortium_.people)
    if (person.fingerprint == identity_.fingerprint) return person.name;
  for (const auto& member : consortium_.members)
    if (member.fingerprint == identity_.fingerprint) return member.name;
  throw Failure({.code = "consortium.unknown_key",
                 .message = "the consortium file does not know this key",
                 .where = identity_.files.certificate.string(),
                 .rule = "whoever acts must stand in the consortium file",
                 .remedy = "use the newest consortium file, or the key whose fingerprint stands there"});
}

governance::Envelope Client::sign(const study::Study& study, int days) const {
  return governance::sign_study(study, identity_, name(), consortium_, timestamp(std::chrono::hours(24) * days));
}

json Client::status(const std::string& node) const { return call(node, "GET", "/v1/status", ""); }
json Client::submit(const std::string& text) const {
  return call(consortium_.coordinator, "POST", "/v1/studies", text);
}
json Client::decide(const std::string& decision, const std::string& node, const std::string& hash) const {
  const governance::Decision made = governance::decide(decision, node, envelope(hash), consortium_, identity_, name());
  return call(node, "POST", "/v1/studies/" + hash + "/decide", governance::to_json(made).dump());
}
json Client::run(const std::string& hash) const {
  return call(consortium_.coordinator, "POST", "/v1/studies/" + hash + "/run", "");
}
json Client::study(const std::string& hash, std::uint64_t version) const {
  return call(consortium_.coordinator, "GET", "/v1/studies/" + hash + "?version=" + std::to_string(version), "");
}
governance::Envelope Client::envelope(const std::string& hash) const {
  const json answer = call(consortium_.coordinator, "GET", "/v1/studies/" + hash + "/file", "");
  governance::Envelope envelope = node::envelope_of(hash, answer.at("envelope"));
  governance::check_envelope(envelope, consortium_);
  return envelope;
}
json Client::studies() const { return call(consortium_.coordinator, "GET", "/v1/studies", ""); }
json Client::audit_log(const std::string& node, std::uint64_t from) const {
  return call(node, "GET", "/v1/audit/log?from=" + std::to_string(from), "");
}
json Client::result(const std::string& hash) const {
  return call(consortium_.coordinator, "GET", "/v1/studies/" + hash + "/result", "");
}
json Client::agreement(const std::string& hash) const {
  return call(consortium_.coordinator, "POST", "/v1/studies/" + hash + "/agreement", "", comparing_patience);
}

void Client::follow(const std::string& hash, const std::function<void(const json&)>& progress) const {
  std::uint64_t version = 1;
  for (;;) {
    const json status = study(hash, version);
    version = status.at("version");
    progress(status);
    const std::string state = status.at("state");
    if (state == "failed") throw Failure(node::error_from_json(status.at("error")));
    if (state == "done") return;
  }
}

}  // namespace cohortium::cli
