// HL7 v2 messages into a Store: from files, and one by one for the listener (mllp.h).
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "omop/hl7.h"
#include "omop/loader.h"
#include "omop/progress.h"

namespace cohortium::omop {

inline constexpr std::size_t kMessageBytes = std::size_t{8} << 20;

// Adds the records of a message to the loader, or the message itself as a reject.
struct Receipt {
  enum class Outcome { kMapped, kNotMapped, kRejected } outcome = Outcome::kMapped;
  std::string control_id;
  std::string reason;  // of a reject
};
Receipt take_message(Loader& loader, const RawMessage& message);

// A folder's *.hl7 and *.hl7.gz, or one file. Fails with omop.nothing_to_load, and as LineReader does.
void load_hl7(Loader& loader, const std::filesystem::path& path, const LineLimits& limits, const ShowProgress& show);

}  // namespace cohortium::omop
