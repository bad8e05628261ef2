#include "cli/client.h"

#include <nlohmann/json.hpp>

#include "cli/interrupt.h"
#include "node/members.h"

namespace cohortium::cli {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds patience{20};  // a coordinator that waits for news answers within 10 s

net::PinnedPeers members_of(const governance::Consortium& consortium) {
  net::PinnedPeers peers;
  for (const auto& member : consortium.members) peers[member.name] = member.fingerprint;
  return peers;
}

}  // namespace

Client::Client(const std::filesystem::path& identity, governance::Consortium consortium)
    : consortium_(std::move(consortium)),
      http_({identity.string() + ".crt", identity.string() + ".key"}, members_of(consortium_)) {}

json Client::call(const std::string& node, const std::string& method, const std::string& target,
                  const std::string& body) const {
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

json Client::status(const std::string& node) const { return call(node, "GET", "/v1/status", ""); }
json Client::submit(const std::string& text) const {
  return call(consortium_.coordinator, "POST", "/v1/studies", text);
}
json Client::approve(const std::string& node, const std::string& hash) const {
  return call(node, "POST", "/v1/studies/" + hash + "/approve", "");
}
json Client::run(const std::string& hash) const {
  return call(consortium_.coordinator, "POST", "/v1/studies/" + hash + "/run", "");
}
json Client::study(const std::string& hash, std::uint64_t version) const {
  return call(consortium_.coordinator, "GET", "/v1/studies/" + hash + "?version=" + std::to_string(version), "");
}
std::string Client::file(const std::string& hash) const {
  return call(consortium_.coordinator, "GET", "/v1/studies/" + hash + "/file", "").at("study");
}
json Client::studies() const { return call(consortium_.coordinator, "GET", "/v1/studies", ""); }
json Client::result(const std::string& hash) const {
  return call(consortium_.coordinator, "GET", "/v1/studies/" + hash + "/result", "");
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
