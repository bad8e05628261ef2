#include "node/node.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <list>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "governance/audit_files.h"
#include "governance/audit_keys.h"
#include "node/members.h"

namespace cohortium::node {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds handshake_patience{10};
constexpr std::chrono::seconds fetch_patience{10};
constexpr std::size_t most_connections = 256;
constexpr std::size_t entries_at_once = std::size_t{4} << 20;  // bytes of an audit log that an auditor fetches

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> steps;
  for (std::size_t from = 1; from <= path.size();) {
    const std::size_t to = std::min(path.find('/', from), path.size());
    steps.push_back(path.substr(from, to - from));
    from = to + 1;
  }
  return steps;
}

[[noreturn]] void no_such_page(const Request& request) {
  throw Failure({.code = "node.no_such_page",
                 .message = "there is no " + request.method + " " + request.path.substr(0, 200),
                 .remedy = "see docs/operating.md"});
}

// Of "version=3"; 0 where there is none.
std::uint64_t number_in(const std::string& query, const std::string& name) {
  if (!query.starts_with(name + "=") || query.size() > name.size() + 21) return 0;
  return std::strtoull(query.c_str() + name.size() + 1, nullptr, 10);
}

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
      policy_(config_, consortium_, store_, audit_, signer_),
      witness_(audit_, signer_, check_),
      desk_(config_.name, consortium_, audit_, signer_, check_),
      listener_(config_.listen_address, config_.listen_port, identity_, peers_),
      heads_(config_.name, consortium_, client_, witness_) {
  if (is_coordinator())
    coordinator_ = std::make_unique<Coordinator>(config_.name, consortium_, client_, store_, audit_);
}

Node::~Node() = default;

struct Node::Connection {
  std::thread thread;
  std::atomic<bool> done{false};
};

void Node::serve(const std::atomic<bool>& stop) {
  std::list<Connection> connections;
  log_start();
  spdlog::info("{} listens on port {}", config_.name, port());
  auto reap = [&](bool all) {
    for (auto it = connections.begin(); it != connections.end();) {
      if (!all && !it->done) {
        ++it;
        continue;
      }
      it->thread.join();
      it = connections.erase(it);
    }
  };
  while (!stop) {
    std::unique_ptr<net::TlsStream> stream = listener_.accept(std::chrono::milliseconds(200));
    reap(false);
    if (!stream) continue;
    if (connections.size() >= most_connections) {
      spdlog::warn("too many connections; one from {} is turned away", stream->address());
      continue;
    }
    Connection& connection = connections.emplace_back();
    connection.thread = std::thread([this, &connection, caller = std::move(stream)]() mutable {
      const auto handled = attempt([&] {
        caller->handshake(net::after(handshake_patience));
        if (caller->protocol() == net::channel_protocol) {
          rendezvous_.accept(std::move(caller));
        } else {
          handle(*caller);
        }
        return true;
      });
      if (!handled.ok()) spdlog::warn("{}", handled.error().text());
      connection.done = true;
    });
  }
  spdlog::info("{} stops", config_.name);
  const Error reason{.code = "node.stopped", .message = config_.name + " is being stopped", .where = config_.name};
  {
    std::lock_guard lock(mutex_);
    for (const auto& [run, active] : active_) rendezvous_.cancel(run, reason);
  }
  reap(true);
}

