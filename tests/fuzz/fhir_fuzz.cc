// A line of any bytes as a FHIR resource: a record with a key and dates of the calendar, a reason, or a kind that is not
// mapped.
#include "base/error.h"
#include "omop/fhir.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  static cohortium::omop::FhirParser parser;
  const std::string line(reinterpret_cast<const char*>(bytes), size);
  const auto draft = parser.parse(line);
  if (!draft) {
    COHORTIUM_CHECK(!parser.type_of(line).empty());
    return 0;
  }
  if (draft->reason.empty()) COHORTIUM_CHECK(!draft->kind.empty() && !draft->id.empty());
  for (const auto& event : draft->events) {
    const auto day = cohortium::omop::fhir_moment(event.start.date());
    COHORTIUM_CHECK(day && day->date() == event.start.date());
    COHORTIUM_CHECK(!event.code.empty() || !event.medication.empty() || event.area == cohortium::omop::Area::kVisit);
  }
  return 0;
}
