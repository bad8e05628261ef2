// TOML files, read by toml++ in ways that cannot harm it.
#pragma once

#include <toml++/toml.h>

#include <string>
#include "base/error.h"

namespace cohortium {

// `file` names the text in messages. Fails with `refusal`'s code and remedy, saying file:line:column, where the text is
// not TOML. toml++ gets it in ASCII, since some of what is not TOML makes it undefined: letters beyond ASCII may stand in
// comments and between double quotes. Columns behind such a letter are too large.
toml::table parse_toml(const std::string& text, const std::string& file, const Error& refusal);

// "file:line:column"
std::string position_in(const std::string& file, const toml::source_region& source);

}  // namespace cohortium
