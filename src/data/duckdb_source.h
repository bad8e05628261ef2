// A Source over the embedded DuckDB: a database file, or a folder of files seen as one.
#pragma once

#include <memory>

#include "data/duckdb.h"
#include "data/source.h"

namespace cohortium::data {

// Locks the database. `description` is for people.
std::unique_ptr<Source> make_duckdb_source(std::unique_ptr<Database> database, std::string schema,
                                           std::string description);

}  // namespace cohortium::data
