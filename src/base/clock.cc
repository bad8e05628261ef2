#include "base/clock.h"

#include <chrono>
#include <cstdio>
#include <ctime>

namespace cohortium {

std::string timestamp() {
  const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  char whole[32];
  std::strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text, sizeof text, "%s.%03dZ", whole, static_cast<int>(now.time_since_epoch().count() % 1000));
  return text;
}

}  // namespace cohortium
