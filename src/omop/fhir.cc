#include "omop/fhir.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "omop/fhir_resources.h"

namespace cohortium::omop {
namespace {

constexpr std::size_t kDepth = 64;
constexpr int kSteps = 7;  // the last one: everything that is not named here

int step_of(std::string_view type) {
  constexpr std::array<std::string_view, kSteps - 1> order = {"Organization", "Location", "Practitioner",
                                                              "Medication",   "Patient",  "Encounter"};
  return static_cast<int>(std::find(order.begin(), order.end(), type) - order.begin());
}

// FHIR ids are short; servers that exceed the rule are refused rather than trusted with keys of any length.
bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
  });
}

const char* reason_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR:
      return "invalid_utf8";
    case simdjson::DEPTH_ERROR:
      return "nested_too_deep";
    case simdjson::NUMBER_ERROR:
      return "number_out_of_range";
    case simdjson::CAPACITY:
      return "line_too_long";
    default:
      return "bad_json";
  }
}

}  // namespace

struct FhirParser::State {
  simdjson::dom::parser parser;
  std::string padded;

  simdjson::error_code parse(const std::string& line, simdjson::dom::element& root) {
    if (parser.max_depth() != kDepth || parser.capacity() < line.size()) {
      const auto failed = parser.allocate(std::max<std::size_t>(line.size() * 2, 1 << 16), kDepth);
      if (failed != simdjson::SUCCESS) return failed;
    }
    padded.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    padded = line;
    return parser.parse(padded.data(), padded.size(), false).get(root);
  }
};

FhirParser::FhirParser() : state_(std::make_unique<State>()) {}
FhirParser::~FhirParser() = default;

std::string FhirParser::type_of(const std::string& line) {
  simdjson::dom::element root;
  std::string_view type;
  if (state_->parse(line, root) != simdjson::SUCCESS || root["resourceType"].get(type) != simdjson::SUCCESS) return "";
  return std::string(type);
}

std::optional<Draft> FhirParser::parse(const std::string& line) {
  Draft draft;
  try {
    simdjson::dom::element root;
    if (const auto error = state_->parse(line, root); error != simdjson::SUCCESS) throw Refusal{reason_of(error)};
    if (!root.is_object()) throw Refusal{"not_a_resource"};
    const Json resource(root);
    const std::string type = resource["resourceType"].text();
    if (type.empty()) throw Refusal{"not_a_resource"};
    if (!is_resource_type(type)) throw Refusal{"unknown_resource_type"};
    draft.kind = type;
    const MapResource map = mapper_of(type);
    if (map == nullptr) return {};
    const std::string id = resource["id"].text();
    if (!is_id(id)) throw Refusal{"bad_id"};
    draft.id = id;
    if (has_duplicate_names(root)) throw Refusal{"duplicate_name"};
    draft.updated = resource["meta"]["lastUpdated"].moment();
    map(resource, draft);
  } catch (const Refusal& refusal) {
    Draft rejected{.kind = draft.kind, .id = draft.id, .updated = draft.updated, .reason = refusal.reason};
    rejected.withdraws = refusal.withdraws;
    rejected.subject = draft.subject;
    draft = std::move(rejected);
  }
  draft.raw = printable(line);
  return draft;
}

namespace {

namespace fs = std::filesystem;

struct Reading {
  fs::path path;
  int first, last;  // steps whose types are taken from it
};

std::vector<Reading> plan(const fs::path& path) {
  constexpr std::string_view endings[] = {".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz"};
  const auto files =
      files_to_load(path, endings, "name a folder with TYPE.ndjson or TYPE.ndjson.gz as an export writes it");
  std::vector<Reading> readings;
  for (int step = 0; step < kSteps; ++step)
    for (const fs::path& file : files) {
      const std::string name = file.filename().string();
      const std::string type = name.substr(0, name.find('.'));
      if (!is_resource_type(type))
        readings.push_back({file, step, step});
      else if (step_of(type) == step)
        readings.push_back({file, 0, kSteps - 1});
    }
  return readings;
}

// One line into the loader, if it is the turn of its type.
void take_line(Loader& loader, FhirParser& parser, const Reading& reading, const std::string& line,
               std::int64_t number) {
  const bool all_types = reading.first == 0 && reading.last == kSteps - 1;
  if (!all_types && step_of(parser.type_of(line)) != reading.first) return;
  std::optional<Draft> draft = parser.parse(line);
  if (!draft) return loader.count_not_mapped(parser.type_of(line));
  draft->line = number;
  loader.add(*draft);
}

void take_long_line(Loader& loader, const Reading& reading, std::int64_t number) {
  if (reading.last != kSteps - 1) return;  // counted in the last step
  Draft draft{.line = number, .reason = "line_too_long"};
  loader.add(draft);
}

bool is_blank(const std::string& line) { return line.find_first_not_of(" \t\r") == std::string::npos; }

}  // namespace

void load_fhir(Loader& loader, const fs::path& path, const LineLimits& limits, const ShowProgress& show) {
  const std::vector<Reading> readings = plan(path);
  Progress progress;
  for (const Reading& reading : readings) progress.bytes_total += fs::file_size(reading.path);
  FhirParser parser;
  std::size_t bytes_before = 0;
  for (const Reading& reading : readings) {
    LineReader lines(reading.path, LineEnds::kLineFeed, limits);
    loader.begin_file(fs::absolute(reading.path).lexically_normal().string(), reading.first == 0);
    progress.file = reading.path.filename().string();
    std::string line;
    for (auto arrival = lines.next(line); arrival != LineReader::Arrival::kEnd; arrival = lines.next(line)) {
      const bool too_long = arrival == LineReader::Arrival::kTooLong;
      if (reading.last == kSteps - 1 && (too_long || !is_blank(line))) loader.count_read();
      if (too_long)
        take_long_line(loader, reading, lines.number());
      else if (!is_blank(line))
        take_line(loader, parser, reading, line, lines.number());
      progress.bytes_done = bytes_before + lines.bytes_of_file();
      if (++progress.records % 256 == 0) show(progress);
    }
    bytes_before += lines.bytes_of_file();
  }
  loader.commit();
  progress.bytes_done = progress.bytes_total;
  show(progress);
}

}  // namespace cohortium::omop
