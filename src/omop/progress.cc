#include "omop/progress.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "base/error.h"

namespace cohortium::omop {

namespace fs = std::filesystem;

std::vector<fs::path> files_to_load(const fs::path& path, std::span<const std::string_view> endings,
                                    const char* remedy) {
  std::vector<fs::path> files;
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::directory_iterator(path)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_regular_file() &&
          std::any_of(endings.begin(), endings.end(), [&](auto ending) { return name.ends_with(ending); }))
        files.push_back(entry.path());
    }
  } else {
    files.push_back(path);
  }
  if (files.empty())
    throw Failure({.code = "omop.nothing_to_load",
                   .message = "the folder holds no file of the kind that is to be loaded",
                   .where = path.string(),
                   .remedy = remedy});
  std::sort(files.begin(), files.end());
  return files;
}

std::string printable(const std::string& text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return text;
  std::string shown;
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x80)
      shown += c;
    else
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return shown;
}

}  // namespace cohortium::omop
