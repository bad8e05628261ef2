// Against a real server, which tests/sources/postgresql_test.py starts and fills.
#include <gtest/gtest.h>

#include <thread>

#include "data/source.h"
#include "data/test_folder.h"
#include "data/test_source.h"
#include "data/testing/server.h"

namespace cohortium::data {
namespace {

class PostgreSqlSourceTest : public ServerTest {
 protected:
  std::vector<std::string> lines(const std::string& sql) const {
    const auto source = open_source(config);
    return query_lines(*source, sql);
  }
  Error error(const std::string& sql) const {
    return error_of([&] { lines(sql); });
  }
};
using Lines = std::vector<std::string>;

TEST_F(PostgreSqlSourceTest, EveryTypeArrives) {
  EXPECT_EQ(lines("SELECT * FROM everything ORDER BY id"),
            (Lines{"-9223372036854775808|-1|0.1|0.30000000000000004|-12.5|123456789012345678|99999999999999999999|"
                   "K\xc3\xb6ln 'x' \"y\"|ab|2020-02-29|2020-02-29 23:59:59.999999|2020-02-29 12:00:00|true|"
                   "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|low|5",
                   "9007199254740993|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL"}));
}

TEST_F(PostgreSqlSourceTest, TablesHaveTheirTypes) {
  const auto source = open_source(config);
  EXPECT_EQ(source->dialect(), Dialect::kPostgreSql);
  EXPECT_NE(source->description().find("PostgreSQL 1"), std::string::npos);
  EXPECT_EQ(source->description().find("pass"), std::string::npos);
  std::string text;
  for (const SourceTable& table : source->tables()) {
    text += table.name + ":";
    for (const SourceColumn& column : table.columns) text += " " + column.name + " " + name_of(column.type);
    text += "\n";
  }
  EXPECT_EQ(
      text,
      "everything: id integer small integer single real double real decimal real whole integer long text name "
      "text padded text day date local timestamp instant timestamp flag boolean uuid text mood text domain integer\n"
      "measurement: id integer value real\n"
      "odd \"table\": odd \"column\" integer é text\n"
      "odd_numbers: x real\n"
      "study: time integer status integer age real score real rx text etype real\n");
  EXPECT_EQ(query_lines(*source, "SELECT * FROM " + source->table_name("odd \"table\"")), Lines{"7|x"});
}

TEST_F(PostgreSqlSourceTest, ManyRowsComeInBatchesAndMayBeLeft) {
  const auto source = open_source(config);
  {
    const auto rows = source->query("SELECT id, value FROM measurement ORDER BY id");
    Batch batch;
    std::int64_t expected = 0;
    std::size_t largest = 0;
    while (rows->next(batch)) {
      largest = std::max(largest, batch.rows);
      for (std::size_t i = 0; i < batch.rows; ++i) ASSERT_EQ(batch.columns[0].integers[i], expected++);
    }
    EXPECT_EQ(expected, 100'000);
    EXPECT_LE(largest, 10'000u);
    EXPECT_FALSE(rows->next(batch));
  }
  {
    Batch batch;
    EXPECT_TRUE(source->query("SELECT id FROM measurement")->next(batch));  // and the rest is left
  }
  EXPECT_EQ(query_integer(*source, "SELECT count(*) FROM measurement"), 100'000);
  EXPECT_EQ(query_lines(*source, "SELECT 1 AS x WHERE false"), Lines{});
}

TEST_F(PostgreSqlSourceTest, NothingButOneSelectRuns) {
  for (const char* sql : {"DELETE FROM measurement",
                          "SELECT 1; SELECT 2",
                          "SELECT 1) TO STDOUT; DROP TABLE measurement; --",
                          "SELECT 1) TO PROGRAM 'touch /tmp/x' --",
                          "CREATE TABLE x (a int)",
                          "SELECT 1 AS a INTO x",
                          "COPY measurement TO STDOUT",
                          "SELECT pg_read_file('/etc/passwd')",
                          "SELECT lo_import('/etc/passwd')",
                          "SELECT $1::int",
                          "SELECT 1 /*",
                          "",
                          "WITH gone AS (DELETE FROM measurement RETURNING id) SELECT * FROM gone",
                          "SET statement_timeout = 0",
                          "SELECT nextval('counter')",
                          "SELECT 'infinity'::date",
                          "SELECT '-infinity'::timestamp",
                          "SELECT '\\x00'::bytea",
                          "SELECT 9007199254740993::numeric",
                          "SELECT nothing",
                          "SELECT * FROM private"})
    EXPECT_EQ(error(sql).code, "data.source_failed") << sql;
  EXPECT_EQ(lines("SELECT 1 AS a -- comment"), Lines{"1"});
  EXPECT_NE(error("SELECT * FROM private").remedy.find("grant"), std::string::npos);
}

TEST_F(PostgreSqlSourceTest, SlowQueriesEnd) {
  config.statement_timeout = std::chrono::seconds(1);
  const Error slow = error("SELECT pg_sleep(60)::text");
  EXPECT_EQ(slow.code, "data.source_failed");
  EXPECT_NE(slow.message.find("57014"), std::string::npos) << slow.text();
  EXPECT_NE(slow.remedy.find("statement_timeout"), std::string::npos);
  config.statement_timeout = std::chrono::seconds(60);
  const auto source = open_source(config);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    source->cancel();
  });
  const Error cancelled = error_of([&] { query_lines(*source, "SELECT pg_sleep(60)::text"); });
  other.join();
  EXPECT_NE(cancelled.message.find("57014"), std::string::npos) << cancelled.text();
  EXPECT_EQ(query_integer(*source, "SELECT 7::bigint"), 7);
}

TEST_F(PostgreSqlSourceTest, OnlyTheRightServerAndRoleWillDo) {
  const auto opening = [&] { return error_of([&] { open_source(config); }); };
  EXPECT_EQ(opening().code, "none");
  const SourceConfig good = config;
  const TestFolder folder;
  folder.write("password", "wr0ng-pass\n");
  config.password_file = folder.path() / "password";
  EXPECT_EQ(opening().code, "data.source_failed");
  EXPECT_EQ(opening().text().find("wr0ng-pass"), std::string::npos);
  EXPECT_NE(opening().message.find("password authentication failed"), std::string::npos) << opening().text();
  config = good;
  config.root_certificate = good.root_certificate.parent_path() / "other.crt";
  EXPECT_NE(opening().message.find("certificate verify failed"), std::string::npos) << opening().text();
  config = good;
  config.host = "127.0.0.1";  // the certificate is for localhost
  EXPECT_EQ(opening().code, "data.source_failed");
  config = good;
  config.port = 1;
  EXPECT_EQ(opening().code, "data.source_failed");
  for (const char* user : {"writer", "superior", "member", "creator"}) {
    config = good;
    config.user = user;
    EXPECT_EQ(opening().code, "data.source_not_read_only") << user << ": " << opening().text();
    EXPECT_NE(opening().remedy.find("GRANT SELECT"), std::string::npos);
  }
}

}  // namespace
}  // namespace cohortium::data
