// The definitions of tests/cohorts, each with the SQL that was written by hand beside it, for tests.
#pragma once

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"

namespace cohortium::cohort {

struct Example {
  std::string name = {}, definition = {}, sql = {};
  std::vector<std::string> sets = {};  // of data, from the first line: "-- data: gibleed, mimic_demo"
};

inline std::vector<Example> examples() {
  namespace fs = std::filesystem;
  std::vector<Example> found;
  for (const auto& entry : fs::directory_iterator(fs::path(COHORTIUM_SOURCE_FOLDER) / "tests" / "cohorts")) {
    if (entry.path().extension() != ".json") continue;
    Example example{.name = entry.path().stem().string()};
    example.definition = read_file(entry.path(), 1 << 20);
    example.sql = read_file(fs::path(entry.path()).replace_extension(".sql"), 1 << 20);
    std::istringstream sets(example.sql.substr(8, example.sql.find('\n') - 8));
    for (std::string set; std::getline(sets, set, ',');) {
      set.erase(0, set.find_first_not_of(' '));
      example.sets.push_back(set);
    }
    found.push_back(std::move(example));
  }
  std::sort(found.begin(), found.end(), [](const Example& a, const Example& b) { return a.name < b.name; });
  return found;
}

inline bool is_of(const Example& example, const std::string& set) {
  return std::find(example.sets.begin(), example.sets.end(), set) != example.sets.end();
}

}  // namespace cohortium::cohort
