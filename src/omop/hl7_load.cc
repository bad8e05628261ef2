#include "omop/hl7_load.h"

#include <algorithm>

#include "omop/hl7_map.h"

namespace cohortium::omop {
namespace {

// A message as a record of its own: kept whole when it is refused.
Draft whole_message(const RawMessage& raw, const std::string& control_id, const char* reason) {
  return {.kind = "message", .id = control_id, .line = raw.line, .raw = printable(raw.text), .reason = reason};
}

// Segments that are records: PID and PV1 once per message, the others as often as they stand there.
std::int64_t records_in(const Message& message) {
  std::int64_t count = (message.first("PID") != nullptr) + (message.first("PV1") != nullptr);
  for (const Segment& segment : message.segments())
    for (const char* name : {"OBX", "DG1", "PR1", "AL1", "RXA"}) count += segment.name == name;
  return count;
}

}  // namespace

Receipt take_message(Loader& loader, const RawMessage& raw) {
  Receipt receipt;
  try {
    if (raw.reason != nullptr) throw Refusal{raw.reason};
    const Message message(raw.text);
    receipt.control_id = message.control_id();
    const std::string type = message.type();
    if (type.size() < 7) throw Refusal{"bad_message_type"};
    if (!is_mapped_type(type)) {
      loader.count_message("not_mapped");
      loader.count_read();
      loader.count_not_mapped(type.substr(0, 16));
      receipt.outcome = Receipt::Outcome::kNotMapped;
      return receipt;
    }
    std::vector<Draft> drafts = map_message(message);
    loader.count_read(records_in(message));
    for (Draft& draft : drafts) {
      draft.line = raw.line;
      draft.raw = printable(draft.raw);
      loader.add(draft);
    }
    loader.count_message("mapped");
  } catch (const Refusal& refusal) {
    loader.count_read();
    loader.count_message("rejected");
    loader.add(whole_message(raw, receipt.control_id, refusal.reason));
    receipt.outcome = Receipt::Outcome::kRejected;
    receipt.reason = refusal.reason;
  }
  return receipt;
}

void load_hl7(Loader& loader, const std::filesystem::path& path, const LineLimits& limits, const ShowProgress& show) {
  constexpr std::string_view endings[] = {".hl7", ".hl7.gz"};
  const auto files = files_to_load(path, endings, "name a folder with *.hl7 or *.hl7.gz, or one file");
  Progress progress;
  for (const auto& file : files) progress.bytes_total += std::filesystem::file_size(file);
  std::size_t bytes_before = 0;
  for (const auto& file : files) {
    MessageReader reader(file, limits, kMessageBytes);
    loader.begin_file(std::filesystem::absolute(file).lexically_normal().string());
    progress.file = file.filename().string();
    RawMessage message;
    while (reader.next(message)) {
      take_message(loader, message);
      progress.bytes_done = bytes_before + reader.bytes_of_file();
      if (++progress.records % 64 == 0) show(progress);
    }
    bytes_before += reader.bytes_of_file();
  }
  loader.commit();
}

}  // namespace cohortium::omop
