// What an HL7 v2 message says, as Drafts (docs/omop.md has the table). For .cc files of this folder only.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "omop/draft.h"
#include "omop/hl7.h"

namespace cohortium::omop {

// Whether messages of this type ("ADT^A01") are mapped.
bool is_mapped_type(std::string_view type);
// One Draft per segment that holds a record: PID, PV1, OBX, DG1, PR1, AL1, RXA. A segment that cannot be mapped gives a Draft
// with a reason; throws Refusal when the message as a whole cannot be.
std::vector<Draft> map_message(const Message& message);

// hl7_values.cc
std::optional<double> number_in(std::string_view text);  // of the whole text, but for blanks around it
Codings coded(const Message& message, std::string_view repetition);
// Number, text or code of an OBX segment; one event per repetition of the value.
std::vector<Event> observed(const Message& message, const Segment& obx, const Event& event, Draft& draft);
std::optional<Moment> moment_in(const Message& message, const Segment* segment, std::size_t field, Draft& draft);

}  // namespace cohortium::omop
