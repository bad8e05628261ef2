// Compressed files of any bytes: refused with data.unreadable_file, or a text within its limit. The bytes themselves, read as
// a file of lines, are bounded too.
#include "base/error.h"
#include "data/gzip.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  constexpr std::size_t limit = 1 << 20;
  try {
    COHORTIUM_CHECK(cohortium::data::gunzip({reinterpret_cast<const char*>(bytes), size}, limit).size() <= limit);
  } catch (const cohortium::Failure& failure) {
    COHORTIUM_CHECK(failure.error().code == "data.unreadable_file");
  }
  return 0;
}
