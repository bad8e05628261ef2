#include "node/node.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "governance/audit_keys.h"
#include "node/members.h"

namespace cohortium::node {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds fetch_patience{10};

}  // namespace

Node::Node(NodeConfig config, const governance::Identity& identity)
    : config_(std::move(config)),
      consortium_(accept_consortium(config_, identity.fingerprint)),
      identity_(identity.tls),
      peers_(governance::pinned_peers(consortium_)),
      client_(identity_, peers_),
      store_(config_.state),
      admission_(config_.name, consortium_, store_),
      fingerprint_(identity.fingerprint),
      signer_([key = identity.tls.key, name = config_.name](std::string_view domain, const json& value) {
        return governance::sign(key, name, domain, value);
      }),
      check_(governance::signature_check(config_.consortium)),
      audit_(config_.state / "audit", config_.name, signer_, check_),
      ledger_(config_.state / "privacy.ledger"),
      releases_(config_.state / "released"),
      policy_(config_, consortium_, store_, audit_, signer_),
      witness_(audit_, signer_, check_),
      desk_(config_.name, consortium_, audit_, signer_, check_),
      listener_(config_.listen_address, config_.listen_port, identity_, peers_),
      feed_(audit_,
            [this](const std::string& study, EventFeed::Versions& seen) {
              return coordinator_ ? coordinator_->runs(study, seen) : std::vector<json>();
            }),
      heads_(config_.name, consortium_, client_, witness_),
      api_(
          config_, consortium_, feed_,
          [this](const Route& route, const Request& request) { return act(route, request); },
          [this](const json& detail) { audit("request.refused", "", detail); }),
      connections_(config_.limits, [this](std::unique_ptr<net::TlsStream> stream, bool crowded) {
        serve_connection(std::move(stream), crowded);
      }) {
  if (!is_coordinator()) return;
  coordinator_ =
      std::make_unique<Coordinator>(config_.name, consortium_, client_, store_, audit_, [this] { feed_.changed(); });
}

Node::~Node() = default;

void Node::serve(const std::atomic<bool>& stop) {
  log_start();
  spdlog::info("{} listens on port {}", config_.name, port());
  while (!stop) {
    const auto taken = attempt([&] {
      if (auto stream = listener_.accept(std::chrono::milliseconds(200))) connections_.take(std::move(stream));
      return true;
    });
    if (!taken.ok()) spdlog::error("{}", taken.error().text());
    api_.log_refusals();
  }
  spdlog::info("{} stops", config_.name);
  const Error reason{.code = "node.stopped", .message = config_.name + " is being stopped", .where = config_.name};
  {
    std::lock_guard lock(mutex_);
    for (const auto& [run, active] : active_) rendezvous_.cancel(run, reason);
  }
  feed_.stop();
  connections_.finish();
  api_.log_refusals(true);
}

void Node::serve_connection(std::unique_ptr<net::TlsStream> stream, bool crowded) {
  if (stream->protocol() != net::channel_protocol) {
    api_.serve(*stream, crowded);
  } else if (!crowded) {
    rendezvous_.accept(std::move(stream));
  }
}

// With what has changed since the last start: a key or a consortium file is changed while a node is down.
void Node::log_start() {
  json now = {{"node", config_.name},
              {"key", fingerprint_},
              {"consortium", consortium_.digest},
              {"consortium_version", consortium_.version}};
  now.update(policy_.facts());
  audit("node.started", "", now);
  const json before = json::parse(audit_.last_start(), nullptr, false);
  if (!before.is_object()) return;
  for (const auto& [what, event] :
       {std::pair("key", "key.changed"), {"consortium", "consortium.changed"}, {"policy", "policy.changed"}}) {
    const json from = before["detail"].value(what, json()), to = now.value(what, json());
    if (from != to) audit(event, "", {{"from", from}, {"to", to}});
  }
}

void Node::audit(const std::string& event, const std::string& study, const json& detail) {
  audit_.append(event, study, detail);
  feed_.changed();
}

json Node::submit(const Request& request) {
  const governance::Envelope envelope = governance::parse_envelope(request.body);
  const study::Study& study = envelope.study;
  admission_.check_submission(envelope);
  const json answer = {{"hash", study.hash}, {"title", study.title}};
  if (admission_.has_good(study.hash)) {
    // By this very request, before this node was stopped in its middle.
    if (request.resumed && store_.find(study.hash).digest == envelope.digest) return answer;
    throw Failure({.code = "node.already_submitted",
                   .message = "this very study has been submitted before",
                   .where = study.hash,
                   .remedy = "use its hash; to compute something else, change the study"});
  }
  audit("study.submitted", study.hash,
        {{"analyst", envelope.analyst}, {"envelope", envelope.digest}, {"expires", envelope.expires}});
  store_.save(envelope);
  return answer;
}

governance::Envelope Node::study_named(const std::string& hash) {
  if (!admission_.has_good(hash) && !is_coordinator()) {
    const json answer = client_.call(member_named(consortium_, consortium_.coordinator), "GET",
                                     "/v1/studies/" + hash + "/file", "", fetch_patience);
    const governance::Envelope envelope = envelope_of(hash, answer.at("envelope"));
    governance::check_envelope(envelope, consortium_);
    store_.save(envelope);
  }
  return store_.find(hash);
}

json Node::decide(const Request& request) {
  const std::string& hash = request.study;
  const governance::Decision decision = governance::decision_from_json(parse_json(request.body));
  if (decision.signature.by != request.caller || decision.study != hash || decision.site != config_.name) {
    throw Failure({.code = "node.not_allowed",
                   .message = request.caller + " may not hand in this decision here",
                   .where = config_.name,
                   .rule = "only whoever signed a decision on this study for " + config_.name + " may",
                   .remedy = "use that person's key"});
  }
  const governance::Envelope envelope = study_named(hash);
  governance::check_decision(decision, envelope, consortium_);
  if (decision.is_approval()) {
    admission_.check_study(envelope);
    policy_.check_approval(envelope, request.caller);
  }
  const std::lock_guard lock(mutex_);
  // By this very request, before this node was stopped in its middle.
  const bool is_done = request.resumed && store_.has(decision);
  if (!is_done) {
    store_.refuse_repeated(decision);
    audit(decision.is_approval() ? "study.approved" : "study.withdrawn", hash,
          {{"by", request.caller}, {"envelope", envelope.digest}});
    store_.decide(decision);
  }
  const auto standing = governance::standing_of(config_.name, store_.decisions(hash), envelope, consortium_);
  return {{"hash", hash},
          {"title", envelope.study.title},
          {"site", config_.name},
          {"by", request.caller},
          {"time", decision.time},
          {"given", standing.people},
          {"needed", policy_.needed(envelope)}};
}

json Node::approval_of(const std::string& hash) {
  if (policy_.has_policy() && !store_.contains(hash))
    static_cast<void>(attempt([&] { return study_named(hash), true; }));
  if (!policy_.has_policy() || !admission_.has_good(hash)) return admission_.approvals_of(hash);
  const governance::Envelope envelope = store_.find(hash);
  admission_.check_study(envelope);
  const std::lock_guard lock(mutex_);
  return policy_.approve_alone(envelope, admission_.approvals_of(hash));
}

}  // namespace cohortium::node
