// A row has the same name wherever and however its table is read, and another one when anything in it differs.
#include "data/row_names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "data/duckdb.h"
#include "data/source_table.h"
#include "data/test_folder.h"

namespace cohortium::data {
namespace {

RowNaming naming(const std::string& identifier = "") {
  return {.identifier = identifier, .name = [](std::string_view text) { return std::hash<std::string_view>()(text); }};
}

TableDeclaration people(const std::string& where = "") {
  return {.table = "people", .columns = {{.name = "age", .low = 0, .high = 120, .missing = {""}}}, .where = where};
}

const std::string csv =
    "id,age,note,weight\n0017,40,\"a, b\",70.50\nx,41,,71\n0017,,c,-0.25\ny,43,\"say \"\"no\"\"\",1e2\nz,44,c,0.1\n";

std::vector<std::uint64_t> sorted(std::vector<std::uint64_t> names) {
  std::sort(names.begin(), names.end());
  return names;
}

TEST(RowNames, AreTheSameFromAFileAndFromDatabases) {
  const TestFolder folder;
  folder.write("people.csv", csv);
  const TestFolder parquet;
  const auto path = folder.path() / "site.duckdb";
  {
    Database database(path, Database::Access::kWritable, {});
    database.execute("CREATE TABLE people AS SELECT * FROM read_csv(" +
                     sql_text((folder.path() / "people.csv").string()) + ", types = {'id': 'VARCHAR'})");
    database.execute("COPY people TO " + sql_text((parquet.path() / "people.parquet").string()) + " (FORMAT parquet)");
  }
  for (const std::string identifier : {"", "id", "weight"}) {
    const auto names = sorted(load_table(folder.path(), people(), {}, naming(identifier)).names);
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), identifier == "id" ? 4u : 5u);
    EXPECT_EQ(sorted(load_table(parquet.path(), people(), {}, naming(identifier)).names), names);
    const SourceConfig config{.kind = SourceKind::kDuckDb, .path = path};
    EXPECT_EQ(sorted(load_table(config, people(), {}, naming(identifier)).names), names);
    EXPECT_EQ(sorted(load_table(*open_source({.path = folder.path()}), people(), {}, naming(identifier)).names), names);
    const auto source = open_source(config);
    const std::string text = row_text_sql(*source, "people", naming(identifier), "t.");
    const Table queried =
        load_query(*source, "SELECT age, " + text + " FROM people t", people(), {}, {}, naming(identifier));
    EXPECT_EQ(sorted(queried.names), names);
  }
}

TEST(RowNames, GoWithTheirRows) {
  const TestFolder folder;
  folder.write("people.csv", csv);
  const auto all = load_table(folder.path(), people(), {}, naming()).names;
  EXPECT_EQ(load_table(folder.path(), people("age > 40"), {}, naming()).names,
            (std::vector<std::uint64_t>{all[1], all[3], all[4]}));
  EXPECT_TRUE(load_table(folder.path(), people()).names.empty());
}

TEST(RowNames, DoNotDependOnHowANumberIsWritten) {
  const TestFolder one, other;
  one.write("people.csv", "age,x\n1,2.50\n2,300\n3,-0.0\n4,0.5\n5,0.00001\n6,012\n7,1.\n8,0\n9,123456789.125\n");
  other.write("people.csv", "age,x\n1,2.5\n2.0,3e2\n3,0\n4,.5\n5,1e-5\n06,12\n7,1\n8,0.0\n9,1.23456789125e8\n");
  EXPECT_EQ(load_table(one.path(), people(), {}, naming()).names,
            load_table(other.path(), people(), {}, naming()).names);
}

TEST(RowNames, NeedTheirColumn) {
  const TestFolder folder;
  folder.write("people.csv", csv);
  EXPECT_EQ(error_of([&] { load_table(folder.path(), people(), {}, naming("person")); }).code, "data.unknown_column");
  const auto source = open_source({.path = folder.path()});
  const Error error = error_of([&] { load_table(*source, people(), {}, naming("person")); });
  EXPECT_EQ(error.code, "data.unknown_column");
  EXPECT_EQ(error.where, "people (person)");
}

}  // namespace
}  // namespace cohortium::data
