#include "omop/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "omop/cdm.h"
#include "omop/code_systems.h"

namespace cohortium::omop {
namespace {

constexpr const char* kOwnTables[] = {
    "CREATE TABLE cohortium_store (format INTEGER, vocabulary VARCHAR)",
    "INSERT INTO cohortium_store VALUES (1, '')",
    "CREATE TABLE cohortium_record (record_id BIGINT, key VARCHAR, digest VARCHAR, updated TIMESTAMP)",
    "CREATE TABLE cohortium_row (record_id BIGINT, table_name VARCHAR, row_id BIGINT, concept_id INTEGER, system "
    "VARCHAR, "
    "code VARCHAR, display VARCHAR, utc_offset_minutes INTEGER)",
    "CREATE TABLE cohortium_reject (file VARCHAR, line BIGINT, kind VARCHAR, id VARCHAR, reason VARCHAR, raw VARCHAR)",
    "CREATE TABLE cohortium_alias (alias VARCHAR, key VARCHAR)",
    "CREATE TABLE cohortium_medication (key VARCHAR, rank INTEGER, system VARCHAR, code VARCHAR, display VARCHAR)",
    "CREATE TABLE cohortium_system (system VARCHAR, vocabulary_id VARCHAR)",
    "CREATE VIEW cohortium_unmapped AS SELECT table_name, system, code, any_value(display) AS display, count(*) AS "
    "rows "
    "FROM cohortium_row WHERE concept_id = 0 AND (code IS NOT NULL OR display IS NOT NULL) "
    "GROUP BY table_name, system, code",
    "CREATE MACRO cohortium_id(key) AS ((('0x' || substr(sha256(key), 1, 16))::UBIGINT >> 1)::BIGINT)",
};

unsigned threads() { return std::clamp(std::thread::hardware_concurrency(), 1u, 8u); }

[[noreturn]] void refuse_database(const std::string& message, const std::filesystem::path& path, const char* remedy) {
  throw Failure({.code = "omop.not_ours", .message = message, .where = path.string(), .remedy = remedy});
}

void create_tables(data::Database& database) {
  database.execute("BEGIN");
  for (const char* statement : kOwnTables) database.execute(statement);
  for (const auto& [system, vocabulary] : code_systems())
    database.execute(fmt::format("INSERT INTO cohortium_system VALUES ({}, {})", data::sql_text(system),
                                 data::sql_text(vocabulary)));
  create_cdm_tables(database);
  database.execute("COMMIT");
}

}  // namespace

std::int64_t single_number(data::Database& database, const std::string& sql) {
  data::QueryResult result = database.query(fmt::format("SELECT CAST(({}) AS BIGINT)", sql));
  return result.next() && result.valid(0, 0) ? result.values<std::int64_t>(0)[0] : 0;
}

Store::Store(const std::filesystem::path& path, OtherFiles other_files) {
  const auto opened = attempt([&] {
    database_ = std::make_unique<data::Database>(std::filesystem::absolute(path), data::Database::Access::kWritable,
                                                 data::Database::Limits{.threads = threads(), .memory = "4GB"});
    return true;
  });
  if (!opened.ok())
    throw Failure({.code = "omop.cannot_open",
                   .message = opened.error().message,
                   .where = path.string(),
                   .remedy = "name a DuckDB file that no other process has open, in a folder you may write to"});
  if (other_files == OtherFiles::kLocked) database_->lock();
  if (single_number(*database_, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'cohortium_store'") == 0) {
    if (single_number(*database_, "SELECT count(*) FROM duckdb_tables()") != 0)
      refuse_database("the database holds tables of somebody else", path,
                      "load into a file of its own; an OMOP database that you fill yourself needs no loading");
    create_tables(*database_);
  }
  if (single_number(*database_, "SELECT format FROM cohortium_store") != 1)
    refuse_database("the database was made by another version of cohortium", path,
                    "load into a new file with this version");
}

std::string Store::vocabulary_state() {
  data::QueryResult result = database_->query("SELECT vocabulary FROM cohortium_store");
  return result.next() ? std::string(result.text(0, 0)) : "";
}

void Store::set_vocabulary_state(const std::string& state) {
  database_->execute(fmt::format("UPDATE cohortium_store SET vocabulary = {}", data::sql_text(state)));
}

void Store::checkpoint() { database_->execute("CHECKPOINT"); }

}  // namespace cohortium::omop
