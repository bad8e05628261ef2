// For tests: the public data and goldens beside the checkout, a store in a folder of its own, and what a query gives.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/test_folder.h"
#include "data/testing/shared_data.h"
#include "omop/loader.h"
#include "omop/store.h"

namespace cohortium::omop {

using data::shared_data;

inline nlohmann::json formats_golden() {
  return nlohmann::json::parse(std::ifstream(shared_data() / "golden" / "formats.json"));
}

// Every row as one text, fields parted by a bar, in the query's order.
inline std::vector<std::string> rows_of(Store& store, const std::string& sql) {
  std::vector<std::string> rows;
  data::QueryResult result = store.database().query("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (" + sql + ")");
  while (result.next())
    for (std::size_t row = 0; row < result.rows(); ++row) {
      std::string text;
      for (std::size_t column = 0; column < result.columns(); ++column)
        text += (column == 0 ? "" : "|") +
                (result.valid(column, row) ? std::string(result.text(column, row)) : std::string("NULL"));
      rows.push_back(text);
    }
  return rows;
}

// Everything in the model's tables: two stores with the same state hold the same.
inline std::vector<std::string> state_of(Store& store) {
  std::vector<std::string> state;
  for (const auto& [table, count] : table_rows(store))
    for (const std::string& row : rows_of(store, "SELECT * FROM " + table + " ORDER BY ALL"))
      state.push_back(table + ": " + row);
  return state;
}

}  // namespace cohortium::omop
