// The tables of the OMOP common data model 5.4 as DDL for DuckDB: every table of the model, so that tools which expect
// it find it, in the model's own column order.
//
// Ids are BIGINT (the model allows it, and ids made of hashes need it); concept ids stay INTEGER. There are no indexes
// and no foreign keys: the loader checks references itself, and DuckDB scans columns.
//
// Source  OHDSI CommonDataModel, OMOP_CDMv5.4_Field_Level.csv
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "data/duckdb.h"

namespace cohortium::omop {

struct CdmTable {
  std::string_view name;
  std::string_view columns;  // "person_id BIGINT NOT NULL, …"
};

std::span<const CdmTable> cdm_tables();
// Makes the tables that are not there yet.
void create_cdm_tables(data::Database& database);

}  // namespace cohortium::omop
