// What becomes of requests that change state, kept so that none of them does it twice: a caller names each by an
// Idempotency-Key, and gets the same answer to the same key, however often she asks and whatever happened in between.
//
//   STATE/requests/CALLER/SHA-256 OF THE KEY.json
//     {"request": "…", "token": "…", "finished": false}              written before anything is done
//     {"request": …, "token": …, "finished": true, "answer": …}      or "error": written before it is answered
//
// `request` is the SHA-256 of method, path, query and body. `token` is random, 32 hexadecimal digits: what a request starts
// bears it as its name, so that a repetition after a crash finds what was started.
//
// Repeated      while it is being worked on: waits, then node.request_running
//               after a crash in its middle: it is done again with `resumed`, and whoever does it looks what is there
//               with another body or path: node.key_reused
// Kept          for a day, but no more than 10,000 of a caller: then her oldest go
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

#include "base/error.h"
#include "node/http.h"

namespace cohortium::node {

class RequestJournal {
 public:
  explicit RequestJournal(const std::filesystem::path& state, std::size_t most_per_caller = 10'000);

  // Does what the request asks, with its token, unless its answer is there. Fails with node.bad_idempotency_key,
  // node.key_reused, node.request_running, file.*, or as `act` does.
  nlohmann::json once(Request request, const std::function<nlohmann::json(const Request&)>& act);

 private:
  class Turn;
  std::filesystem::path file_of(const Request& request) const;
  void forget_old();
  void forget_most(const std::filesystem::path& folder);
  nlohmann::json begin(Request& request, const std::filesystem::path& file, const std::string& digest);

  const std::filesystem::path folder_;
  const std::size_t most_per_caller_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> running_;            // files
  std::map<std::string, std::size_t> kept_;  // by caller
  std::chrono::steady_clock::time_point next_forgetting_;
};

// For what takes part in a run, which ends with the life of the node: nothing of it is done a second time. Fails with
// node.request_interrupted where the request is resumed.
void refuse_interrupted(const Request& request, const std::string& where);

}  // namespace cohortium::node
