#include "node/refusals.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"

namespace cohortium::node {
namespace {

using nlohmann::json;

constexpr std::chrono::minutes interval{1};
constexpr std::size_t longest_path = 100;

}  // namespace

void Refusals::count(const std::string& by, const std::string& operation, const std::string& path,
                     const std::string& code, Time now) {
  {
    const std::lock_guard lock(mutex_);
    const auto [kind, is_new] = kinds_.try_emplace({by, operation, code}, Kind{path, 0, now});
    if (!is_new) {
      kind->second.path = path;
      ++kind->second.uncounted;
      return;
    }
  }
  log_({{"by", by}, {"request", path.substr(0, longest_path)}, {"code", code}});
}

void Refusals::log_due(Time now) {
  std::vector<json> due;
  {
    const std::lock_guard lock(mutex_);
    for (auto kind = kinds_.begin(); kind != kinds_.end();) {
      if (now != Time::max() && now - kind->second.logged < interval) {
        ++kind;
        continue;
      }
      const auto& [by, operation, code] = kind->first;
      if (kind->second.uncounted > 0) {
        due.push_back({{"by", by},
                       {"request", kind->second.path.substr(0, longest_path)},
                       {"code", code},
                       {"times", kind->second.uncounted}});
      }
      kind = kinds_.erase(kind);
    }
  }
  for (const json& detail : due) {
    const auto logged = attempt([&] { return log_(detail), true; });
    if (!logged.ok()) spdlog::error("{}", logged.error().text());
  }
}

}  // namespace cohortium::node
