// Values of a definition that end up in SQL: numbers, dates, texts and concepts, checked and printed as constants.
#pragma once

#include "cohort/definition.h"
#include "cohort/json_object.h"

namespace cohortium::cohort {

std::string upper_case(std::string text);

// "2010-01-31", a day that exists, as DATE '2010-01-31'.
std::optional<std::string> parse_date(JsonObject& object, const std::string& name);
// {"Op": "gte", "Value": 18, "Extent": 65}
Range parse_range(JsonObject& object, bool of_dates);
// {"Op": "startsWith", "Text": "x"}
void parse_text_filter(JsonObject& object, Test& test);
// The CONCEPT_ID; what else is said of the concept is for people.
std::int64_t parse_concept(const nlohmann::json& json, const std::string& path);
std::vector<std::int64_t> parse_concepts(JsonObject& object, const std::string& name);

}  // namespace cohortium::cohort
