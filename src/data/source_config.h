// How a node is told where its records are: the folder, file or database behind a Source.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cohortium::data {

enum class SourceKind {
  kFolder,      // TABLE.csv, .csv.gz or .parquet
  kDuckDb,      // one database file
  kPostgreSql,  // a server
  kOdbc,        // whatever a driver reaches
};

struct SourceConfig {
  SourceKind kind = SourceKind::kFolder;
  std::filesystem::path path = {};  // folder, duckdb
  // Folder: the only tables to load, whatever the case of their names; empty: all.
  std::vector<std::string> tables = {};
  std::string schema = {};     // where the tables are; empty: main (DuckDB), public (PostgreSQL)
  unsigned threads = 1;        // of the embedded database
  std::string memory = "4GB";  // of the embedded database

  std::string host = {};  // a name, an address, or the folder of a Unix socket
  std::uint16_t port = 5432;
  std::string database = {}, user = {};
  std::filesystem::path password_file = {};     // one line; empty: no password
  std::string tls = "verify-full";              // or "verify-ca"; "disable" for a server on this machine only
  std::filesystem::path root_certificate = {};  // whom to trust with the server's name
  std::chrono::seconds statement_timeout{1800};

  std::string connection = {};  // of ODBC, without the password: "DRIVER=SQLite3;Database=/srv/site.sqlite"
};

}  // namespace cohortium::data
