#include "node/run_driver.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "node/http.h"

namespace cohortium::node {

using nlohmann::json;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::hours run_patience{24};  // a node answers when its part is done
constexpr std::chrono::seconds answer_patience{5};
constexpr std::chrono::milliseconds watch_interval{500};
constexpr std::chrono::seconds grace{3};  // for the others to stop, once one has failed

}  // namespace

RunDriver::RunDriver(Ask ask, const json& order, std::vector<std::string> nodes)
    : ask_(std::move(ask)),
      order_(std::make_unique<const json>(order)),
      run_(order.at("run")),
      nodes_(std::move(nodes)) {}

RunDriver::~RunDriver() = default;

std::vector<json> RunDriver::drive(const Report& report) {
  std::vector<json> answers(nodes_.size());
  std::vector<std::thread> requests;
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    requests.emplace_back([this, i, &answers] { start_node(i, answers[i]); });
  watch(report);
  for (std::thread& request : requests) request.join();
  if (faults_.empty()) return answers;
  throw Failure(std::min_element(faults_.begin(), faults_.end(), [](const Fault& a, const Fault& b) {
                  return a.rank < b.rank;
                })->error);
}

void RunDriver::start_node(std::size_t index, json& answer) {
  const std::string& node = nodes_[index];
  auto given = attempt(
      [&] { return ask_(node, "POST", "/v1/runs", *order_, run_patience, [this] { return should_give_up(); }); });
  if (given.ok()) {
    answer = std::move(given).value();
  } else {
    fail(node, given.error());
  }
  std::lock_guard lock(mutex_);
  ++answered_;
  changed_.notify_all();
}

void RunDriver::watch(const Report& report) {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, watch_interval, [&] { return answered_ == nodes_.size(); })) {
    const bool failing = failed_at_.has_value();
    lock.unlock();
    json progress = json::object();
    for (const std::string& node : nodes_) {
      if (failing) break;
      auto answer = attempt([&] { return ask_(node, "GET", "/v1/runs/" + run_, nullptr, answer_patience, {}); });
      if (answer.ok()) {
        progress[node] = std::move(answer).value();
      } else {
        fail(node, answer.error());
      }
    }
    report(progress);
    lock.lock();
  }
}

void RunDriver::fail(const std::string& node, Error error) {
  if (error.where.empty()) error.where = node;
  if (error.code == "node.gave_up") return;  // because of another fault, which is known
  const Fault fault{error, !error.code.starts_with("net.") ? 0 : error.where.starts_with(node) ? 1 : 2};
  {
    std::lock_guard lock(mutex_);
    const bool is_news =
        std::all_of(faults_.begin(), faults_.end(), [&](const Fault& known) { return fault.rank < known.rank; });
    faults_.push_back(fault);
    if (!failed_at_) failed_at_ = steady_clock::now();
    if (!is_news) return;
  }
  for (const std::string& other : nodes_) {
    if (other == node) continue;
    // Best effort: a node that cannot be told notices by its broken connections.
    static_cast<void>(attempt([&] {
      return ask_(other, "POST", "/v1/runs/" + run_ + "/abort", to_json(error), answer_patience,
                  [this] { return should_give_up(); });
    }));
  }
}

bool RunDriver::should_give_up() {
  std::lock_guard lock(mutex_);
  return failed_at_ && steady_clock::now() - *failed_at_ > grace;
}

}  // namespace cohortium::node
