// TOML files, read by toml++ in ways that cannot harm it.
#pragma once

#include <toml++/toml.h>

#include <string>
#include "base/error.h"

namespace cohortium {

// `file` names the text in messages. Fails with `refusal`'s code and remedy, saying file:line:column, where the text is
// not TOML; some of what is not, toml++ 3.3 is undefined for, so that it never sees it.
toml::table parse_toml(const std::string& text, const std::string& file, const Error& refusal);

// "file:line:column"
std::string position_in(const std::string& file, const toml::source_region& source);

}  // namespace cohortium
