#include "data/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "data/csv.h"
#include "data/duckdb.h"
#include "data/gzip.h"

namespace cohortium::data {
namespace {

namespace fs = std::filesystem;

// Where each declared column stands among the file's columns.
std::vector<std::size_t> positions(const TableDeclaration& declaration, const std::vector<std::string>& names,
                                   const std::string& file) {
  std::vector<std::size_t> result;
  for (const ColumnDeclaration& column : declaration.columns) {
    const auto found = std::find(names.begin(), names.end(), column.name);
    if (found == names.end())
      throw Failure(
          {.code = "data.unknown_column",
           .message = fmt::format("the table has no column '{}'; it has {}", column.name, fmt::join(names, ", ")),
           .where = fmt::format("{} ({})", file, column.name),
           .remedy = "name the columns as the study does (capitals count), or correct the study"});
    if (std::find(found + 1, names.end(), column.name) != names.end())
      throw Failure({.code = "data.ambiguous_column",
                     .message = fmt::format("the table has more than one column '{}'", column.name),
                     .where = fmt::format("{} ({})", file, column.name),
                     .remedy = "give every column a name of its own"});
    result.push_back(static_cast<std::size_t>(found - names.begin()));
  }
  return result;
}

std::string whole_file(const fs::path& path, std::size_t limit) {
  Result<std::string> content = attempt([&] { return read_file(path, limit); });
  if (content.ok()) return std::move(content).value();
  throw Failure({.code = "data.unreadable_file",
                 .message = content.error().message,
                 .where = path.filename().string(),
                 .remedy = content.error().remedy});
}

class CsvRecords : public Records {
 public:
  CsvRecords(const fs::path& path, const TableDeclaration& declaration, const LoadLimits& limits)
      : file_(path.filename().string()), text_(whole_file(path, limits.file_bytes)) {
    if (path.extension() == ".gz") decompress(limits.file_bytes);
    positions_ = positions(declaration, CsvReader(text_, file_).header(), file_);
  }
  ~CsvRecords() override { wipe(text_.data(), text_.size()); }

  void read(std::vector<ColumnReader>& readers) override {
    CsvReader csv(text_, file_);
    while (csv.next())
      for (std::size_t i = 0; i < readers.size(); ++i) readers[i].add(csv.fields()[positions_[i]]);
  }

  Place place(std::size_t row, const std::string& name) override {
    CsvReader csv(text_, file_);
    const auto& header = csv.header();
    const auto field = static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin());
    for (std::size_t i = 0; i <= row; ++i) csv.next();
    return {fmt::format("{}:{}:{} ({})", file_, csv.line(), field + 1, name), std::string(csv.fields()[field])};
  }

 private:
  void decompress(std::size_t limit) {
    Result<std::string> text = attempt([&] { return gunzip(text_, limit); });
    if (!text.ok())
      throw Failure({text.error().code, text.error().message, file_, text.error().rule, text.error().remedy});
    text_ = std::move(text).value();
  }

  std::string file_;
  std::string text_;
  std::vector<std::size_t> positions_;
};

class ParquetRecords : public Records {
 public:
  ParquetRecords(const fs::path& path, const TableDeclaration& declaration, const LoadLimits& limits)
      : file_(path.filename().string()), database_({.threads = limits.threads, .memory = limits.memory}) {
    // The path is a pattern to DuckDB: its special characters stand in brackets.
    std::string pattern;
    for (const char c : fs::absolute(path).string())
      pattern += c == '*' || c == '?' || c == '[' ? fmt::format("[{}]", c) : std::string(1, c);
    source_ = fmt::format("read_parquet({})", sql_text(pattern));

    const QueryResult schema = query(fmt::format("SELECT * FROM {} LIMIT 0", source_));
    std::vector<std::string> names;
    for (std::size_t i = 0; i < schema.columns(); ++i) names.push_back(schema.column_name(i));
    positions(declaration, names, file_);
    for (const ColumnDeclaration& column : declaration.columns) columns_.push_back(text_column(column.name));
  }

  void read(std::vector<ColumnReader>& readers) override {
    QueryResult result = query(fmt::format("SELECT {} FROM {}", fmt::join(columns_, ", "), source_));
    while (next(result))
      for (std::size_t i = 0; i < readers.size(); ++i)
        for (std::size_t row = 0; row < result.rows(); ++row) readers[i].add(result.text(i, row));
  }

  Place place(std::size_t row, const std::string& name) override {
    QueryResult result = query(fmt::format("SELECT {} FROM {} LIMIT 1 OFFSET {}", text_column(name), source_, row));
    const bool found = next(result);
    return {fmt::format("{}:row {} ({})", file_, row + 1, name), found ? std::string(result.text(0, 0)) : ""};
  }

 private:
  // NULL is the empty field. DuckDB prints a DOUBLE with the digits that give it back.
  static std::string text_column(const std::string& name) {
    return fmt::format("coalesce(CAST({} AS VARCHAR), '')", sql_name(name));
  }

  template <class Body>
  auto readable(Body body) {
    auto result = attempt(body);
    if (!result.ok())
      throw Failure({.code = "data.unreadable_file",
                     .message = "the file cannot be read as Parquet: " + result.error().message,
                     .where = file_,
                     .remedy = "write the table again as Parquet or CSV"});
    return std::move(result).value();
  }
  QueryResult query(const std::string& sql) {
    return readable([&] { return database_.query(sql); });
  }
  bool next(QueryResult& result) {
    return readable([&] { return result.next(); });
  }

  std::string file_;
  Database database_;
  std::string source_;
  std::vector<std::string> columns_;
};

[[noreturn]] void refuse_missing(const fs::path& folder, const std::string& table) {
  std::set<std::string> present;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".csv") || name.ends_with(".csv.gz") || name.ends_with(".parquet")) present.insert(name);
  }
  throw Failure({.code = "data.missing_file",
                 .message = fmt::format("there is no {0}.csv, {0}.csv.gz or {0}.parquet; the folder has {1}", table,
                                        present.empty() ? "no tables" : fmt::format("{}", fmt::join(present, ", "))),
                 .where = folder.string(),
                 .remedy = "put the table there, or correct the folder in the node's configuration"});
}

}  // namespace

std::unique_ptr<Records> open_records(const fs::path& folder, const TableDeclaration& declaration,
                                      const LoadLimits& limits) {
  std::vector<fs::path> found;
  for (const char* ending : {".csv", ".csv.gz", ".parquet"}) {
    std::error_code code;
    if (const fs::path path = folder / (declaration.table + ending); fs::is_regular_file(path, code))
      found.push_back(path);
  }
  if (found.empty()) refuse_missing(folder, declaration.table);
  if (found.size() > 1)
    throw Failure(
        {.code = "data.ambiguous_file",
         .message = fmt::format("both {} and {} are there", found[0].filename().string(), found[1].filename().string()),
         .where = folder.string(),
         .remedy = "keep the one that is meant"});
  if (found[0].extension() == ".parquet") return std::make_unique<ParquetRecords>(found[0], declaration, limits);
  return std::make_unique<CsvRecords>(found[0], declaration, limits);
}

}  // namespace cohortium::data
