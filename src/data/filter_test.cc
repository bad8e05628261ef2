#include "data/filter.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <tuple>

#include "data/test_folder.h"

namespace cohortium::data {
namespace {

TableDeclaration declaration(const std::string& where) {
  TableDeclaration table{.table = "t", .columns = {}, .where = where};
  table.columns.push_back({.name = "age", .low = 0, .high = 120});
  table.columns.push_back({.name = "time", .type = ColumnType::kDuration, .high = 1000});
  table.columns.push_back({.name = "rx", .type = ColumnType::kCategory, .levels = {{"Obs", ""}, {"Lev", ""}}});
  table.columns.push_back({.name = "etype", .type = ColumnType::kCategory, .levels = {{"1", ""}, {"2", ""}}});
  table.columns.push_back({.name = "ärztin id", .low = 0, .high = 9});
  return table;
}

// One database for all tests of the suite: opening one takes longer than a test.
class FilterTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { database = std::make_unique<Database>(Database::Limits{}); }
  static void TearDownTestSuite() { database.reset(); }

  static std::string compiled(const std::string& where) {
    database->execute("DROP TABLE IF EXISTS site_rows");
    return compile_filter(declaration(where), *database).sql;
  }

  static std::string pushed(const std::string& where, Dialect dialect) {
    std::string text;
    for (const std::string& part : pushed_conditions(declaration(where), *database, dialect)) text += part + ";";
    return text;
  }

