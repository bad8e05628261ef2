#include "data/source.h"

#include <gtest/gtest.h>

#include "data/duckdb.h"
#include "data/test_folder.h"
#include "data/test_source.h"

namespace cohortium::data {
namespace {

using Lines = std::vector<std::string>;

std::string columns_of(const SourceTable& table) {
  std::string text = table.name + ":";
  for (const SourceColumn& column : table.columns) text += " " + column.name + " " + name_of(column.type);
  return text;
}

class FolderSourceTest : public testing::Test {
 protected:
  std::unique_ptr<Source> open() const { return open_source({.path = folder.path()}); }
  TestFolder folder;
};

TEST_F(FolderSourceTest, ColumnsHaveTheNarrowestTypeThatAllValuesHave) {
  folder.write("t.csv",
               "id,dose,day,instant,code,icd,empty,mixed,late\n"
               "9223372036854775807,1,2020-02-29,2020-02-29 10:00:00,7,042,,1,12345678901234567\n"
               "-9007199254740993,0.5,2020-03-01,2020-02-29T10:00:00.5,x,250.00,,2020-01-01,1.5\n"
               ",,,,,,,,\n");
  const auto source = open();
  EXPECT_EQ(source->dialect(), Dialect::kDuckDb);
  const auto tables = source->tables();
  ASSERT_EQ(tables.size(), 1u);
  EXPECT_EQ(columns_of(tables[0]),
            "t: id integer dose real day date instant timestamp code text icd text empty integer mixed text late text");
  EXPECT_EQ(query_lines(*source, "SELECT * FROM " + source->table_name("t")),
            (Lines{"9223372036854775807|1|2020-02-29|2020-02-29 10:00:00|7|042|NULL|1|12345678901234567",
                   "-9007199254740993|0.5|2020-03-01|2020-02-29 10:00:00.5|x|250.00|NULL|2020-01-01|1.5",
                   "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL"}));
  // A column that never has a value compares with anything.
  EXPECT_EQ(query_lines(*source, "SELECT count(*) FROM t WHERE empty > DATE '2020-01-01' OR empty = 3"), Lines{"0"});
  EXPECT_EQ(query_integer(*source, "SELECT sum(dose * 2)::BIGINT FROM t"), 3);
}

TEST_F(FolderSourceTest, ParquetFilesAndFoldersOfFilesAreTables) {
  std::filesystem::create_directories(folder.path() / "visits");
  folder.write("visits/a.csv", "id,note\n1,\"a \"\"b\"\"\"\n");
  folder.write("visits/b.csv", "id,note\n2.5,\n");
  {
    Database database({});
    database.execute(
        "COPY (SELECT 7::SMALLINT AS \"odd \"\"name\"\"\", 0.1::FLOAT AS f, 12.50::DECIMAL(9,2) AS d, "
        "'x'::ENUM('y','x') AS e, '00000000-0000-0000-0000-00000000000a'::UUID AS u, [1] AS l) TO " +
        sql_text((folder.path() / "drugs.parquet").string()));
  }
  const auto source = open();
  const auto tables = source->tables();
  ASSERT_EQ(tables.size(), 2u);
  EXPECT_EQ(columns_of(tables[0]), "drugs: odd \"name\" integer f real d real e text u text");
  EXPECT_EQ(columns_of(tables[1]), "visits: id real note text");
  EXPECT_EQ(query_lines(*source, "SELECT * EXCLUDE l FROM drugs"),
            Lines{"7|0.1|12.5|x|00000000-0000-0000-0000-00000000000a"});
  EXPECT_EQ(query_lines(*source, "SELECT * FROM visits ORDER BY id"), (Lines{"1|a \"b\"", "2.5|NULL"}));
  EXPECT_EQ(error_of([&] { source->query("SELECT l FROM drugs"); }).code, "data.source_failed");
}

TEST_F(FolderSourceTest, FilesThatAreNotTablesAreRefused) {
  const auto error = [&] { return error_of([&] { open(); }); };
  folder.write("t.csv", "a,b\n1,2\n1\n");
  EXPECT_EQ(error().code, "data.unreadable_file");
  EXPECT_EQ(error().where, "t.csv:3");
  folder.write("t.csv", "a,a\n1,2\n");
  EXPECT_EQ(error().code, "data.ambiguous_column");
  folder.write("t.csv", "a\n1\n");
  std::filesystem::create_directories(folder.path() / "t");
  folder.write("t/1.csv", "a\n1\n");
  EXPECT_EQ(error().code, "data.ambiguous_file");
  std::filesystem::remove(folder.path() / "t.csv");
  folder.write("t/2.csv", "b\n1\n");
  EXPECT_EQ(error().where, "2.csv:1");
  folder.write("t/2.csv", "a\n2\n");
  EXPECT_EQ(query_integer(*open(), "SELECT sum(a) FROM t"), 3);
  folder.write("t/3.parquet", "");
  EXPECT_EQ(error().code, "data.ambiguous_file");
  EXPECT_EQ(error_of([&] { open_source({.path = folder.path() / "none"}); }).code, "data.missing_file");
}

TEST_F(FolderSourceTest, OnlyReadsWhatItWasGiven) {
  folder.write("t.csv", "a\n1\n");
  folder.write("secret.txt", "x");
  const std::string secret = sql_text((folder.path() / "secret.txt").string());
  {
    Database database({});
    database.execute("COPY (SELECT 1 AS a) TO " + sql_text((folder.path() / "p.parquet").string()));
  }
  const auto source = open();
  for (const std::string& sql :
       {std::string("DROP TABLE file.t"), std::string("INSERT INTO file.t VALUES (2)"),
        std::string("SELECT 1; SELECT 2"), std::string("SET threads = 2"), std::string("ATTACH ':memory:' AS b"),
        std::string("LOAD json"), std::string("COPY (SELECT 1) TO ") + sql_text((folder.path() / "p.parquet").string()),
        std::string("EXPORT DATABASE 'x'"), std::string("CREATE TABLE x (a INT)"), std::string(""),
        "SELECT * FROM read_text(" + secret + ")", "SELECT * FROM read_csv(" + secret + ")",
        std::string("SELECT * FROM read_text('/etc/passwd')"), std::string("SELECT * FROM glob('/etc/*')")})
    EXPECT_EQ(error_of([&] { query_lines(*source, sql); }).code, "data.source_failed") << sql;
  EXPECT_EQ(query_integer(*source, "SELECT sum(a) FROM p"), 1);
  EXPECT_EQ(query_integer(*source, "SELECT count(*) FROM t"), 1);
}

TEST(DuckDbSource, ReadsAFileThatNobodyCanChangeThroughIt) {
  const TestFolder folder;
  const auto path = folder.path() / "site.duckdb";
  {
    Database database(path, Database::Access::kWritable, {});
    database.execute("CREATE SCHEMA cdm");
    database.execute("CREATE TABLE cdm.person (person_id BIGINT, born DATE, big HUGEINT, seen TIMESTAMPTZ)");
    database.execute("INSERT INTO cdm.person VALUES (9007199254740993, '1970-01-02', 5, '2020-01-01 01:00:00+01')");
    database.lock();
    Batch batch{.rows = 2,
                .columns = {{.type = ValueType::kInteger},
                            {.type = ValueType::kDate},
                            {.type = ValueType::kInteger},
                            {.type = ValueType::kTimestamp}}};
    for (BatchColumn& column : batch.columns) column.resize(2);
    batch.columns[0].integers = {9223372036854775807, 0};
    batch.columns[1].integers = {-1, 0};
    batch.columns[3].missing = {1, 1};
    database.append("cdm", "person", batch);
  }
  const auto source = open_source({.kind = SourceKind::kDuckDb, .path = path, .schema = "cdm"});
  EXPECT_EQ(columns_of(source->tables().at(0)), "person: person_id integer born date big integer seen timestamp");
  EXPECT_EQ(query_lines(*source, "SELECT * FROM " + source->table_name("person") + " ORDER BY person_id"),
            (Lines{"0|1970-01-01|0|NULL", "9007199254740993|1970-01-02|5|2020-01-01 00:00:00",
                   "9223372036854775807|1969-12-31|0|NULL"}));
  EXPECT_EQ(error_of([&] { query_lines(*source, "DELETE FROM cdm.person"); }).code, "data.source_failed");
  for (const char* sql : {"SELECT sum(person_id) FROM cdm.person", "SELECT DATE 'infinity'",
                          "SELECT TIMESTAMP '-infinity'", "SELECT INTERVAL 1 DAY"})
    EXPECT_EQ(error_of([&] { query_lines(*source, sql); }).code, "data.source_failed") << sql;
  EXPECT_EQ(error_of([&] { query_integer(*source, "SELECT person_id FROM cdm.person"); }).code, "data.source_failed");
  EXPECT_EQ(error_of([&] { query_integer(*source, "SELECT NULL::BIGINT"); }).code, "data.source_failed");
  EXPECT_EQ(error_of([&] { open_source({.kind = SourceKind::kDuckDb, .path = folder.path() / "none.duckdb"}); }).code,
            "data.source_failed");
  folder.write("text.duckdb", "not a database");
  EXPECT_EQ(error_of([&] { open_source({.kind = SourceKind::kDuckDb, .path = folder.path() / "text.duckdb"}); }).code,
            "data.source_failed");
}

}  // namespace
}  // namespace cohortium::data
