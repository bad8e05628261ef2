// A Source over an ODBC driver, for databases that have no reader of their own here.
//
// Values come as text and are read by the rules for files, so that no driver rounds or guesses on the way. Nothing is
// committed; but whether the role could change something, ODBC does not tell: give it one that can only read.
#pragma once

#include <memory>

#include "data/source.h"

namespace cohortium::data {

// Fails with data.source_failed.
std::unique_ptr<Source> open_odbc(const SourceConfig& config);

}  // namespace cohortium::data
