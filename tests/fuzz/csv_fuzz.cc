// CSV of any bytes: refused with data.unreadable_file, or records with as many fields as the header has.
#include "base/error.h"
#include "data/csv.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  try {
    cohortium::data::CsvReader reader({reinterpret_cast<const char*>(bytes), size}, "fuzz.csv");
    while (reader.next()) COHORTIUM_CHECK(reader.fields().size() == reader.header().size());
  } catch (const cohortium::Failure& failure) {
    COHORTIUM_CHECK(failure.error().code == "data.unreadable_file");
  }
  return 0;
}
