#include "cli/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace cohortium::cli {

using nlohmann::json;

std::string progress_text(const json& status) {
  const json progress = status.value("progress", json::object());
  const json nodes = progress.value("nodes", json::object());
  std::string text;
  for (const auto& [node, state] : nodes.items()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", node, state.value("phase", ""));
    if (state.value("total", 0) > 0) text += fmt::format(" {}/{}", state.value("done", 0), state.value("total", 0));
  }
  if (text.empty()) text = status.value("state", "");
  if (progress.contains("seconds")) {
    const double elapsed = progress["seconds"], forecast = progress["forecast_seconds"];
    text += fmt::format("  {:.0f} s", elapsed);
    if (forecast > elapsed) text += fmt::format(", about {:.0f} s left", forecast - elapsed);
  }
  return text;
}

ProgressLine::ProgressLine(bool quiet) : active_(!quiet && ::isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() { show(""); }

void ProgressLine::show(const std::string& text) {
  if (!active_ || (text.empty() && width_ == 0)) return;
  std::fprintf(stderr, "\r%-*s%s", static_cast<int>(width_), text.c_str(), text.empty() ? "\r" : "");
  std::fflush(stderr);
  width_ = std::max(width_, text.size());
}

}  // namespace cohortium::cli
