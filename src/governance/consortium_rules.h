// What must hold in a consortium, wherever it came from. For .cc files of this folder only.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "governance/consortium.h"

namespace cohortium::governance {

// Turns a path such as "member[2].endpoint" into what a reader can look up, such as "consortium.toml:17:12".
using Locate = std::function<std::string(const std::string& path)>;

void check_consortium(const Consortium& consortium, const Locate& locate);

std::optional<Endpoint> parse_endpoint(std::string_view text);

}  // namespace cohortium::governance
