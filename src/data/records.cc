#include "data/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "data/csv.h"
#include "data/duckdb.h"
#include "data/table_files.h"

namespace cohortium::data {
namespace {

namespace fs = std::filesystem;

// Nothing where rows are identified by all their fields, or not at all.
std::optional<std::size_t> identifier_position(const RowNaming& naming, const std::vector<std::string>& names,
                                               const std::string& where) {
  if (!naming.wanted() || naming.identifier.empty()) return std::nullopt;
  return column_positions({.columns = {{.name = naming.identifier}}}, names, where).front();
}

class CsvRecords : public Records {
 public:
  CsvRecords(const std::vector<fs::path>& files, const TableDeclaration& declaration, const LoadLimits& limits,
             const RowNaming& naming) {
    for (const fs::path& file : files) {
      TableText text(file, limits.file_bytes);
      const CsvReader csv(text.text(), text.file());
      auto found = column_positions(declaration, csv.header(), text.file());
      const auto identifier = identifier_position(naming, csv.header(), text.file());
      parts_.push_back({std::move(text), std::move(found), identifier, 0});
    }
  }

  void read(std::vector<ColumnReader>& readers, RowNames& names) override {
    for (Part& part : parts_) {
      CsvReader csv(part.text.text(), part.text.file());
      for (part.rows = 0; csv.next(); ++part.rows) {
        for (std::size_t i = 0; i < readers.size(); ++i) readers[i].add(csv.fields()[part.positions[i]]);
        if (!names.naming().wanted()) continue;
        const std::span<const std::string_view> fields = csv.fields();
        names.add(part.identifier ? fields.subspan(*part.identifier, 1) : fields);
      }
    }
  }

  Place place(std::size_t row, const std::string& name) override {
    const Part* part = parts_.data();
    for (; row >= part->rows; ++part) row -= part->rows;
    CsvReader csv(part->text.text(), part->text.file());
    const auto& header = csv.header();
    const auto field = static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin());
    for (std::size_t i = 0; i <= row; ++i) csv.next();
    return {fmt::format("{}:{}:{} ({})", part->text.file(), csv.line(), field + 1, name),
            std::string(csv.fields()[field])};
  }

 private:
  struct Part {
    TableText text;
    std::vector<std::size_t> positions;  // of the declared columns
    std::optional<std::size_t> identifier;
    std::size_t rows;  // known once read
  };
  std::vector<Part> parts_;
};

class ParquetRecords : public Records {
 public:
  ParquetRecords(const std::vector<fs::path>& files, const TableDeclaration& declaration, const LoadLimits& limits,
                 const RowNaming& naming)
      : file_(files.size() == 1 ? files[0].filename().string() : declaration.table + "/*.parquet"),
        database_({.threads = limits.threads, .memory = limits.memory}),
        source_(parquet_sql(files)) {
    const QueryResult schema = query(fmt::format("SELECT * FROM {} LIMIT 0", source_));
    std::vector<std::string> names;
    for (std::size_t i = 0; i < schema.columns(); ++i) names.push_back(schema.column_name(i));
    column_positions(declaration, names, file_);
    for (const ColumnDeclaration& column : declaration.columns) columns_.push_back(text_column(column.name));
    if (!naming.wanted()) return;
    if (const auto identifier = identifier_position(naming, names, file_)) names = {names[*identifier]};
    for (std::string& name : names) name = text_column(name);
    columns_.push_back(fmt::format("{}", fmt::join(names, fmt::format(" || '{}' || ", field_separator))));
  }

  void read(std::vector<ColumnReader>& readers, RowNames& names) override {
    QueryResult result = query(fmt::format("SELECT {} FROM {}", fmt::join(columns_, ", "), source_));
    while (next(result)) {
      for (std::size_t i = 0; i < readers.size(); ++i)
        for (std::size_t row = 0; row < result.rows(); ++row) readers[i].add(result.text(i, row));
      if (!names.naming().wanted()) continue;
      for (std::size_t row = 0; row < result.rows(); ++row) names.add_joined(result.text(readers.size(), row));
    }
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

}  // namespace

std::vector<std::size_t> column_positions(const TableDeclaration& declaration, const std::vector<std::string>& names,
                                          const std::string& where) {
  std::vector<std::size_t> result;
  for (const ColumnDeclaration& column : declaration.columns) {
    const auto found = std::find(names.begin(), names.end(), column.name);
    if (found == names.end())
      throw Failure(
          {.code = "data.unknown_column",
           .message = fmt::format("the table has no column '{}'; it has {}", column.name, fmt::join(names, ", ")),
           .where = fmt::format("{} ({})", where, column.name),
           .remedy = "name the columns as the study does (capitals count), or correct the study"});
    if (std::find(found + 1, names.end(), column.name) != names.end())
      throw Failure({.code = "data.ambiguous_column",
                     .message = fmt::format("the table has more than one column '{}'", column.name),
                     .where = fmt::format("{} ({})", where, column.name),
                     .remedy = "give every column a name of its own"});
    result.push_back(static_cast<std::size_t>(found - names.begin()));
  }
  return result;
}

std::unique_ptr<Records> open_records(const fs::path& folder, const TableDeclaration& declaration,
                                      const LoadLimits& limits, const RowNaming& naming) {
  const std::vector<fs::path> files = table_files(folder, declaration.table);
  if (is_parquet(files[0])) return std::make_unique<ParquetRecords>(files, declaration, limits, naming);
  return std::make_unique<CsvRecords>(files, declaration, limits, naming);
}

}  // namespace cohortium::data
