// The files of a folder that hold tables: TABLE.csv, TABLE.csv.gz or TABLE.parquet, or a folder TABLE of such files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cohortium::data {

// The files of one table, by name: one, or those of its folder. Fails with data.missing_file, data.ambiguous_file.
std::vector<std::filesystem::path> table_files(const std::filesystem::path& folder, const std::string& table);

// The tables that the folder has, by name. Fails with data.missing_file where there is no such folder.
std::vector<std::string> table_names(const std::filesystem::path& folder);

bool is_parquet(const std::filesystem::path& file);

// The text of a CSV file, unpacked, which wipes itself.
class TableText {
 public:
  // At most `limit` bytes, packed and unpacked. Fails with data.unreadable_file.
  TableText(const std::filesystem::path& file, std::size_t limit);
  ~TableText();
  TableText(TableText&&) noexcept = default;
  TableText& operator=(TableText&&) = delete;
  const std::string& file() const { return file_; }
  const std::string& text() const { return text_; }

 private:
  std::string file_, text_;
};

// "read_parquet('/srv/lung.parquet')", with the characters quoted that DuckDB would take for a pattern.
std::string parquet_sql(const std::vector<std::filesystem::path>& files);

}  // namespace cohortium::data
