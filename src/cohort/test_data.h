// The public OMOP data sets of ../shared as tables of an embedded DuckDB, for tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/duckdb.h"
#include "data/testing/shared_data.h"

namespace cohortium::cohort {

using data::shared_data;

// The tables of one data set.
inline std::unique_ptr<data::Database> load_omop(const std::string& set) {
  namespace fs = std::filesystem;
  const fs::path folder = shared_data() / "omop" / set;
  auto database = std::make_unique<data::Database>(data::Database::Limits{.threads = 2});
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string file = entry.path().filename().string();
    if (!file.ends_with(".csv.gz")) continue;
    std::string table = file.substr(0, file.size() - 7);
    if (table.starts_with("2b_")) table = table.substr(3);
    database->execute("CREATE TABLE " + data::sql_name(table) + " AS SELECT * FROM read_csv(" +
                      data::sql_text(fs::absolute(entry.path()).string()) +
                      ", header = true, all_varchar = false, sample_size = -1)");
  }
  return database;
}

// Copies of the tables in the schemas site0, site1 and site2, each with its persons by the rule of the public split.
inline void split_by_site(data::Database& database, const std::string& set) {
  const char* shares[] = {" < 5", " BETWEEN 5 AND 7", " >= 8"};
  std::vector<std::string> tables;
  {
    data::QueryResult names = database.query("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'");
    while (names.next())
      for (std::size_t row = 0; row < names.rows(); ++row) tables.emplace_back(names.text(0, row));
  }
  for (int site = 0; site < 3; ++site) {
    const std::string schema = "site" + std::to_string(site);
    database.execute("CREATE SCHEMA " + schema);
    for (const std::string& table : tables) {
      const bool of_persons = database
                                  .query(
                                      "SELECT 1 FROM duckdb_columns() WHERE schema_name = 'main' AND column_name = "
                                      "'person_id' AND table_name = " +
                                      data::sql_text(table))
                                  .next();
      const std::string bucket =
          "CAST('0x' || left(sha256(" + data::sql_text(set + ":") + " || person_id), 8) AS UBIGINT) % 10";
      database.execute("CREATE TABLE " + schema + "." + data::sql_name(table) + " AS SELECT * FROM main." +
                       data::sql_name(table) + (of_persons ? " WHERE " + bucket + shares[site] : ""));
    }
  }
}

// Every row of a query, its fields as text; NULL is the empty field.
inline std::vector<std::vector<std::string>> rows_of(data::Database& database, const std::string& sql) {
  std::size_t columns = 0;
  {
    const data::QueryResult probe = database.query("SELECT * FROM (" + sql + ") LIMIT 0");
    columns = probe.columns();
  }
  std::string names, casts;
  for (std::size_t i = 0; i < columns; ++i) {
    names += (i == 0 ? "x" : ", x") + std::to_string(i);
    casts += (i == 0 ? "" : ", ") + ("coalesce(CAST(x" + std::to_string(i) + " AS VARCHAR), '')");
  }
  data::QueryResult result =
      database.query("SELECT " + casts + " FROM (" + sql + ") AS q (" + names + ") ORDER BY ALL");
  std::vector<std::vector<std::string>> rows;
  while (result.next()) {
    for (std::size_t row = 0; row < result.rows(); ++row) {
      rows.emplace_back();
      for (std::size_t i = 0; i < columns; ++i) rows.back().emplace_back(result.text(i, row));
    }
  }
  return rows;
}

}  // namespace cohortium::cohort
