// An OMOP database in one DuckDB file, and what the loader remembers beside the model's tables:
//
//   cohortium_store       one row: format of these tables, state of the vocabulary
//   cohortium_record      every record that was mapped: id, key, digest of what it said, when the source changed it
//   cohortium_row         every row that was made: of which record, its id, the source's code system and code, its offset from UTC
//   cohortium_reject      every record that was not: file, line, kind, id, reason, and the line itself
//   cohortium_alias       other keys of a record: business identifiers, patients merged into others
//   cohortium_medication  codes of Medication resources that requests refer to
//   cohortium_system      which vocabulary a code system's URI, OID or HL7 name stands for
//   cohortium_unmapped    a view: codes without a standard concept, with their number of rows
//
// Ids: the first 63 bits of the SHA-256 of a record's key (macro cohortium_id), so that the same record has the same id in
// every load and on every machine. The loader checks for collisions; it does not assume that there are none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "data/duckdb.h"

namespace cohortium::omop {

class Store {
 public:
  // Opens the file, or makes it. Fails with omop.cannot_open or omop.not_ours. Other files can be read only where that is
  // asked for (vocabulary.h).
  enum class OtherFiles { kLocked, kReadable };
  explicit Store(const std::filesystem::path& path, OtherFiles other_files = OtherFiles::kLocked);

  data::Database& database() { return *database_; }
  // Changes whenever codes may map differently.
  std::string vocabulary_state();
  void set_vocabulary_state(const std::string& state);
  // Everything is on disk, and the write-ahead log is folded in.
  void checkpoint();

 private:
  std::unique_ptr<data::Database> database_;
};

// The one integer that a query gives.
std::int64_t single_number(data::Database& database, const std::string& sql);

}  // namespace cohortium::omop
