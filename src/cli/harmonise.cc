// `cohortium harmonise`: what of a site's records is not harmonised, for its data engineer.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "harmonise/coverage.h"
#include "node/config.h"

namespace cohortium::cli {
namespace {

using harmonise::CodeCoverage;
using harmonise::MeasuredUnit;
using nlohmann::json;

constexpr std::size_t most_lines = 20;  // of codes and of units, on the terminal

json to_json(const CodeCoverage& coverage, const std::vector<MeasuredUnit>& units) {
  json tables = json::array(), codes = json::array(), measured = json::array();
  for (const auto& table : coverage.tables)
    tables.push_back({{"table", table.table},
                      {"rows", table.rows},
                      {"mapped", table.mapped},
                      {"by_site_map", table.by_site_map},
                      {"by_vocabulary", table.by_vocabulary},
                      {"not_looked_at", table.codes_not_looked_at}});
  for (const auto& code : coverage.codes)
    codes.push_back({{"table", code.table},
                     {"code", code.code},
                     {"rows", code.rows},
                     {"concept", code.concept_id},
                     {"by", name_of(code.by)}});
  for (const MeasuredUnit& unit : units)
    measured.push_back({{"concept", unit.concept_id},
                        {"unit", unit.unit},
                        {"rows", unit.rows},
                        {"into", unit.into},
                        {"fault", unit.fault}});
  return {{"tables", tables}, {"codes", codes}, {"units", measured}};
}

std::string to_text(const CodeCoverage& coverage, const std::vector<MeasuredUnit>& units) {
  std::string text = fmt::format("{:<22} {:>12} {:>12} {:>12} {:>12} {:>12}\n", "table", "rows", "mapped",
                                 "by site map", "vocabulary", "unmapped");
  for (const auto& table : coverage.tables)
    text += fmt::format("{:<22} {:>12} {:>12} {:>12} {:>12} {:>12}\n", table.table, table.rows, table.mapped,
                        table.by_site_map, table.by_vocabulary,
                        table.rows - table.mapped - table.by_site_map - table.by_vocabulary);
  std::size_t lines = 0;
  for (const auto& code : coverage.codes) {
    if (code.by != harmonise::MappedBy::kNothing || lines == most_lines) continue;
    if (lines++ == 0) text += "\nCodes that map to nothing, the most frequent first (--json has all)\n";
    text += fmt::format("{:<22} {:>12} {}\n", code.table, code.rows, code.code.empty() ? "(no code)" : code.code);
  }
  lines = 0;
  for (const MeasuredUnit& unit : units) {
    if (unit.fault.empty() || lines == most_lines) continue;
    if (lines++ == 0)
      text += "\nUnits that do not convert into the most frequent one of their measurement (--json has all)\n";
    text += fmt::format("concept {:<14} {:>12} {} into {}: {}\n", unit.concept_id, unit.rows,
                        unit.unit.empty() ? "(no unit)" : unit.unit, unit.into.empty() ? "(no unit)" : unit.into,
                        unit.fault);
  }
  return text;
}

}  // namespace

void show_harmonisation(const HarmoniseOptions& options, const Output& output) {
  const std::filesystem::path path = options.map.empty() ? node::read_site_rules(options.source).map : options.map;
  const harmonise::SiteMap map = path.empty() ? harmonise::SiteMap() : harmonise::read_site_map(path);
  const auto source = data::open_source(node::read_source(options.source));
  const CodeCoverage coverage = harmonise::code_coverage(*source, map);
  const std::vector<MeasuredUnit> units = harmonise::measured_units(*source);
  std::fputs((output.json ? to_json(coverage, units).dump(2) + "\n" : to_text(coverage, units)).c_str(), stdout);
}

}  // namespace cohortium::cli
