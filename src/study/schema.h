// Checks a JSON document against one of the published schemas (docs/schema, JSON Schema draft 7).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace cohortium::study {

extern const char* const study_schema_text;

// Parses JSON that strangers may have written: at most 64 levels deep, no key twice. Fails with study.bad_json
// (`where` = file:line:column).
nlohmann::json parse_strictly(std::string_view text, const std::string& file_name);

// Fails with study.not_as_declared (`where` = JSON path, "/data/columns/age"), saying every violation.
void check_against_schema(const nlohmann::json& document, const char* schema_text);

}  // namespace cohortium::study
