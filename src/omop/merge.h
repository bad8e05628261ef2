// One staged batch into the tables of the model, in SQL: look up codes, decide about each record, take out the rows of
// earlier versions, put in the new ones. All of it inside a transaction of the caller.
// For .cc files of this folder only.
#pragma once

#include "data/duckdb.h"
#include "omop/loader.h"

namespace cohortium::omop {

// Temporary tables that live as long as the connection.
void create_merge_tables(data::Database& database);
// Adds what became of the staged records to the summary.
void merge_batch(data::Database& database, Summary& summary);
// Periods from the first to the last recorded day of everybody whom batches touched since the last call.
void refresh_observation_periods(data::Database& database);

}  // namespace cohortium::omop
