// A Source over a PostgreSQL server: queries run there, rows come as a binary COPY.
#pragma once

#include <memory>

#include "data/source.h"

namespace cohortium::data {

// Fails with data.source_failed, and with data.source_not_read_only where the role could change anything.
std::unique_ptr<Source> open_postgresql(const SourceConfig& config);

}  // namespace cohortium::data
