// For tests of tables in databases: a study's table as a CSV file, filters over it, and whether a source gives, filter by filter
// and fault by fault, what the file gives.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "data/source_table.h"
#include "data/table.h"
#include "data/test_folder.h"

namespace cohortium::data {

// What study_rows() of tests/sources/postgresql_test.py makes, too.
inline std::string study_csv() {
  std::string csv = "time,status,age,score,rx,etype\n";
  const char* treatments[] = {"Obs", "Lev", "lev", "", "L_v", "\xc3\x84"};
  for (int i = 0; i < 400; ++i) {
    csv += std::to_string(i % 90) + "," + std::to_string(i % 3) + "," +
           (i % 7 == 0 ? "" : std::to_string(20 + i % 60)) + "," + (i % 5 == 0 ? "-9" : std::to_string(i % 40) + ".1") +
           "," + treatments[i % 6] + "," + std::to_string(1 + i % 4) + "\n";
  }
  return csv;
}

inline TableDeclaration study_table(const std::string& where) {
  TableDeclaration table{.table = "study", .columns = {}, .where = where};
  table.columns.push_back({.name = "time", .type = ColumnType::kDuration, .high = 100});
  table.columns.push_back({.name = "status", .type = ColumnType::kEvent, .event = {"2"}, .censored = {"1", "0"}});
  table.columns.push_back({.name = "age", .low = 18, .high = 100, .missing = {""}});
  table.columns.push_back({.name = "score", .low = 0, .high = 50, .missing = {"-9"}});
  table.columns.push_back({.name = "rx",
                           .type = ColumnType::kCategory,
                           .levels = {{"Obs", ""}, {"Lev", ""}, {"lev", ""}, {"L_v", ""}, {"\xc3\x84", ""}},
                           .missing = {""}});
  table.columns.push_back({.name = "etype",
                           .type = ColumnType::kCategory,
                           .levels = {{"1", ""}, {"2", ""}, {"3", ""}},
                           .missing = {"4.0"}});
  return table;
}

inline constexpr const char* kFilters[] = {"",
                                           "age >= 65",
                                           "age < 65 AND rx = 'Lev'",
                                           "score = 0.1 OR score > 30.05",
                                           "score is null",
                                           "rx is null and etype is not null",
                                           "etype in (1, 3) AND time between 10 and 50",
                                           "not (status = 2) and age is not null",
                                           "rx like 'L_v'",
                                           "rx not like '%v'",
                                           "rx ilike 'L%' and age > 30",
                                           "rx > 'Lev'",
                                           "rx < 'lev' AND length(rx) = 1",
                                           "contains(rx, 'e') or ends_with(rx, 's') and starts_with(rx, 'O')",
                                           "case when age > 40 then rx = 'Obs' else status = 1 end",
                                           "coalesce(age, 0) = 0",
                                           "age / 2 > 20 AND etype <> 2",
                                           "round(score) = 3",
                                           "age is distinct from 21 and floor(score) = ceil(time)",
                                           "-age < -70 and abs(time) >= 3",
                                           "age = 1000"};

inline void expect_equal(const Table& one, const Table& other, const std::string& where) {
  ASSERT_EQ(one.rows, other.rows) << where;
  for (std::size_t i = 0; i < one.columns.size(); ++i) {
    EXPECT_EQ(one.columns[i].number, other.columns[i].number) << where;
    EXPECT_EQ(one.columns[i].grid, other.columns[i].grid) << where;
    EXPECT_EQ(one.columns[i].event, other.columns[i].event) << where;
    EXPECT_EQ(one.columns[i].level, other.columns[i].level) << where;
    EXPECT_EQ(one.columns[i].missing, other.columns[i].missing) << where;
  }
}

inline void expect_like_the_file(Source& source) {
  const TestFolder folder;
  folder.write("study.csv", study_csv());
  std::size_t rows = 0;
  for (const char* where : kFilters) {
    const Table expected = load_table(folder.path(), study_table(where));
    expect_equal(load_table(source, study_table(where)), expected, where);
    rows += expected.rows;
  }
  EXPECT_GT(rows, 1000u);

  // Faults: code, message and column are those of the file.
  const auto expect_fault = [&](auto change, const char* where) {
    TableDeclaration table = study_table(where);
    change(table);
    const Error expected = error_of([&] { load_table(folder.path(), table); });
    const Error error = error_of([&] { load_table(source, table); });
    EXPECT_NE(expected.code, "none");
    EXPECT_EQ(error.code, expected.code) << where << error.text();
    EXPECT_EQ(error.message, expected.message);
    EXPECT_EQ(without_values(error).text(), without_values(expected).text());
  };
  expect_fault([](auto& table) { table.columns[2].high = 70; }, "");
  expect_fault([](auto& table) { table.columns[2].high = 70; }, "etype = 2");
  expect_fault([](auto& table) { table.columns[2].missing.clear(); }, "age > 30");
  expect_fault([](auto& table) { table.columns[4].missing.clear(); }, "rx = 'Obs'");
  expect_fault([](auto& table) { table.columns[1].event = {"5"}; }, "rx = 'lev'");
  expect_fault([](auto& table) { table.columns[4].levels.pop_back(); }, "age > 30");
  expect_fault([](auto& table) { table.columns[0].step = 7; }, "");
}

}  // namespace cohortium::data
