// Reads policy.toml, as drawn in policy.h. What is not known there is refused: a misspelt rule must not pass for none.
#pragma once

#include <filesystem>
#include <string>

#include "policy/policy.h"

namespace cohortium::policy {

// Fails with policy.bad_file (`where` = file:line:column).
Policy parse_policy(const std::string& text, const std::string& file);
// Fails with file.*, too.
Policy read_policy(const std::filesystem::path& path);

}  // namespace cohortium::policy