void Node::handle(net::TlsStream& stream) {
  serve_request(stream, [this](const Request& request) {
    Result<json> answered = attempt([&] { return answer(request); });
    // What becomes of a run has entries of its own.
    if (!answered.ok() && request.method == "POST" && !request.path.starts_with("/v1/runs")) {
      audit("request.refused", "",
            {{"by", request.caller}, {"request", request.path.substr(0, 100)}, {"code", answered.error().code}});
    }
    return std::move(answered).value();
  });
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

void Node::allow(bool allowed, const Request& request, const std::string& who) const {
  if (allowed) return;
  throw Failure({.code = "node.not_allowed",
                 .message = request.caller + " may not " + request.method + " " + request.path,
                 .where = config_.name,
                 .rule = "only " + who + " may, by the consortium file",
                 .remedy = "use that person's or node's key"});
}

void Node::allow(governance::Action action, const Request& request, bool at_own_node) const {
  allow(person_may(consortium_, request.caller, action, at_own_node ? config_.name : ""), request,
        governance::who_may(action) + (at_own_node ? " of " + config_.name : ""));
}

json Node::answer(const Request& request) {
  static_cast<void>(consortium_.good_key_of(request.caller));  // it may have expired while this node runs
  const std::vector<std::string> steps = split(request.path);
  if (steps.size() < 2 || steps[0] != "v1") no_such_page(request);
  const std::string action = steps.size() > 3 ? steps[3] : "";
  if (steps[1] == "status" && steps.size() == 2) {
    return {{"name", config_.name},
            {"version", COHORTIUM_VERSION},
            {"coordinator", consortium_.coordinator},
            {"consortium", consortium_.digest},
            {"consortium_version", consortium_.version}};
  }
  if (steps[1] == "studies" && steps.size() == 2) {
    if (request.method == "POST") return submit(request);
    json all = json::array();
    for (const std::string& hash : store_.hashes())
      all.push_back({{"hash", hash}, {"title", store_.find(hash).study.title}});
    return {{"studies", all}};
  }
  if (steps[1] == "studies" && steps.size() <= 4) return answer_study(request, steps[2], action);
  if (steps[1] == "audit" && steps.size() == 3 && request.method == "GET") return answer_audit(request, steps[2]);
  if (steps[1] == "runs" && steps.size() == 2 && request.method == "POST") return take_part_in_run(request);
  if (steps[1] == "runs" && steps.size() >= 3 && steps.size() <= 4) return answer_run(request, steps[2], action);
  no_such_page(request);
}

json Node::answer_study(const Request& request, const std::string& hash, const std::string& action) {
  check_hash(hash);
  const bool get = request.method == "GET", post = request.method == "POST";
  if (get && action == "approval") {
    allow(request.caller == consortium_.coordinator, request, "the coordinator");
    return approval_of(hash);
  }
  if (post && action == "decide") return decide(request, hash);
  if (get && action != "result" && consortium_.find_member(request.caller) == nullptr)
    allow(governance::Action::kSeeStudies, request);
  if (get && action == "file") return {{"envelope", governance::envelope_text(store_.find(hash))}};
  if (!coordinator_) {
    throw Failure({.code = "node.not_the_coordinator",
                   .message = config_.name + " is not the coordinator",
                   .where = config_.name,
                   .remedy = "ask " + consortium_.coordinator});
  }
  if (get && action.empty()) return coordinator_->status(hash, number_in(request.query, "version"));
  if (get && action == "result") {
    allow(governance::Action::kFetchResult, request);
    static_cast<void>(store_.find(hash));
    if (const auto text = store_.result(hash)) return json::parse(*text);
    throw Failure({.code = "node.no_result",
                   .message = "this study has no result yet",
                   .where = hash,
                   .remedy = "see `cohortium study status " + hash + "`"});
  }
  if (post && action == "agreement") {
    allow(governance::Action::kRunStudy, request);
    return coordinator_->agreement(hash, request.caller);
  }
  if (post && action == "run") {
    allow(governance::Action::kRunStudy, request);
    return coordinator_->start(hash, request.caller);
  }
  no_such_page(request);
}

json Node::answer_audit(const Request& request, const std::string& what) {
  if (what == "head" && request.query.starts_with("from=")) return witness_.answer(request.query.substr(5));
  if (what != "log") no_such_page(request);
  allow(governance::Action::kReadAuditLog, request, true);
  const governance::TreeHead head = audit_.head();
  const std::filesystem::path heads = governance::audit_paths(audit_.folder()).heads;
  json answer = {{"head", governance::to_json(head)},
                 {"entries", audit_.entries(number_in(request.query, "from"), entries_at_once)}};
  if (request.query == "from=1" && std::filesystem::exists(heads)) answer["heads"] = read_file(heads);
  return answer;
}

json Node::answer_run(const Request& request, const std::string& run, const std::string& action) {
  allow(request.caller == consortium_.coordinator, request, "the coordinator");
  if (request.method == "POST" && action == "abort") {
    const Error reason = error_from_json(json::parse(request.body));
    spdlog::warn("run {} is given up: {}", run, reason.text());
    rendezvous_.cancel(run, reason);
    return json::object();
  }
  if (request.method == "POST" && action == "release") {
    json released = desk_.release(run, json::parse(request.body));
    heads_.soon();
    return released;
  }
  if (request.method != "GET" || !action.empty()) no_such_page(request);
  std::lock_guard lock(mutex_);
  const auto found = active_.find(run);
  if (found == active_.end()) return {{"phase", "not here"}};
  const Progress& progress = found->second->progress;
  return {{"phase", progress.phase.load()}, {"done", progress.done.load()}, {"total", progress.total.load()}};
}

void Node::audit(const std::string& event, const std::string& study, const json& detail) {
  audit_.append(event, study, detail);
}

json Node::submit(const Request& request) {
  allow(governance::Action::kSubmitStudy, request);
  if (!coordinator_) {
    throw Failure({.code = "node.not_the_coordinator",
                   .message = config_.name + " is not the coordinator",
                   .where = config_.name,
                   .remedy = "submit to " + consortium_.coordinator});
  }
  const governance::Envelope envelope = governance::parse_envelope(request.body);
  const study::Study& study = envelope.study;
  admission_.check_submission(envelope);
  if (admission_.has_good(study.hash)) {
    throw Failure({.code = "node.already_submitted",
                   .message = "this very study has been submitted before",
                   .where = study.hash,
                   .remedy = "use its hash; to compute something else, change the study"});
  }
  audit("study.submitted", study.hash,
        {{"analyst", envelope.analyst}, {"envelope", envelope.digest}, {"expires", envelope.expires}});
  store_.save(envelope);
  return {{"hash", study.hash}, {"title", study.title}};
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

json Node::decide(const Request& request, const std::string& hash) {
  allow(governance::Action::kApproveStudy, request, true);
  const governance::Decision decision = governance::decision_from_json(json::parse(request.body));
  allow(decision.signature.by == request.caller && decision.study == hash && decision.site == config_.name, request,
        "whoever signed a decision on this study for " + config_.name);
  const governance::Envelope envelope = study_named(hash);
  governance::check_decision(decision, envelope, consortium_);
  if (decision.is_approval()) {
    admission_.check_study(envelope);
    policy_.check_approval(envelope, request.caller);
  }
  const std::lock_guard lock(mutex_);
  store_.refuse_repeated(decision);
  audit(decision.is_approval() ? "study.approved" : "study.withdrawn", hash,
        {{"by", request.caller}, {"envelope", envelope.digest}});
  store_.decide(decision);
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
