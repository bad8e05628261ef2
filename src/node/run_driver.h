// Drives one run from the coordinator: one long request to every node, a watcher beside them, and one verdict.
//
// A node that dies is noticed when its connection breaks, a node that hangs when it does not answer the watcher; it is
// named and the others are told to stop. Of several errors the most telling wins: a node's own complaint, then a node
// that this one cannot reach, then what nodes say about connections to each other.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace cohortium::node {

class RunDriver {
 public:
  // Sends a request to a node and returns its answer; gives up when told so. Throws Failure.
  using Ask = std::function<nlohmann::json(const std::string& node, const std::string& method,
                                           const std::string& target, const nlohmann::json& body,
                                           std::chrono::milliseconds patience, const std::function<bool()>& give_up)>;
  using Report = std::function<void(const nlohmann::json& progress_by_node)>;

  // `order` is what every node is sent at the start; its "run" names the run.
  RunDriver(Ask ask, const nlohmann::json& order, std::vector<std::string> nodes);
  ~RunDriver();
  // Every node's answer, in the order of `nodes`. `report` is called about twice a second while the run goes on.
  std::vector<nlohmann::json> drive(const Report& report);

 private:
  void start_node(std::size_t index, nlohmann::json& answer);
  void watch(const Report& report);
  void fail(const std::string& node, Error error);
  struct Fault {
    Error error;
    int rank;  // the most telling first
  };
  bool should_give_up();

  Ask ask_;
  std::unique_ptr<const nlohmann::json> order_;
  std::string run_;
  std::vector<std::string> nodes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Fault> faults_;
  std::optional<std::chrono::steady_clock::time_point> failed_at_;
  std::size_t answered_ = 0;
};

}  // namespace cohortium::node
