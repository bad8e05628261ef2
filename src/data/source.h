// Where a site's records are: files, or a database. One small interface for all of them, which yields typed columns in
// batches, so that joins and sums run in the site's own engine and only what is needed is read.
//
// A source can only be read. What a query returns holds records: it stays at the site, and so do the messages of its
// errors, which may quote the database's own words (data.source_failed; without_values() makes what may leave).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/batch.h"
#include "data/source_config.h"

namespace cohortium::data {

enum class Dialect {
  kDuckDb,      // folders and DuckDB files
  kPostgreSql,  // version 12 and later
  kOther,       // a database behind ODBC: standard SQL, and nothing is pushed down
};

struct SourceColumn {
  std::string name;
  ValueType type = ValueType::kText;
  std::string database_type;  // in the database's own words: "character varying(50)"
};

struct SourceTable {
  std::string name;
  std::vector<SourceColumn> columns;  // in the order of the table; of supported types only
};

// The rows of a running query; belongs to its source, which runs one at a time.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual const std::vector<SourceColumn>& columns() const = 0;
  // Fills the batch anew, reusing its memory; false after the last row. Fails with data.source_failed.
  virtual bool next(Batch& batch) = 0;
};

class Source {
 public:
  virtual ~Source() = default;
  virtual Dialect dialect() const = 0;
  // For people, without secrets: "PostgreSQL 15.8 at db.north.example:5432, database cdm, schema public".
  virtual std::string description() const = 0;
  // Whether it was made sure that nothing can be changed through this source; else that is up to the role it is given.
  virtual bool proven_read_only() const { return true; }
  // Tables and views of the configured schema, by name. Fails with data.source_failed.
  virtual std::vector<SourceTable> tables() = 0;
  // A name as it stands in SQL, quoted.
  virtual std::string quoted(const std::string& name) const;
  // A table's name as it stands in SQL, quoted and with its schema: "public"."person".
  virtual std::string table_name(const std::string& table) const = 0;
  // One SELECT, in the source's dialect; anything else is refused. At most one Rows of a source is alive.
  // Fails with data.source_failed.
  virtual std::unique_ptr<Rows> query(const std::string& sql) = 0;
  // Makes the running query fail soon; from any thread.
  virtual void cancel() noexcept = 0;
};

// Fails with data.source_failed (not there, refused, wrong password), data.source_not_read_only; folders also with what
// add_folder_tables() fails with.
std::unique_ptr<Source> open_source(const SourceConfig& config);

// Makes the batch's columns those of a query, each with room for `rows` values.
void make_room(Batch& batch, const std::vector<SourceColumn>& columns, std::size_t rows);

// One whole number: SELECT count(*) and its like. Fails with data.source_failed.
std::int64_t query_integer(Source& source, const std::string& sql);

}  // namespace cohortium::data
