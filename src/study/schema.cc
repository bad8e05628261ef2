#include "study/schema.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "base/error.h"

namespace cohortium::study {
namespace {

constexpr int maximum_depth = 64;

std::string line_and_column(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return std::to_string(line) + ":" + std::to_string(before.size() - start + 1);
}

[[noreturn]] void refuse(const std::string& message, const std::string& where) {
  throw Failure(
      {.code = "study.bad_json", .message = message, .where = where, .remedy = "correct the file and check it again"});
}

}  // namespace

nlohmann::json parse_strictly(std::string_view text, const std::string& file_name) {
  std::vector<std::set<std::string>> keys;
  auto callback = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using parse_event = nlohmann::json::parse_event_t;
    if (depth > maximum_depth) refuse("more than 64 levels of nesting", file_name);
    if (event == parse_event::object_start) keys.emplace_back();
    if (event == parse_event::object_end) keys.pop_back();
    if (event == parse_event::key && !keys.back().insert(parsed.get<std::string>()).second) {
      refuse("the key \"" + parsed.get<std::string>() + "\" stands twice in one object", file_name);
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text, callback);
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t byte = error.byte == 0 ? 0 : error.byte - 1;
    refuse("this is not valid JSON here", file_name + ":" + line_and_column(text, byte));
  } catch (const nlohmann::json::out_of_range&) {
    refuse("a number is larger than any that is computed with", file_name);
  }
}

void check_against_schema(const nlohmann::json& document, const char* schema_text) {
  const nlohmann::json schema_json = nlohmann::json::parse(schema_text);
  valijson::Schema schema;
  valijson::SchemaParser parser;
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_json), schema);
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results)) return;
  // Violations come innermost first or as "failed to validate against child schema" summaries: the longest path says
  // most.
  valijson::ValidationResults::Error violation;
  std::string path, message;
  std::size_t depth = 0;
  while (results.popError(violation)) {
    std::string here;
    for (const std::string& step : violation.context) {
      if (step == "<root>") continue;
      here += "/" + (step.size() > 2 && step.front() == '[' ? step.substr(1, step.size() - 2) : step);
    }
    if (message.empty() || violation.context.size() > depth) {
      depth = violation.context.size();
      path = here;
      message = violation.description;
    }
  }
  throw Failure({.code = "study.not_as_declared",
                 .message = message,
                 .where = path.empty() ? "/" : path,
                 .remedy = "compare with docs/schema/study.schema.json"});
}

}  // namespace cohortium::study
