// A table is the same from a database as from the CSV file that the database was filled from, filter by filter, and so
// are its faults. The same of a server: source_table_server_test.cc.
#include "data/source_table.h"

#include <gtest/gtest.h>

#include "data/duckdb.h"
#include "data/testing/study_table.h"

namespace cohortium::data {
namespace {

TEST(SourceTable, ADatabaseGivesWhatItsFileGives) {
  const TestFolder folder;
  folder.write("study.csv", study_csv());
  expect_like_the_file(*open_source({.path = folder.path()}));

  const auto path = folder.path() / "site.duckdb";
  {
    Database database(path, Database::Access::kWritable, {});
    database.execute(
        "CREATE TABLE study AS SELECT * REPLACE (score::DECIMAL(6,2) AS score, age::FLOAT AS age) FROM "
        "read_csv(" +
        sql_text((folder.path() / "study.csv").string()) + ", nullstr = '')");
  }
  const SourceConfig config{.kind = SourceKind::kDuckDb, .path = path};
  expect_like_the_file(*open_source(config));
  expect_equal(load_table(config, study_table("age > 30")),
               load_table({.path = folder.path()}, study_table("age > 30")), "");
}

TEST(SourceTable, TextsThatMeanNumbersAreFilteredHere) {
  const TestFolder folder;
  folder.write("study.csv", study_csv());
  const auto path = folder.path() / "site.duckdb";
  {
    Database database(path, Database::Access::kWritable, {});
    database.execute("CREATE TABLE study AS SELECT * FROM read_csv(" +
                     sql_text((folder.path() / "study.csv").string()) + ", all_varchar = true, nullstr = '')");
  }
  expect_like_the_file(*open_source({.kind = SourceKind::kDuckDb, .path = path}));
}

TEST(SourceTable, WhatIsNotThereIsNamed) {
  const TestFolder folder;
  folder.write("other.csv", "a\n1\n");
  const auto source = open_source({.path = folder.path()});
  const Error missing = error_of([&] { load_table(*source, study_table("")); });
  EXPECT_EQ(missing.code, "data.missing_table");
  EXPECT_NE(missing.message.find("there are other"), std::string::npos);
  EXPECT_EQ(without_values(missing).text().find("other"), std::string::npos);
  TableDeclaration table = study_table("");
  table.table = "other";
  const Error column = error_of([&] { load_table(*source, table); });
  EXPECT_EQ(column.code, "data.unknown_column");
  EXPECT_EQ(column.where, "other (time)");
}

}  // namespace
}  // namespace cohortium::data
