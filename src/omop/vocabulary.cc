#include "omop/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "crypto/hash.h"
#include "omop/lines.h"

namespace cohortium::omop {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTables[] = {"concept",       "vocabulary",           "domain",           "concept_class",
                                   "relationship",  "concept_synonym",      "concept_ancestor", "concept_relationship",
                                   "drug_strength", "source_to_concept_map"};

// Where the OMOP model demands a value that a site's own map need not have.
constexpr const char* kMapDefaults[][2] = {{"source_concept_id", "0"},
                                           {"target_vocabulary_id", "'None'"},
                                           {"valid_start_date", "DATE '1970-01-01'"},
                                           {"valid_end_date", "DATE '2099-12-31'"}};

std::string table_of(const fs::path& file) {
  std::string name = file.filename().string();
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  if (!name.ends_with(".csv")) return "";
  name.resize(name.size() - 4);
  return std::find(std::begin(kTables), std::end(kTables), name) != std::end(kTables) ? name : "";
}

[[noreturn]] void refuse(const std::string& message, const fs::path& file) {
  throw Failure({.code = "omop.bad_vocabulary",
                 .message = message,
                 .where = file.string(),
                 .remedy = "use the files as Athena delivers them, or CSV with the columns of the OMOP model"});
}

std::vector<std::string> table_columns(data::Database& database, const std::string& table) {
  std::vector<std::string> names;
  const data::QueryResult schema = database.query(fmt::format("SELECT * FROM {} LIMIT 0", table));
  for (std::size_t i = 0; i < schema.columns(); ++i) names.push_back(schema.column_name(i));
  return names;
}

// 20260131 and 2026-01-31 both are dates in these files.
std::string typed(const std::string& column) {
  if (column.ends_with("_date"))
    return fmt::format("coalesce(try_cast({0} AS DATE), strptime({0}, '%Y%m%d')::DATE) AS {0}", column);
  return column;
}

// The names in a header line, in lower case and without quotes.
std::vector<std::string> names_in(const std::string& header, char separator, const fs::path& file) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at <= header.size();) {
    const std::size_t end = std::min(header.find(separator, at), header.size());
    std::string name = header.substr(at, end - at);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    if (std::find(names.begin(), names.end(), name) != names.end())
      refuse("the column '" + name + "' stands twice in the header", file);
    names.push_back(name);
    at = end + 1;
  }
  return names;
}

// read_csv(...) of the file, every column a text.
std::string csv_source(const fs::path& file, bool tabs, const std::vector<std::string>& names) {
  std::string pattern;  // the path is a pattern to DuckDB: its special characters stand in brackets
  for (const char c : fs::absolute(file).string())
    pattern += c == '*' || c == '?' || c == '[' ? fmt::format("[{}]", c) : std::string(1, c);
  std::string columns;
  for (const std::string& name : names) columns += (columns.empty() ? "" : ", ") + data::sql_text(name) + ": 'VARCHAR'";
  const char* quote = tabs ? "" : "\"";
  return fmt::format(
      "read_csv({}, header = true, auto_detect = false, delim = '{}', quote = '{}', escape = '{}', columns = "
      "{{{}}})",
      data::sql_text(pattern), tabs ? "\t" : ",", quote, quote, columns);
}

void load_table(data::Database& database, const fs::path& file, const std::string& table) {
  std::string header;
  LineReader(file, LineEnds::kCarriageReturnToo, {.line_bytes = 1 << 16}).next(header);
  const bool tabs = header.find('\t') != std::string::npos;
  const std::vector<std::string> present = names_in(header, tabs ? '\t' : ',', file);
  std::string into, from;
  for (const std::string& column : table_columns(database, table)) {
    std::string value;
    for (const auto& [name, fallback] : kMapDefaults)
      if (table == "source_to_concept_map" && column == name) value = fmt::format("{} AS {}", fallback, column);
    if (std::find(present.begin(), present.end(), column) != present.end()) value = typed(column);
    if (value.empty()) continue;
    into += (into.empty() ? "" : ", ") + column;
    from += (from.empty() ? "" : ", ") + value;
  }
  database.execute(fmt::format("DELETE FROM {}", table));
  database.execute(
      fmt::format("INSERT INTO {} ({}) SELECT {} FROM {}", table, into, from, csv_source(file, tabs, present)));
}

}  // namespace

Counts load_vocabulary(Store& store, const fs::path& folder) {
  data::Database& database = store.database();
  Counts counts;
  std::vector<fs::path> files;
  if (fs::is_directory(folder))
    for (const auto& entry : fs::directory_iterator(folder))
      if (!table_of(entry.path()).empty()) files.push_back(entry.path());
  if (files.empty())
    throw Failure({.code = "omop.nothing_to_load",
                   .message = "the folder holds no vocabulary table",
                   .where = folder.string(),
                   .remedy = "name a folder with CONCEPT.csv and the like, or with source_to_concept_map.csv"});
  std::sort(files.begin(), files.end());
  database.execute("BEGIN");
  const auto loaded = attempt([&] {
    for (const fs::path& file : files) {
      const std::string table = table_of(file);
      if (counts.contains(table)) refuse("the folder has two files for the table " + table, file);
      if (const auto done = attempt([&] { return load_table(database, file, table), true; }); !done.ok())
        done.error().code == "data.query_failed" ? refuse(done.error().message, file) : throw Failure(done.error());
      counts[table] = single_number(database, "SELECT count(*) FROM " + table);
    }
    std::string state = store.vocabulary_state();
    for (const auto& [table, rows] : counts) {
      data::QueryResult digest =
          database.query(fmt::format("SELECT CAST(coalesce(sum(hash(t)), 0) AS VARCHAR) FROM (FROM {}) t", table));
      digest.next();
      state += fmt::format(" {} {} {}", table, rows, digest.text(0, 0));
    }
    store.set_vocabulary_state(crypto::sha256_hex(state));
    database.execute("COMMIT");
    return true;
  });
  if (!loaded.ok()) {
    database.execute("ROLLBACK");
    throw Failure(loaded.error());
  }
  store.checkpoint();
  return counts;
}

}  // namespace cohortium::omop
