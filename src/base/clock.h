// Wall-clock time for people and logs. Durations are measured with std::chrono::steady_clock, never with this.
#pragma once

#include <string>

namespace cohortium {

// Now, in UTC, as RFC 3339 with milliseconds: "2026-11-20T10:00:00.000Z".
std::string timestamp();

}  // namespace cohortium
