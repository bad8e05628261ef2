// A message of any bytes as HL7 v2: records with reasons or content, and always an acknowledgement that is itself a message.
#include "base/error.h"
#include "omop/hl7_map.h"
#include "omop/mllp.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace cohortium::omop;
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  try {
    const Message message(text);
    COHORTIUM_CHECK(message.header().name == "MSH");
    for (const Segment& segment : message.segments())
      for (std::size_t field = 1; field < segment.fields.size(); ++field) message.text(&segment, field, 2);
    for (const Draft& draft : map_message(message)) COHORTIUM_CHECK(!draft.reason.empty() || !draft.id.empty());
  } catch (const Refusal& refusal) {
    COHORTIUM_CHECK(refusal.reason != nullptr);
  }
  const Message answer(acknowledgement(text, "AA", ""));
  COHORTIUM_CHECK(answer.first("MSA") != nullptr);
  return 0;
}
