#include "node/node.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <future>
#include <list>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/file.h"
#include "crypto/hash.h"
#include "data/table.h"
#include "node/members.h"

namespace cohortium::node {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds handshake_patience{10};
constexpr std::chrono::seconds fetch_patience{10};
constexpr std::size_t most_connections = 256;

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

std::uint64_t version_in(const std::string& query) {
  if (!query.starts_with("version=") || query.size() > 28) return 0;
  return std::strtoull(query.c_str() + 8, nullptr, 10);
}

}  // namespace

Node::Node(NodeConfig config)
    : config_(std::move(config)),
      consortium_(governance::read_consortium(config_.consortium)),
      identity_{config_.certificate, config_.key},
      peers_(governance::pinned_peers(consortium_)),
      client_(identity_, peers_),
      store_(config_.state),
      audit_(config_.state / "audit.log"),
      listener_(config_.listen_address, config_.listen_port, identity_, peers_) {
  static_cast<void>(member_named(consortium_, config_.name));
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
  audit("node.started", "", {{"node", config_.name}});
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
  serve_request(stream, [this](const Request& request) { return answer(request); });
}

void Node::allow(bool allowed, const Request& request, const std::string& who) const {
  if (allowed) return;
  throw Failure({.code = "node.not_allowed",
                 .message = request.caller + " may not " + request.method + " " + request.path,
                 .where = config_.name,
                 .rule = "only " + who + " may, by the consortium file",
                 .remedy = "use that person's or node's key"});
}

json Node::answer(const Request& request) {
  const std::vector<std::string> steps = split(request.path);
  if (steps.size() < 2 || steps[0] != "v1") no_such_page(request);
  const std::string action = steps.size() > 3 ? steps[3] : "";
  if (steps[1] == "status" && steps.size() == 2) {
    return {{"name", config_.name}, {"version", COHORTIUM_VERSION}, {"coordinator", consortium_.coordinator}};
  }
  if (steps[1] == "studies" && steps.size() == 2) {
    if (request.method == "POST") return submit(request);
    json all = json::array();
    for (const std::string& hash : store_.hashes()) all.push_back({{"hash", hash}, {"title", store_.find(hash).title}});
    return {{"studies", all}};
  }
  if (steps[1] == "studies" && steps.size() <= 4) return answer_study(request, steps[2], action);
  if (steps[1] == "runs" && steps.size() == 2 && request.method == "POST") return take_part_in_run(request);
  if (steps[1] == "runs" && steps.size() >= 3 && steps.size() <= 4) return answer_run(request, steps[2], action);
  no_such_page(request);
}

json Node::answer_study(const Request& request, const std::string& hash, const std::string& action) {
  check_hash(hash);
  const bool get = request.method == "GET", post = request.method == "POST";
  if (get && action == "file") return {{"study", store_.find(hash).canonical}};
  if (get && action == "approval") {
    allow(request.caller == consortium_.coordinator, request, "the coordinator");
    json answer = {{"site", config_.name}, {"approved", false}};
    if (const auto approval = store_.contains(hash) ? store_.approval(hash) : std::nullopt) {
      answer.update({{"approved", true}, {"by", approval->by}, {"time", approval->time}});
    }
    return answer;
  }
  if (post && action == "approve") return approve(request, hash);
  if (!coordinator_) {
    throw Failure({.code = "node.not_the_coordinator",
                   .message = config_.name + " is not the coordinator",
                   .where = config_.name,
                   .remedy = "ask " + consortium_.coordinator});
  }
  if (get && action.empty()) return coordinator_->status(hash, version_in(request.query));
  if (get && action == "result") {
    static_cast<void>(store_.find(hash));
    if (const auto text = store_.result(hash)) return json::parse(*text);
    throw Failure({.code = "node.no_result",
                   .message = "this study has no result yet",
                   .where = hash,
                   .remedy = "see `cohortium study status " + hash + "`"});
  }
  if (post && action == "run") {
    allow(is_analyst(consortium_, request.caller), request, "an analyst");
    return coordinator_->start(hash, request.caller);
  }
  no_such_page(request);
}