 private:
  inline static std::unique_ptr<Database> database;
};

TEST_F(FilterTest, IsPrintedAnew) {
  const std::pair<const char*, const char*> printed[] = {
      {"age >= 65.5", "(c0 >= (655e-1))"},
      {"age between 1 and 1e3", "(c0 BETWEEN (1e0) AND (1.000000e+03))"},
      {"rx = 'Obs' AND etype = 2", "((c2 = 'Obs') AND (c3 = (2e0)))"},
      {"rx <> 'it''s' or not age < -5", "((c2 <> 'it''s') OR (c0 >= (-5e0)))"},
      {"etype in (1, 2)", "(c3 IN ((1e0), (2e0)))"},
      {"rx not in ('Obs')", "(c2 NOT IN ('Obs'))"},
      {"age is null or time is not null", "((c0 IS NULL) OR (c1 IS NOT NULL))"},
      {"\"ärztin id\" % 2 = 0", "((c4 % (2e0)) = (0e0))"},
      {"round(age / 10, 1) * -1 < 3", "((round((c0 / (10e0)), (1)) * (-1e0)) < (3e0))"},
      {"-age < 0", "((- c0) < (0e0))"},
      {"lower(rx) like 'o%'", "(lower(c2) ~~ 'o%')"},
      {"rx not ilike 'O%'", "(c2 !~~* 'O%')"},
      {"contains(rx, 'b') and true", "(contains(c2, 'b') AND true)"},
      {"substr(rx, 1, 2) = 'Ob' and length(trim(rx)) = 3",
       "((substr(c2, (1), (2)) = 'Ob') AND (length(trim(c2)) = (3e0)))"},
      {"coalesce(age, 0) > 1", "(coalesce(c0, (0e0)) > (1e0))"},
      {"case when age > 1 then rx = 'Obs' else null end", "(CASE WHEN (c0 > (1e0)) THEN (c2 = 'Obs') ELSE NULL END)"},
      {"(((age)) = 3)", "(c0 = (3e0))"},
      {"rx = 'a;b--c/*'", "(c2 = 'a;b--c/*')"},
  };
  for (const auto& [where, sql] : printed) EXPECT_EQ(compiled(where), sql);
  EXPECT_EQ(filter_columns(declaration("rx = 'Obs' or age > 3")), (std::vector<std::string>{"age", "rx"}));
  EXPECT_TRUE(filter_columns(declaration("")).empty());
}

TEST_F(FilterTest, NothingElseGetsThrough) {
  const std::pair<const char*, const char*> refused[] = {
      {"age > 1) OR (1=1", "where:8"},
      {"1) FROM read_csv('x.csv') WHERE (age > 1", "where:2"},
      {"age > 1; DROP TABLE site_rows", "where:8"},
      {"age > 1 -- rest", "where:9"},
      {"age > 1 /* x */", "where:9"},
      {"(age > 1", "where:9"},
      {"rx = 'a", "where:8"},
      {"age > (SELECT 1)", "where:7"},
      {"exists (SELECT 1)", "where:1"},
      {"age in (SELECT 1 FROM t)", ""},
      {"rx = getenv('HOME')", "where:6"},
      {"rx = current_setting('threads')", "where:6"},
      {"rx = read_text('/etc/passwd')", "where:6"},
      {"query('SELECT 1')", "where:1"},
      {"other.lower(rx) = 'a'", ""},
      {"t.age > 1", "where:1"},
      {"site_rows.c0 > 1", "where:1"},
      {"c0 > 1", "where:1"},
      {"AGE > 1", "where:1"},
      {"rx = \"Obs\"", "where:6"},
      {"nope = 1", "where:1"},
      {"age", "where:1"},
      {"age + 1", ""},
      {"1 = 1", "where"},
      {"true", "where"},
      {"rx = 1", ""},
      {"age > '65'", ""},
      {"age = rx", ""},
      {"age in (1, 'a')", ""},
      {"rx + 1 > 2", ""},
      {"upper(age) = 'A'", ""},
      {"round(age, 1.5) > 1", ""},
      {"round(age, time) > 1", ""},
      {"abs() = 1", ""},
      {"abs(age, 2) = 1", ""},
      {"CAST(rx AS INTEGER) > 1", ""},
      {"rx::INTEGER > 1", ""},
      {"sum(age) > 1", ""},
      {"row_number() over () > 1", ""},
      {"list_filter([1], x -> x > 1) = [1]", ""},
      {"[x for x in [age]] = [1]", ""},
      {"{'a': age} = {'a': 1}", ""},
      {"random() > 0.5", ""},
      {"COLUMNS(*) > 1", ""},
      {"* > 1", ""},
      {"#1 > 1", ""},
      {"$1 > 1", ""},
      {"? > 1", ""},
      {"age > 1, rx = 'Obs'", ""},
      {"age > 99999999999999999999", ""},
      {"age >", ""},
      {"age > 1 AND", ""},
      {"rx LIKE 'a' ESCAPE 'b'", ""},
      {"age > 1\x01", "where:8"},
      {"\"ärztin id\" > 'x'", ""},
      {"rx COLLATE nocase = 'obs'", ""},
      {"age > INTERVAL 1 DAY", ""},
      {"(age, time) = (1, 2)", ""},
  };
  for (const auto& [where, place] : refused) {
    const Error error = error_of([&, text = where] { compiled(text); });
    EXPECT_EQ(error.code, "data.bad_filter") << where;
    EXPECT_TRUE(error.where.starts_with("where")) << where;
    if (*place != '\0') {
      EXPECT_EQ(error.where, place) << where << ": " << error.message;
    }
  }
}

TEST_F(FilterTest, WhatServersWouldDoCannotBeSaid) {
  for (const char* where :
       {"rx = pg_read_file('/etc/passwd')", "lo_import('/etc/passwd') > 0",
        "set_config('transaction_read_only', 'off', false) = 'off'",
        "age = dblink_exec('host=elsewhere', 'DELETE FROM t')", "rx = pg_sleep(60)::text", "rx = $$x$$ || version()"}) {
    EXPECT_EQ(error_of([&] { compiled(where); }).code, "data.bad_filter") << where;
    std::string sent;  // refused or left out
    error_of([&] { sent = pushed(where, Dialect::kPostgreSql); });
    EXPECT_EQ(sent, "") << where;
  }
}

TEST_F(FilterTest, OnlyWhatIsTheSameEverywhereIsPushedDown) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"age >= 65.5", "(c0 >= (655e-1));", "(c0 >= (655e-1::float8));"},
      {"rx = 'Obs' AND age + 1 > 3 AND etype in (1, 2)", "(c2 = 'Obs');(c3 IN ((1e0), (2e0)));",
       "(c2 = 'Obs');(c3 IN ((1e0::float8), (2e0::float8)));"},
      {"rx = 'Obs' OR round(age) = 3", "", ""},
      {"rx like 'a\\_%'", "(c2 ~~ 'a\\_%');", "(c2 LIKE 'a\\_%' ESCAPE '');"},
      {"rx not like 'a%'", "(c2 !~~ 'a%');", "(c2 NOT LIKE 'a%' ESCAPE '');"},
      {"contains(rx, 'b''') and ends_with(rx, 'v')", "contains(c2, 'b''');ends_with(c2, 'v');",
       "(strpos(c2, 'b''') > 0);(right(c2, length('v')) = 'v');"},
      {"starts_with(rx, 'L') = true", "(starts_with(c2, 'L') = true);", "((left(c2, length('L')) = 'L') = true);"},
      {"age between 1 and 1e3", "(c0 BETWEEN (1e0) AND (1.000000e+03));",
       "(c0 BETWEEN (1e0::float8) AND (1.000000e+03::float8));"},
      {"lower(rx) = 'a' and rx ilike 'a' and age % 2 = 1 and coalesce(age, null) = 1 and sqrt(age) = 2", "", ""},
      {"case when abs(age) > 1 then rx = 'Obs' else length(rx) = 3 end",
       "(CASE WHEN (abs(c0) > (1e0)) THEN (c2 = 'Obs') ELSE (length(c2) = (3e0)) END);",
       "(CASE WHEN (abs(c0) > (1e0::float8)) THEN (c2 = 'Obs') ELSE (length(c2) = (3e0::float8)) END);"},
      {"", "", ""},
  };
  for (const auto& [where, duckdb, postgresql] : cases) {
    EXPECT_EQ(pushed(where, Dialect::kDuckDb), duckdb) << where;
    EXPECT_EQ(pushed(where, Dialect::kPostgreSql), postgresql) << where;
  }
}

