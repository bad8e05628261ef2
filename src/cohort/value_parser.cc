#include "cohort/value_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/duckdb.h"

namespace cohortium::cohort {
namespace {

// Digits at [from, from + count) as a number; nothing when other characters stand there.
std::optional<int> digits(const std::string& text, std::size_t from, std::size_t count) {
  if (text.size() < from + count) return std::nullopt;
  int value = 0;
  for (std::size_t i = from; i < from + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = 10 * value + (text[i] - '0');
  }
  return value;
}

std::string number(JsonObject& object, const std::string& name) {
  const nlohmann::json& value = object.require(name);
  if (!value.is_number() || !std::isfinite(value.get<double>()) || std::abs(value.get<double>()) > 1e15)
    refuse_definition(object.path_of(name), "a number of at most 1e15 is needed here");
  if (value.is_number_integer()) return fmt::format("({})", value.get<std::int64_t>());
  return fmt::format("({})", value.get<double>());
}

}  // namespace

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

std::optional<std::string> parse_date(JsonObject& object, const std::string& name) {
  const auto text = object.text(name);
  if (!text || text->empty()) return std::nullopt;
  const auto year = digits(*text, 0, 4), month = digits(*text, 5, 2), day = digits(*text, 8, 2);
  // ATLAS writes the day alone or with midnight after it.
  const bool shaped = year && month && day && (*text)[4] == '-' && (*text)[7] == '-' &&
                      (text->size() == 10 || text->substr(10) == "T00:00:00.000Z");
  const bool exists =
      shaped && std::chrono::year_month_day(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                            std::chrono::day(static_cast<unsigned>(*day)))
                    .ok();
  if (!exists) refuse_definition(object.path_of(name), "a day such as 2010-01-31 is needed here");
  return fmt::format("DATE '{:04}-{:02}-{:02}'", *year, *month, *day);
}

Range parse_range(JsonObject& object, bool of_dates) {
  static const std::pair<const char*, const char*> operators[] = {{"lt", "<"},   {"lte", "<="}, {"eq", "="},
                                                                  {"!eq", "<>"}, {"gt", ">"},   {"gte", ">="}};
  const auto constant = [&](const char* name) {
    if (!of_dates) return number(object, name);
    const auto date = parse_date(object, name);
    if (!date) refuse_definition(object.path_of(name), "this field is missing");
    return *date;
  };
  const std::string op = object.text("Op").value_or("");
  Range range{.low = constant("Value")};
  if (op == "bt" || op == "!bt") {
    range.negated = op == "!bt";
    range.high = constant("Extent");
    return range;
  }
  object.ignore({"Extent"});
  for (const auto& [name, symbol] : operators)
    if (op == name) range.op = symbol;
  if (range.op.empty()) refuse_definition(object.path_of("Op"), "lt, lte, eq, !eq, gt, gte, bt or !bt is needed here");
  return range;
}

void parse_text_filter(JsonObject& object, Test& test) {
  std::string op = object.text("Op").value_or("");
  const std::string text = object.text("Text").value_or("");
  test.excluded = op.starts_with('!');
  if (test.excluded) op.erase(0, 1);
  if (op == "eq") {
    test.match = Test::Match::kIs;
  } else if (op == "startsWith") {
    test.match = Test::Match::kStarts;
  } else if (op == "endsWith") {
    test.match = Test::Match::kEnds;
  } else if (op == "contains") {
    test.match = Test::Match::kContains;
  } else {
    refuse_definition(object.path_of("Op"), "eq, startsWith, endsWith or contains is needed here, with or without !");
  }
  if (text.empty()) refuse_definition(object.path_of("Text"), "text that is not empty is needed here");
  test.text = data::sql_text(text);
  test.characters =
      static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::int64_t parse_concept(const nlohmann::json& json, const std::string& path) {
  JsonObject object(json, path);
  object.ignore({"CONCEPT_NAME", "STANDARD_CONCEPT", "STANDARD_CONCEPT_CAPTION", "INVALID_REASON",
                 "INVALID_REASON_CAPTION", "CONCEPT_CODE", "DOMAIN_ID", "VOCABULARY_ID", "CONCEPT_CLASS_ID",
                 "VALID_START_DATE", "VALID_END_DATE"});
  const auto id = object.integer("CONCEPT_ID", 0, kMostConcept);
  if (!id) refuse_definition(object.path_of("CONCEPT_ID"), "this field is missing");
  object.finish();
  return *id;
}

std::vector<std::int64_t> parse_concepts(JsonObject& object, const std::string& name) {
  std::vector<std::int64_t> concepts;
  for (const auto& [entry, path] : object.list(name)) concepts.push_back(parse_concept(*entry, path));
  return concepts;
}

}  // namespace cohortium::cohort
