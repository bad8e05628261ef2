#include "harmonise/site_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "data/csv.h"
#include "data/table_files.h"

namespace cohortium::harmonise {
namespace {

constexpr std::size_t most_bytes = std::size_t{256} << 20;

[[noreturn]] void refuse(const data::TableText& text, std::size_t line, const std::string& message) {
  throw Failure({.code = "harmonise.bad_map",
                 .message = message,
                 .where = fmt::format("{}:{}", text.file(), line),
                 .remedy = "write a CSV file with source_code, source_vocabulary_id and target_concept_id"});
}

}  // namespace

SiteMap read_site_map(const std::filesystem::path& path) {
  const data::TableText text(path, most_bytes);
  data::CsvReader csv(text.text(), text.file());
  const auto place = [&](std::string_view name) -> std::optional<std::size_t> {
    const auto found = std::find(csv.header().begin(), csv.header().end(), name);
    if (found == csv.header().end()) return std::nullopt;
    return static_cast<std::size_t>(found - csv.header().begin());
  };
  const auto code = place("source_code"), target = place("target_concept_id"), invalid = place("invalid_reason");
  if (!code || !target || !place("source_vocabulary_id")) refuse(text, 1, "the header lacks a column");
  SiteMap map;
  while (csv.next()) {
    if (invalid && !csv.fields()[*invalid].empty()) continue;
    const std::string_view number = csv.fields()[*target];
    std::int64_t concept_id = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), concept_id);
    if (error != std::errc() || end != number.data() + number.size() || concept_id < 0)
      refuse(text, csv.line(), "target_concept_id is no concept id");
    if (csv.fields()[*code].empty()) refuse(text, csv.line(), "source_code is empty");
    if (concept_id == 0) continue;  // the model's way to say that there is no concept
    std::vector<std::int64_t>& targets = map[std::string(csv.fields()[*code])];
    if (std::find(targets.begin(), targets.end(), concept_id) != targets.end())
      refuse(text, csv.line(), "the same code maps to the same concept before");
    targets.push_back(concept_id);
  }
  return map;
}

}  // namespace cohortium::harmonise
