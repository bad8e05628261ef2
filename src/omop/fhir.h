// FHIR R4 bulk exports (NDJSON, one resource per line, plain or gzip) into a Store.
//
// Order     who and where first (Organization, Location, Practitioner, Medication, Patient), then Encounter, then the
//           rest, so that references find what they name. A file named after a type ("Patient.000.ndjson.gz") is read once;
//           any other name is read once per step.
// Hostile   a line is bounded (LineLimits), 64 levels deep at most, valid UTF-8, without a name that stands twice in an
//           object and without numbers beyond a double; otherwise it is rejected with a reason and the next line is read.
//
// Source    HL7 FHIR Bulk Data Access 2.0; FHIR R4 (4.0.1)
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "omop/draft.h"
#include "omop/lines.h"
#include "omop/loader.h"
#include "omop/progress.h"

namespace cohortium::omop {

class FhirParser {
 public:
  FhirParser();
  ~FhirParser();
  FhirParser(const FhirParser&) = delete;
  FhirParser& operator=(const FhirParser&) = delete;

  // The resource type of a line; empty when the line is not a resource that can be read.
  std::string type_of(const std::string& line);
  // The Draft of one line; none when its type is known and not mapped.
  std::optional<Draft> parse(const std::string& line);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A folder's *.ndjson, *.ndjson.gz, *.jsonl and *.jsonl.gz, or one file. Fails with omop.nothing_to_load, and as
// LineReader does.
void load_fhir(Loader& loader, const std::filesystem::path& path, const LineLimits& limits, const ShowProgress& show);

}  // namespace cohortium::omop