json Node::answer_run(const Request& request, const std::string& run, const std::string& action) {
  allow(request.caller == consortium_.coordinator, request, "the coordinator");
  if (request.method == "POST" && action == "abort") {
    const Error reason = error_from_json(json::parse(request.body));
    spdlog::warn("run {} is given up: {}", run, reason.text());
    rendezvous_.cancel(run, reason);
    return json::object();
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

void Node::check_release_floor(const study::Study& study) const {
  if (study.release.minimum_cell < static_cast<std::uint64_t>(consortium_.minimum_cell)) {
    throw Failure({.code = "node.below_release_floor",
                   .message = "the study's minimum cell size is " + std::to_string(study.release.minimum_cell),
                   .where = "/release/minimum_cell",
                   .rule = "minimum cell size " + std::to_string(consortium_.minimum_cell) + " of the consortium",
                   .remedy = "raise it to the consortium's minimum"});
  }
  if (study.release.curve == mpc::CurveRule::kExact && !consortium_.exact_curves) {
    throw Failure({.code = "node.below_release_floor",
                   .message = "the study asks for exact curves",
                   .where = "/release/curve",
                   .rule = "exact_curves = false of the consortium",
                   .remedy = "use \"merged\""});
  }
}

json Node::submit(const Request& request) {
  allow(is_analyst(consortium_, request.caller), request, "an analyst");
  if (!coordinator_) {
    throw Failure({.code = "node.not_the_coordinator",
                   .message = config_.name + " is not the coordinator",
                   .where = config_.name,
                   .remedy = "submit to " + consortium_.coordinator});
  }
  const study::Study study = study::parse_study(request.body, "study");
  static_cast<void>(study::Plan(study));
  check_release_floor(study);
  for (std::size_t i = 0; i < study.sites.size(); ++i) {
    const bool known = std::any_of(consortium_.members.begin(), consortium_.members.end(),
                                   [&](const auto& member) { return member.name == study.sites[i] && member.site; });
    if (!known) {
      throw Failure({.code = "node.unknown_site",
                     .message = "\"" + study.sites[i] + "\" is not a site of this consortium",
                     .where = "/sites/" + std::to_string(i),
                     .remedy = "name sites as in the consortium file"});
    }
  }
  if (store_.contains(study.hash)) {
    throw Failure({.code = "node.already_submitted",
                   .message = "this very study has been submitted before",
                   .where = study.hash,
                   .remedy = "use its hash; to compute something else, change the study"});
  }
  store_.save(study);
  audit("study.submitted", study.hash, {{"analyst", request.caller}});
  return {{"hash", study.hash}, {"title", study.title}};
}

study::Study Node::study_named(const std::string& hash) {
  if (!store_.contains(hash) && !is_coordinator()) {
    const json answer = client_.call(member_named(consortium_, consortium_.coordinator), "GET",
                                     "/v1/studies/" + hash + "/file", "", fetch_patience);
    const study::Study study = study::parse_study(answer.at("study").get<std::string>(), "study");
    if (study.hash != hash) {
      throw Failure({.code = "node.altered_study",
                     .message = "the coordinator sent another study than the one asked for",
                     .where = hash,
                     .remedy = "do not approve; ask the coordinator's operator"});
    }
    store_.save(study);
  }
  return store_.find(hash);
}

json Node::approve(const Request& request, const std::string& hash) {
  allow(is_operator_of(consortium_, request.caller, config_.name), request, "an operator of " + config_.name);
  const study::Study study = study_named(hash);
  check_release_floor(study);
  const study::Approval approval{.site = config_.name, .by = request.caller, .time = timestamp()};
  audit("study.approved", hash, {{"by", request.caller}});
  store_.approve(hash, approval);
  return {
      {"hash", hash}, {"title", study.title}, {"site", approval.site}, {"by", approval.by}, {"time", approval.time}};
}

json Node::take_part_in_run(const Request& request) {
  allow(request.caller == consortium_.coordinator, request, "the coordinator");
  const json body = json::parse(request.body);
  const std::string run = body.at("run"), hash = body.at("study");
  check_hash(run + run);  // 32 hexadecimal digits
  const study::Study study = study_named(hash);
  check_release_floor(study);
  const bool is_site = std::find(study.sites.begin(), study.sites.end(), config_.name) != study.sites.end();
  if (is_site && !store_.approval(hash)) {
    throw Failure({.code = "node.not_approved",
                   .message = config_.name + " has not approved this study",
                   .where = config_.name,
                   .rule = "every site's operator approves before data is touched",
                   .remedy = "ask its operator to run `cohortium study approve " + hash + "`"});
  }
  const auto active = std::make_shared<ActiveRun>();
  {
    std::lock_guard lock(mutex_);
    if (!active_.emplace(run, active).second) {
      throw Failure({.code = "node.running", .message = "this run has been started before", .where = run});
    }
  }
  audit("run.joined", hash, {{"run", run}});
  const study::Plan plan(study);
  const RunSettings settings{run, config_, consortium_, identity_, peers_, plan};
  Result<json> result = attempt([&] { return run_and_watch(request, settings, *active); });
  // A connection that broke because the run was cancelled says less than the reason for that.
  if (const auto reason = rendezvous_.forget(run); reason && !result.ok() && result.error().code.starts_with("net."))
    result = *reason;
  {
    std::lock_guard lock(mutex_);
    active_.erase(run);
  }
  if (result.ok()) {
    json detail = {{"run", run}};
    if (result.value().contains("released"))
      detail["released_sha256"] = crypto::sha256_hex(result.value()["released"].dump());
    audit("run.completed", hash, detail);
    return result.value();
  }
  // The full error stays here; what leaves holds no value and no line of a record.
  spdlog::error("run {}: {}", run, result.error().text());
  write_file(config_.state / "last_error.json", json{{"run", run}, {"error", to_json(result.error())}}.dump(),
             FileAccess::kOwnerOnly);
  audit("run.failed", hash, {{"run", run}, {"code", result.error().code}});
  Error outward = data::without_values(result.error());
  if (outward.code.starts_with("data."))
    outward.where = config_.name + (outward.where.empty() ? "" : ": " + outward.where);
  throw Failure(outward);
}

json Node::run_and_watch(const Request& request, const RunSettings& settings, ActiveRun& active) {
  std::future<json> part =
      std::async(std::launch::async, [&] { return take_part(settings, rendezvous_, active.progress); });
  while (part.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready) {
    if (!request.caller_is_gone()) continue;
    rendezvous_.cancel(settings.run, {.code = "net.peer_closed",
                                      .message = "the coordinator " + consortium_.coordinator + " has gone",
                                      .where = consortium_.coordinator,
                                      .remedy = "run the study again when it is back"});
    break;
  }
  return part.get();
}

}  // namespace cohortium::node
