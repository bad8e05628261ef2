// For tests: the public data and goldens beside the checkout. Who includes this defines COHORTIUM_SOURCE_FOLDER.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace cohortium::data {

inline std::filesystem::path shared_data() {
  const char* said = std::getenv("COHORTIUM_SHARED");
  const std::filesystem::path beside = std::filesystem::path(COHORTIUM_SOURCE_FOLDER) / ".." / "shared";
  return (said != nullptr ? std::filesystem::path(said) : beside) / "data";
}

}  // namespace cohortium::data

// Continuous integration has the data: there its absence is a failure.
#define NEEDS_SHARED_DATA()                                                                   \
  if (const auto needed = cohortium::data::shared_data(); !std::filesystem::exists(needed)) { \
    ASSERT_EQ(std::getenv("CI"), nullptr) << needed << " is missing";                         \
    GTEST_SKIP() << "public data is missing; looked for " << needed;                          \
  }
