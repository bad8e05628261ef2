// Which table each event of a batch goes to, and the rows of every table. For .cc files of this folder only.
#pragma once

#include "data/duckdb.h"

namespace cohortium::omop {

// `routed` (n, part, table, row id, concepts): an event goes to the table of its standard concept's domain; without one,
// to the table that its kind of record usually fills.
void route_events(data::Database& database);
// Rows that `outgoing_row` names.
void delete_outgoing_rows(data::Database& database);
// Rows of the records that were decided to be new or to replace.
void insert_rows(data::Database& database);

}  // namespace cohortium::omop
