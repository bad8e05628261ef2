// result.json as a table for the terminal.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace cohortium::cli {

std::string result_text(const nlohmann::json& result);

}  // namespace cohortium::cli
