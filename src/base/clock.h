// Wall-clock time for people and logs. Durations are measured with std::chrono::steady_clock, never with this.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace cohortium {

// Now, or that much later, in UTC, as RFC 3339 with milliseconds: "2026-11-20T10:00:00.000Z". Such texts sort by time.
std::string timestamp(std::chrono::seconds later = std::chrono::seconds(0));
bool is_timestamp(std::string_view text);  // of this very form

}  // namespace cohortium
