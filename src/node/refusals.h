// Refused requests in the audit log, without flooding it: the first of a kind (caller, operation, code) is logged at once, its
// repetitions within a minute are counted and logged together ("times").
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tuple>

namespace cohortium::node {

class Refusals {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Log = std::function<void(const nlohmann::json& detail)>;
  explicit Refusals(Log log) : log_(std::move(log)) {}

  void count(const std::string& by, const std::string& operation, const std::string& path, const std::string& code,
             Time now = std::chrono::steady_clock::now());
  // Logs what was counted a minute ago or earlier; all of it where `now` is the end of time.
  void log_due(Time now = std::chrono::steady_clock::now());

 private:
  struct Kind {
    std::string path;  // of the latest
    std::size_t uncounted = 0;
    Time logged;
  };
  const Log log_;
  std::mutex mutex_;
  std::map<std::tuple<std::string, std::string, std::string>, Kind> kinds_;
};

}  // namespace cohortium::node
