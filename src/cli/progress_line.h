// One line that says where a run stands and how long it will take; rewritten in place on a terminal, silent otherwise.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace cohortium::cli {

// "north computing 1/3, west reading records … 4 s, about 12 s left"
std::string progress_text(const nlohmann::json& status);

class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine();
  void show(const std::string& text);

 private:
  bool active_;
  std::size_t width_ = 0;
};

}  // namespace cohortium::cli