TEST_F(FilterTest, LengthAndNestingAreBounded) {
  const auto repeated = [](const std::string& text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) result += text;
    return result;
  };
  EXPECT_EQ(error_of([&] { compiled("age > " + repeated("1", 5000)); }).code, "data.bad_filter");
  EXPECT_EQ(error_of([&] { compiled(repeated("(", 100) + "age > 1" + repeated(")", 100)); }).code, "data.bad_filter");
  EXPECT_EQ(error_of([&] { compiled(repeated("NOT ", 900) + "age > 1"); }).code, "none");  // they cancel out
  EXPECT_EQ(error_of([&] { compiled(repeated("- ", 1500) + "age > 1"); }).code, "data.bad_filter");
  EXPECT_EQ(error_of([&] { compiled("age" + repeated("+1", 1000) + " > 1"); }).code, "data.bad_filter");
  EXPECT_EQ(error_of([&] { compiled("age > 1" + repeated(" AND age > 1", 300)); }).code, "none");
}

TEST_F(FilterTest, RandomTextNeverDoesMoreThanFail) {
  std::mt19937 random(3);
  const char* words[] = {"age", "rx",  "etype", "'Obs'", "1", "2.5",   "(",    ")",    "=",      "<",
                         "AND", "NOT", "OR",    "IN",    ",", "lower", "NULL", "CASE", "SELECT", "FROM",
                         "*",   "+",   "-",     "::",    "[", "]",     ".",    "END",  "WHEN",   "THEN"};
  for (int round = 0; round < 1000; ++round) {
    std::string where = "age";
    for (auto count = random() % 12; count > 0; --count) where += std::string(" ") + words[random() % std::size(words)];
    const std::string code = error_of([&] { compiled(where); }).code;
    EXPECT_TRUE(code == "none" || code == "data.bad_filter") << where;
  }
}

}  // namespace
}  // namespace cohortium::data
