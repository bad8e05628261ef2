// Bytes as a file, for readers that take a path: in memory, always the same one.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/error.h"

namespace cohortium::fuzz {

inline std::filesystem::path memory_file(const unsigned char* bytes, std::size_t size) {
  static const int file = ::memfd_create("fuzz", 0);
  COHORTIUM_CHECK(file >= 0 && ::ftruncate(file, 0) == 0);
  COHORTIUM_CHECK(::pwrite(file, bytes, size, 0) == static_cast<ssize_t>(size));
  return "/proc/self/fd/" + std::to_string(file);
}

}  // namespace cohortium::fuzz
