#include "data/table.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>
#include <random>

#include "data/duckdb.h"
#include "data/synthetic.h"
#include "data/test_folder.h"

namespace cohortium::data {
namespace {

// time, status, age and sex of a small trial.
TableDeclaration lung(const std::string& where = "") {
  TableDeclaration table{.table = "lung", .columns = {}, .where = where};
  table.columns.push_back({.name = "time", .type = ColumnType::kDuration, .unit = "day", .low = 0, .high = 1000});
  table.columns.push_back({.name = "status", .type = ColumnType::kEvent, .event = {"2"}, .censored = {"1"}});
  table.columns.push_back({.name = "age", .unit = "year", .low = 18, .high = 100, .missing = {"", "-9", "NA"}});
  table.columns.push_back(
      {.name = "rx", .type = ColumnType::kCategory, .levels = {{"Obs", "observation"}, {"Lev", "levamisole"}}});
  return table;
}

constexpr const char* kHeader = "time,note,status,age,rx\n";

struct Loaded {
  TestFolder folder;
  explicit Loaded(std::string_view content, const std::string& name = "lung.csv") { folder.write(name, content); }
  Table table(const TableDeclaration& declaration = lung()) const { return load_table(folder.path(), declaration); }
  Error error(const TableDeclaration& declaration = lung()) const {
    return error_of([&] { load_table(folder.path(), declaration); });
  }
};

std::string with_header(const std::string& rows) { return kHeader + rows; }

TEST(Table, TypedColumnsOfSelectedColumnsOnly) {
  const Loaded loaded(
      with_header("10,\"a, \"\"quoted\"\"\nnote\",2,64.5,Obs\r\n20.0,,1.0,-9.0,Lev\n30,,2,NA,\"Obs\"\n"));
  const Table table = loaded.table();
  ASSERT_EQ(table.rows, 3u);
  EXPECT_EQ(table.column("time").grid, (std::vector<std::uint32_t>{10, 20, 30}));
  EXPECT_EQ(table.column("status").event, (std::vector<std::uint8_t>{1, 0, 1}));
  EXPECT_EQ(table.column("age").number, (std::vector<double>{64.5, 0, 0}));
  EXPECT_EQ(table.column("age").missing, (std::vector<std::uint8_t>{0, 1, 1}));
  EXPECT_EQ(table.column("rx").level, (std::vector<std::uint16_t>{0, 1, 0}));
  EXPECT_EQ(table.column("rx").missing, (std::vector<std::uint8_t>{0, 0, 0}));
}

TEST(Table, NoRowsIsATable) {
  EXPECT_EQ(Loaded("time,note,status,age,rx").table().rows, 0u);
  EXPECT_EQ(Loaded(kHeader).table(lung("age > 3")).rows, 0u);
}

TEST(Table, FaultsAreReportedWithLineAndField) {
  struct Case {
    const char* rows;
    const char* code;
    const char* where;
  };
  const Case cases[] = {
      {"10,,2,64,Obs\n,,2,64,Obs\n", "data.missing_value", "lung.csv:3:1 (time)"},
      {"10,,,64,Obs\n", "data.missing_value", "lung.csv:2:3 (status)"},
      {"10,,2,64,\"\"\n", "data.missing_value", "lung.csv:2:5 (rx)"},
      {"10,,2,64y,Obs\n", "data.not_a_number", "lung.csv:2:4 (age)"},
      {"10,,2,nan,Obs\n", "data.not_a_number", "lung.csv:2:4 (age)"},
      {"1e999,,2,64,Obs\n", "data.not_a_number", "lung.csv:2:1 (time)"},
      {"10,,2, 64,Obs\n", "data.not_a_number", "lung.csv:2:4 (age)"},
      {"10,\"\r\n\n\",2,64,Obs\r\n10,,2,17.9,Obs\r\n", "data.value_out_of_range", "lung.csv:5:4 (age)"},
      {"1001,,2,64,Obs\n", "data.value_out_of_range", "lung.csv:2:1 (time)"},
      {"10.5,,2,64,Obs\n", "data.off_the_grid", "lung.csv:2:1 (time)"},
      {"10,,2,64,Other\n", "data.unknown_level", "lung.csv:2:5 (rx)"},
      {"10,,3,64,Obs\n", "data.unknown_event", "lung.csv:2:3 (status)"},
      {"10,,2,64,Obs\n10,,2,64\n", "data.unreadable_file", "lung.csv:3"},
      {"10,,2,64,bad\n10,,9,64,Obs\n", "data.unknown_level", "lung.csv:2:5 (rx)"},  // the earlier row, not column
  };
  for (const auto& [rows, code, where] : cases) {
    const Error error = Loaded(with_header(rows)).error();
    EXPECT_EQ(error.code, code) << rows;
    EXPECT_EQ(error.where, where) << rows;
    EXPECT_FALSE(error.remedy.empty());
  }
}

TEST(Table, FaultsAreCountedAndTheValueStaysAtTheSite) {
  const Error error = Loaded(with_header("10,,2,7.25,Obs\n10,,2,64,Obs\n10,,2,101,Obs\n")).error();
  EXPECT_EQ(error.message, "the value '7.25' lies outside the declared range (2 such rows)");
  EXPECT_EQ(error.rule, "age lies in 18 to 100 year");
  const Error outside = without_values(error);
  EXPECT_EQ(outside.code, "data.value_out_of_range");
  EXPECT_EQ(outside.message, "a value lies outside the declared range");
  EXPECT_EQ(outside.where, "age");
  EXPECT_EQ(outside.text().find("7.25"), std::string::npos);
  EXPECT_EQ(outside.text().find("lung.csv"), std::string::npos);
  const Error unknown = without_values({.code = "internal.unexpected", .message = "7.25", .where = "x:1 (7.25)"});
  EXPECT_EQ(unknown.code, "internal.unexpected");
  EXPECT_EQ(unknown.text().find("7.25"), std::string::npos);
}

TEST(Table, FilesAndColumnsMustBeThere) {
  const TestFolder folder;
  folder.write("other.csv", "a\n1\n");
  const auto error = [&] { return error_of([&] { load_table(folder.path(), lung()); }); };
  EXPECT_EQ(error().code, "data.missing_file");
  EXPECT_NE(error().message.find("other.csv"), std::string::npos);
  folder.write("lung.csv", "time,status,Age,rx\n1,1,20,Obs\n");
  EXPECT_EQ(error().code, "data.unknown_column");
  EXPECT_EQ(error().where, "lung.csv (age)");
  folder.write("lung.csv", "time,status,age,rx,rx\n1,1,20,Obs,Obs\n");
  EXPECT_EQ(error().code, "data.ambiguous_column");
  folder.write("lung.parquet", "");
  EXPECT_EQ(error().code, "data.ambiguous_file");
  std::filesystem::remove(folder.path() / "lung.csv");
  EXPECT_EQ(error().code, "data.unreadable_file");
  EXPECT_EQ(error().where, "lung.parquet");
}

TEST(Table, AFolderOfFilesIsOneTable) {
  const TestFolder folder;
  std::filesystem::create_directories(folder.path() / "lung");
  folder.write("lung/1.csv", std::string(kHeader) + "10,,2,64,Obs\n20,,1,60,Lev\n");
  folder.write("lung/2.csv", "rx,age,status,time\nObs,65,2,30\nObs,7,2,40\n");
  EXPECT_EQ(load_table(folder.path(), lung("time < 40")).column("time").grid, (std::vector<std::uint32_t>{10, 20, 30}));
  EXPECT_EQ(error_of([&] { load_table(folder.path(), lung()); }).where, "2.csv:3:2 (age)");
  folder.write("lung.csv", kHeader);
  EXPECT_EQ(error_of([&] { load_table(folder.path(), lung()); }).code, "data.ambiguous_file");
}

TEST(Table, DeclarationsThatMakeNoSenseAreRefused) {
  const Loaded loaded(kHeader);
  const auto code = [&](auto change) {
    TableDeclaration table = lung();
    change(table);
    return loaded.error(table).code;
  };
  EXPECT_EQ(code([](auto& t) { t.table = "../lung"; }), "data.bad_declaration");
  EXPECT_EQ(code([](auto& t) { t.columns.clear(); }), "data.bad_declaration");
  EXPECT_EQ(code([](auto& t) { t.columns.push_back(t.columns[0]); }), "data.bad_declaration");
  EXPECT_EQ(code([](auto& t) { t.columns[2].low = 200; }), "data.bad_declaration");
  EXPECT_EQ(code([](auto& t) { t.columns[0].step = 0; }), "data.bad_declaration");
  EXPECT_EQ(code([](auto& t) { t.columns[0].step = 1e-9; }), "data.bad_declaration");
  EXPECT_EQ(code([](auto& t) { t.columns[1].censored = {"2"}; }), "data.bad_declaration");
}

TEST(Table, GridsNeedNotBeWhole) {
  TableDeclaration table{.table = "lung", .columns = {}, .where = ""};
  table.columns.push_back({.name = "t", .type = ColumnType::kDuration, .low = 0.1, .high = 2, .step = 0.1});
  EXPECT_EQ(table.columns[0].grid_size(), 20u);
  EXPECT_EQ(Loaded("t\n0.1\n0.3\n0.7\n2.0\n").table(table).columns[0].grid, (std::vector<std::uint32_t>{0, 2, 6, 19}));
  EXPECT_EQ(Loaded("t\n0.3000001\n").error(table).code, "data.off_the_grid");
}

TEST(Table, CodesAreSafeAtSixtyFourBits) {
  TableDeclaration table{.table = "lung", .columns = {}, .where = "id <> '9007199254740992'"};
  table.columns.push_back(
      {.name = "id", .type = ColumnType::kCategory, .levels = {{"9007199254740992", ""}, {"9007199254740993", ""}}});
  const Table loaded = Loaded("id\n9007199254740993\n9007199254740992\n9007199254740993.0\n").table(table);
  EXPECT_EQ(loaded.columns[0].level, (std::vector<std::uint16_t>{1, 1}));
}

TEST(Table, FiltersSelectByNumbersAndCodes) {
  const Loaded loaded(with_header("10,,2,64,Obs\n20,,1,,Lev\n30,,2,30,Lev\n40,,1,80,Obs\n"));
  const auto times = [&](const char* where) { return loaded.table(lung(where)).column("time").grid; };
  using Grid = std::vector<std::uint32_t>;
  EXPECT_EQ(times("rx = 'Obs'"), (Grid{10, 40}));
  EXPECT_EQ(times("status = 2 AND age < 60"), Grid{30});
  EXPECT_EQ(times("age IS NULL"), Grid{20});
  EXPECT_EQ(times("age > 0"), (Grid{10, 30, 40}));  // unknown is not true
  EXPECT_EQ(times("time % 20 = 0 OR lower(rx) LIKE 'l%'"), (Grid{20, 30, 40}));
  EXPECT_EQ(times("age / 0 = 1"), Grid{});
  EXPECT_EQ(loaded.table(lung("age IS NULL")).column("age").missing, std::vector<std::uint8_t>{1});
}

TEST(Table, OnlySelectedRowsMustFitButTheFilterMustBeReadable) {
  const Loaded loaded(with_header("10,,2,64,Obs\n20,,x,150,Lev\n30,,7,40,Third\n"));
  EXPECT_EQ(loaded.table(lung("age < 100 AND rx <> 'Third'")).rows, 1u);
  EXPECT_EQ(loaded.table(lung("time = 10")).rows, 1u);
  const Error error = loaded.error(lung("status = 2"));
  EXPECT_EQ(error.code, "data.unknown_event");
  EXPECT_EQ(error.where, "lung.csv:3:3 (status)");
  EXPECT_EQ(loaded.error(lung("time > 10")).where, "lung.csv:3:3 (status)");
  EXPECT_EQ(loaded.error(lung("time > 20")).where, "lung.csv:4:3 (status)");
  EXPECT_EQ(loaded.error(lung("nope = 1")).code, "data.bad_filter");
}

TEST(Table, CompressedAndParquetFilesGiveTheSame) {
  const TestFolder folder;
  Database database({});
  const std::string rows =
      "(SELECT i % 1000 AS time, 1 + i % 2 AS status, CASE WHEN i % 7 = 0 THEN NULL ELSE 20 + i / 100.0 END::DOUBLE AS "
      "age, "
      "CASE WHEN i % 3 = 0 THEN 'Obs' ELSE 'Lev' END AS rx FROM range(5000) r(i))";
  for (const char* path : {"a/lung.csv", "b/lung.csv.gz", "c [x]*/lung.parquet"}) {
    std::filesystem::create_directories((folder.path() / path).parent_path());
    database.execute("COPY " + rows + " TO " + sql_text((folder.path() / path).string()));
  }
  const Table a = load_table(folder.path() / "a", lung("age < 60"));
  const Table b = load_table(folder.path() / "b", lung("age < 60"));
  const Table c = load_table(folder.path() / "c [x]*", lung("age < 60"));
  EXPECT_GT(a.rows, 3000u);
  for (std::size_t i = 0; i < a.columns.size(); ++i)
    for (const Table* other : {&b, &c}) {
      EXPECT_EQ(a.columns[i].number, other->columns[i].number);
      EXPECT_EQ(a.columns[i].grid, other->columns[i].grid);
      EXPECT_EQ(a.columns[i].event, other->columns[i].event);
      EXPECT_EQ(a.columns[i].level, other->columns[i].level);
      EXPECT_EQ(a.columns[i].missing, other->columns[i].missing);
    }
  TableDeclaration narrow = lung();
  narrow.columns[2].high = 20.15;
  EXPECT_EQ(error_of([&] { load_table(folder.path() / "b", narrow); }).where, "lung.csv.gz:18:3 (age)");
  const Error error = error_of([&] { load_table(folder.path() / "c [x]*", narrow); });
  EXPECT_EQ(error.where, "lung.parquet:row 17 (age)");
  EXPECT_NE(error.message.find("'20.16'"), std::string::npos) << error.message;
}

TEST(Table, RandomBytesAreATableOrAFailure) {
  std::mt19937 random(4);
  constexpr std::string_view alphabet = "0123456789.,,,,\"\n\n\r-eObsLv";
  const TestFolder folder;
  int tables = 0;
  for (int round = 0; round < 1000; ++round) {
    std::string text = random() % 4 == 0 ? "" : kHeader;
    for (auto length = random() % 60; length > 0; --length) text += alphabet[random() % alphabet.size()];
    folder.write("lung.csv", text);
    const std::string code = error_of([&] { load_table(folder.path(), lung()); }).code;
    EXPECT_TRUE(code == "none" || code.starts_with("data.")) << code << ": " << text;
    tables += code == "none";
  }
  EXPECT_GT(tables, 0);
}

TEST(Table, LoadsQuickly) {
  const TestFolder folder;
  write_synthetic_trial(folder.path(), {.sites = {{"a", 200000}}});
  TableDeclaration trial{.table = "trial", .columns = {}, .where = ""};
  trial.columns.push_back(
      {.name = "arm", .type = ColumnType::kCategory, .levels = {{"control", ""}, {"treatment", ""}}});
  trial.columns.push_back({.name = "time", .type = ColumnType::kDuration, .low = 1, .high = 1500});
  trial.columns.push_back({.name = "event", .type = ColumnType::kEvent, .event = {"1"}, .censored = {"0"}});
  trial.columns.push_back({.name = "age", .low = 18, .high = 95});
  for (const char* where : {"", "age >= 60 AND arm = 'control'"}) {
    trial.where = where;
    const std::clock_t start = std::clock();
    const Table table = load_table(folder.path() / "a", trial);
    const double milliseconds = 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::printf("200,000 rows x 4 columns, filter '%s': %zu rows in %.1f ms of processor time\n", where, table.rows,
                milliseconds);
    EXPECT_GT(table.rows, 0u);
  }
}

// A line of a gigabyte, of a file that takes no room: reading stops long before.
TEST(Table, ALineWithoutEndIsRefusedEarly) {
  const TestFolder folder;
  folder.write("lung.csv", with_header("10,"));
  std::filesystem::resize_file(folder.path() / "lung.csv", std::size_t{1} << 30);
  const Error error = error_of([&] { load_table(folder.path(), lung()); });
  EXPECT_EQ(error.code + " " + error.where, "data.unreadable_file lung.csv");
  EXPECT_NE(error.message.find("a line is longer than 16777216 bytes"), std::string::npos);
}

TEST(Table, ACompressedBombIsRefused) {
  const TestFolder folder;
  {
    Database database({});
    database.execute("COPY (SELECT repeat('x', 1000000) AS time FROM range(100)) TO " +
                     sql_text((folder.path() / "lung.csv.gz").string()) + " (FORMAT csv, HEADER)");
  }
  ASSERT_LT(std::filesystem::file_size(folder.path() / "lung.csv.gz"), 400'000u);
  const Error error = error_of([&] { load_table(folder.path(), lung()); });
  EXPECT_EQ(error.code + " " + error.where, "data.unreadable_file lung.csv.gz");
  EXPECT_NE(error.message.find("larger than is allowed"), std::string::npos);
}

}  // namespace
}  // namespace cohortium::data
