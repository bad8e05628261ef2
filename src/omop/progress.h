// Where a load stands: for a line on the terminal. And which files a load reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohortium::omop {

struct Progress {
  std::string file;
  std::size_t bytes_done = 0, bytes_total = 0;
  std::int64_t records = 0;
};
using ShowProgress = std::function<void(const Progress&)>;  // may throw to end the load

// The folder's files with these endings, by name; or the one file. Fails with omop.nothing_to_load.
std::vector<std::filesystem::path> files_to_load(const std::filesystem::path& path,
                                                 std::span<const std::string_view> endings, const char* remedy);

// Text as the database takes it: bytes that are not UTF-8 shown as \xff.
std::string printable(const std::string& text);

}  // namespace cohortium::omop
