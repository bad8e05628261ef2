// Kinds of which all that sites share is a vector of counts, of which a row adds 1 to at most one: what noise can be
// added to (release/noise.h).
#pragma once

#include <string_view>

namespace cohortium::statistics {

bool counts_rows(std::string_view kind);

}  // namespace cohortium::statistics
