#include "node/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace cohortium::node {
namespace {

constexpr double member_factor = 10;  // nodes ask by themselves, and for all studies
constexpr double whole = 1 - 1e-9;    // a token, by sums of fractions

unsigned seconds_until_one(double tokens, double per_minute) {
  return static_cast<unsigned>(std::max(1.0, std::ceil((whole - tokens) * 60 / per_minute)));
}

}  // namespace

void RateLimit::fill(Bucket& bucket, double per_minute, Time now) {
  const std::chrono::duration<double, std::ratio<60>> minutes = now - bucket.filled;
  bucket.tokens = std::min(per_minute, bucket.tokens + std::max(0.0, minutes.count()) * per_minute);
  bucket.filled = now;
}

unsigned RateLimit::take(const std::string& caller, bool is_member, bool changes_state, Time now) {
  const double factor = is_member ? member_factor : 1;
  const double requests = factor * static_cast<double>(limits_.requests_per_minute);
  const double changes = factor * static_cast<double>(limits_.changes_per_minute);
  const std::lock_guard lock(mutex_);
  const auto [found, is_new] = callers_.try_emplace(caller);
  Caller& known = found->second;
  if (is_new) known = {.requests = {requests, now}, .changes = {changes, now}};
  fill(known.requests, requests, now);
  fill(known.changes, changes, now);
  if (known.requests.tokens < whole) return seconds_until_one(known.requests.tokens, requests);
  if (changes_state && known.changes.tokens < whole) return seconds_until_one(known.changes.tokens, changes);
  known.requests.tokens -= 1;
  if (changes_state) known.changes.tokens -= 1;
  return 0;
}

}  // namespace cohortium::node
