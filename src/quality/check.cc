#include "quality/check.h"

#include <algorithm>

namespace cohortium::quality {
namespace {

using enum Category;

constexpr Kind all_kinds[] = {
    {"table", kConformance, 0, "make the table, empty if the site has nothing to put in it"},
    {"column", kConformance, 0, "add the column that the common data model requires"},
    {"type", kConformance, 0, "give the column the type that the common data model asks for"},
    {"key", kConformance, 0, "give every row a key of its own"},
    {"reference", kConformance, 0, "load the rows that are referred to, or remove the rows that refer to nothing"},
    {"concept", kConformance, 0, "load the vocabulary release that the records were mapped with"},
    {"domain", kConformance, 0.05, "move the rows to the table of their concept's domain"},
    {"standard", kConformance, 0.05, "map the records to standard concepts of the vocabulary that is loaded"},
    {"duplicate", kConformance, 0.01, "load every record once: look for a load that ran twice"},
    {"required", kCompleteness, 0, "fill the column; the common data model allows no row without it"},
    {"filled", kCompleteness, 0.95, "look for a column that the load left out"},
    {"value", kCompleteness, 0.5, "load the values of the measurements"},
    {"unit", kCompleteness, 0.2, "map the units of the source to UCUM concepts"},
    {"mapped", kCompleteness, 0.2, "map the codes that have no concept; `cohortium harmonise` lists them"},
    {"period", kCompleteness, 0.1, "give every person the periods in which the site would know of events"},
    {"order", kPlausibility, 0.01, "look for start and end dates that are swapped or cut"},
    {"birth", kPlausibility, 0.01, "look for wrong dates, and for records of one person under another's id"},
    {"future", kPlausibility, 0.01, "look for wrong dates, and for dates that were shifted to hide the true ones"},
    {"after_death", kPlausibility, 0.01, "look for wrong dates of death, and for records under another person's id"},
    {"in_period", kPlausibility, 0.2, "make observation periods again from all records"},
    {"range", kPlausibility, 0.01, "look for wrong units and for codes that stand for no value"},
};

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c != '.' && c > ' ' && c != 127; });
}

}  // namespace

const char* name_of(Category category) {
  switch (category) {
    case kCompleteness:
      return "completeness";
    case kConformance:
      return "conformance";
    case kPlausibility:
      break;
  }
  return "plausibility";
}

std::span<const Kind> kinds() { return all_kinds; }

const Kind* find_kind(std::string_view name) {
  const auto found =
      std::find_if(std::begin(all_kinds), std::end(all_kinds), [&](const Kind& kind) { return kind.name == name; });
  return found == std::end(all_kinds) ? nullptr : &*found;
}

bool is_threshold_name(std::string_view name) {
  std::size_t words = 1;
  while (true) {
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) break;
    if (!is_word(name.substr(0, dot)) || ++words > 4) return false;
    name.remove_prefix(dot + 1);
  }
  return find_kind(name) != nullptr;
}

double threshold_of(const Thresholds& thresholds, const Check& check) {
  for (const std::string& name : {check.id, std::string(check.kind->name)}) {
    if (const auto found = thresholds.find(name); found != thresholds.end()) return found->second;
  }
  return check.kind->threshold;
}

}  // namespace cohortium::quality
