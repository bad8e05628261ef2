#include "cli/client.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/clock.h"
#include "cli/interrupt.h"
#include "node/admission.h"
#include "node/http.h"
#include "node/members.h"

namespace cohortium::cli {

using nlohmann::json;

namespace {

constexpr std::chrono::hours comparing_patience{1};     // sites look through their tables
constexpr std::chrono::seconds event_patience{15};      // nodes show every 5 s that they are there
constexpr std::chrono::seconds repetition_patience{8};  // of what broke
constexpr std::chrono::milliseconds pause{500};
constexpr std::chrono::seconds longest_wait{120};  // for nodes that were asked too often

bool interrupted_now() { return interrupted().load(); }

[[noreturn]] void fail(const Error& error) {
  if (interrupted()) {
    throw Failure(
        {.code = "cli.interrupted", .message = "interrupted", .remedy = "run the command again; nothing is half done"});
  }
  throw Failure(error);
}

// Does it; where a node was asked too often, again when it says, as long as `longest_wait` in all allows.
template <class Do>
auto wait_when_told(const Do& attempt_it) {
  unsigned waited = 0;
  for (;;) {
    try {
      return attempt_it();
    } catch (const node::AskedTooOften& busy) {
      const unsigned seconds = busy.seconds();
      if (waited + seconds > longest_wait.count()) throw;
      fmt::print(stderr, "{} ({}); trying again in {} s\n", busy.error().message, busy.error().rule, seconds);
      const net::Deadline until = net::after(std::chrono::seconds(seconds));
      while (!interrupted() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(pause / 5);
      if (interrupted()) throw;
      waited += seconds;
    }
  }
}

// Does it again while the connection breaks under it, as long as `until` says.
template <class Do>
auto repeat_while_broken(const net::Deadline& until, const Do& attempt_it) {
  for (;;) {
    auto done = attempt([&] { return wait_when_told(attempt_it); });
    if (done.ok()) return std::move(done).value();
    const bool broken = done.error().code == "net.peer_closed";
    if (!broken || interrupted() || std::chrono::steady_clock::now() >= until) fail(done.error());
    std::this_thread::sleep_for(pause);
  }
}

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
  const std::string key = node::new_idempotency_key();
  return repeat_while_broken(net::after(repetition_patience), [&] {
    return http_.call(node::member_named(consortium_, node), method, target, body, patience, interrupted_now, key);
  });
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
  std::string last_id;
  json status;
  net::Deadline until = net::after(repetition_patience);
  const auto take = [&](const node::ServerEvent& event) {
    last_id = event.id;
    until = net::after(repetition_patience);
    if (event.event != "run.progress") return true;
    status = json::parse(event.data, nullptr, false);
    if (!status.is_object() || status.value("study", "") != hash || !status.contains("state")) return true;
    progress(status);
    return status["state"] == "running";
  };
  repeat_while_broken(until, [&] {
    http_.listen(node::member_named(consortium_, consortium_.coordinator), "/v1/events?study=" + hash, last_id, take,
                 event_patience, interrupted_now);
    return true;
  });
  if (status.at("state") == "failed") throw Failure(node::error_from_json(status.at("error")));
}

}  // namespace cohortium::cli
