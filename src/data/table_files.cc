#include "data/table_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <set>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "data/duckdb.h"
#include "data/gzip.h"

namespace cohortium::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestLine = std::size_t{16} << 20;
// A gzip file whose text is more than this many times its size is a bomb, but for small ones.
constexpr std::size_t kExpansion = 200, kAlwaysUnpacked = std::size_t{64} << 20;
constexpr std::array<std::string_view, 3> kEndings = {".csv", ".csv.gz", ".parquet"};

std::optional<std::string> table_of(const fs::path& file) {
  const std::string name = file.filename().string();
  for (const std::string_view ending : kEndings)
    if (name.size() > ending.size() && name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return std::nullopt;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    std::error_code ignored;
    if (entry.is_regular_file(ignored) && table_of(entry.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

[[noreturn]] void refuse_missing(const fs::path& folder, const std::string& table) {
  std::set<std::string> present;
  for (const fs::path& file : files_in(folder)) present.insert(file.filename().string());
  throw Failure({.code = "data.missing_file",
                 .message = fmt::format("there is no {0}.csv, {0}.csv.gz or {0}.parquet; the folder has {1}", table,
                                        present.empty() ? "no tables" : fmt::format("{}", fmt::join(present, ", "))),
                 .where = folder.string(),
                 .remedy = "put the table there, or correct the folder in the node's configuration"});
}

[[noreturn]] void refuse_ambiguous(const fs::path& folder, const fs::path& one, const fs::path& other) {
  throw Failure({.code = "data.ambiguous_file",
                 .message = fmt::format("both {} and {} are there", one.filename().string(), other.filename().string()),
                 .where = folder.string(),
                 .remedy = "keep one of them"});
}

[[noreturn]] void refuse_text(const std::string& file, const std::string& message, const std::string& remedy) {
  throw Failure({.code = "data.unreadable_file", .message = message, .where = file, .remedy = remedy});
}

// The file's text, read no further than a line that no table has.
std::string read_lines(const fs::path& file, std::size_t limit) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return read_file(file, limit);  // which says why
  std::string content;
  std::vector<char> block(std::size_t{1} << 16);
  std::size_t line_began = 0;
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    const std::string_view read(block.data(), static_cast<std::size_t>(in.gcount()));
    if (const std::size_t end = read.rfind('\n'); end != std::string_view::npos) line_began = content.size() + end + 1;
    content.append(read);
    if (content.size() > limit)
      refuse_text(file.filename().string(), fmt::format("the file is larger than {} bytes", limit), "divide it");
    if (content.size() - line_began > kLongestLine)
      refuse_text(file.filename().string(), fmt::format("a line is longer than {} bytes", kLongestLine),
                  "find out what was written there; a table has one line per record");
  }
  return content;
}

}  // namespace

std::vector<fs::path> table_files(const fs::path& folder, const std::string& table) {
  std::vector<fs::path> found;
  std::error_code code;
  for (const std::string_view ending : kEndings)
    if (const fs::path path = folder / (table + std::string(ending)); fs::is_regular_file(path, code))
      found.push_back(path);
  const std::vector<fs::path> parts = files_in(folder / table);
  if (!parts.empty()) found.push_back(folder / table);
  if (found.empty()) refuse_missing(folder, table);
  if (found.size() > 1) refuse_ambiguous(folder, found[0], found[1]);
  if (parts.empty()) return found;
  for (const fs::path& part : parts)
    if (is_parquet(part) != is_parquet(parts[0])) refuse_ambiguous(folder / table, parts[0], part);
  return parts;
}

std::vector<std::string> table_names(const fs::path& folder) {
  std::error_code code;
  if (!fs::is_directory(folder, code))
    throw Failure({.code = "data.missing_file",
                   .message = "there is no such folder",
                   .where = folder.string(),
                   .remedy = "correct \"data\" in the node's configuration"});
  std::set<std::string> names;
  for (const fs::path& file : files_in(folder)) names.insert(*table_of(file));
  for (const auto& entry : fs::directory_iterator(folder, code))
    if (!files_in(entry.path()).empty()) names.insert(entry.path().filename().string());
  return {names.begin(), names.end()};
}

bool is_parquet(const fs::path& file) { return file.extension() == ".parquet"; }

TableText::TableText(const fs::path& file, std::size_t limit) : file_(file.filename().string()) {
  const auto refuse = [&](const Error& error) {
    throw Failure({"data.unreadable_file", error.message, file_, error.rule, error.remedy});
  };
  const bool packed = file.extension() == ".gz";
  Result<std::string> content = attempt([&] { return packed ? read_file(file, limit) : read_lines(file, limit); });
  if (!content.ok()) refuse(content.error());
  text_ = std::move(content).value();
  if (!packed) return;
  const std::size_t unpacked_limit = std::min(limit, std::max(kAlwaysUnpacked, kExpansion * text_.size()));
  Result<std::string> unpacked = attempt([&] { return gunzip(text_, unpacked_limit); });
  if (!unpacked.ok()) refuse(unpacked.error());
  text_ = std::move(unpacked).value();
}

TableText::~TableText() { wipe(text_.data(), text_.size()); }

std::string parquet_sql(const std::vector<fs::path>& files) {
  std::vector<std::string> quoted;
  for (const fs::path& file : files) {
    // The path is a pattern to DuckDB: its special characters stand in brackets.
    std::string pattern;
    for (const char c : fs::absolute(file).string())
      pattern += c == '*' || c == '?' || c == '[' ? fmt::format("[{}]", c) : std::string(1, c);
    quoted.push_back(sql_text(pattern));
  }
  return fmt::format("read_parquet([{}])", fmt::join(quoted, ", "));
}

}  // namespace cohortium::data
