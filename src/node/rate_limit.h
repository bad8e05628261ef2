// Token buckets: a caller may make a minute's worth of requests at once, and then as many as come back over time. Those that
// change state have a bucket of their own and are counted in both.
//
// Callers are names of the consortium file, so there are as many buckets as names.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "node/limits.h"

namespace cohortium::node {

class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit RateLimit(const Limits& limits) : limits_(limits) {}

  // 0: go on. Otherwise the seconds after which it may be tried again; then nothing was taken.
  unsigned take(const std::string& caller, bool is_member, bool changes_state,
                Time now = std::chrono::steady_clock::now());

 private:
  struct Bucket {
    double tokens = 0;
    Time filled;
  };
  struct Caller {
    Bucket requests, changes;
  };
  static void fill(Bucket& bucket, double per_minute, Time now);

  const Limits limits_;
  std::mutex mutex_;
  std::map<std::string, Caller> callers_;
};

}  // namespace cohortium::node
