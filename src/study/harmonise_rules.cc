#include "study/harmonise_rules.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "harmonise/unit.h"

namespace cohortium::study {
namespace {

using harmonise::ColumnRules;
using nlohmann::json;

[[noreturn]] void refuse(const std::string& message, const std::string& where, const std::string& remedy) {
  throw Failure({.code = "study.bad_harmonisation", .message = message, .where = where, .remedy = remedy});
}

// Whether the column has rules.
bool parse_column(const json& entry, ColumnRules& rules) {
  rules.unit_column = entry.value("unit_column", "");
  rules.convert = entry.value("convert", false);
  if (entry.contains("molar_mass")) rules.molar_mass = entry["molar_mass"].get<double>();
  if (entry.contains("days")) {
    rules.days_from = entry["days"].at("from");
    rules.days_until = entry["days"].at("until");
  }
  rules.concepts = entry.value("concepts", false);
  return !rules.unit_column.empty() || rules.convert || rules.molar_mass || !rules.days_from.empty() || rules.concepts;
}

void check_column(const data::ColumnDeclaration& column, const ColumnRules& rules, const cohort::Feature* feature) {
  const std::string path = "/data/columns/" + column.name;
  if (feature != nullptr && (!rules.unit_column.empty() || !rules.days_from.empty() || rules.concepts))
    refuse("unit_column, days and concepts are of a table's columns; this one is a feature of a cohort", path,
           "leave them out; a feature's value is converted with \"convert\": true");
  if (feature == nullptr && rules.convert)
    refuse("convert is of a cohort's features", path + "/convert", "name the column of units with unit_column");
  if (rules.convert && feature->kind != cohort::Feature::Kind::kFirstValue &&
      feature->kind != cohort::Feature::Kind::kLastValue)
    refuse("only first_value and last_value have a unit to convert from", path + "/convert", "leave it out");
  const bool converts = rules.convert || !rules.unit_column.empty();
  if (!rules.days_from.empty() && (converts || (!column.unit.empty() && column.unit != "d")))
    refuse("days between dates are in d", path, "write unit d, or leave it out");
  if (converts && column.unit.empty())
    refuse("values are to be converted, and no unit says into what", path, "declare the column's unit");
  if (converts || rules.molar_mass) {
    const auto unit = attempt([&] { return harmonise::parse_unit(column.unit); });
    if (!unit.ok()) {
      Error error = unit.error();
      error.where = path + "/unit";
      throw Failure(error);
    }
  }
}

}  // namespace

void parse_harmonisation(const json& data, Study& study, cohort::CohortTable* cohort) {
  for (std::size_t i = 0; i < study.data.columns.size(); ++i) {
    const data::ColumnDeclaration& column = study.data.columns[i];
    ColumnRules rules;
    if (!parse_column(data.at("columns").at(column.name), rules)) continue;
    check_column(column, rules, cohort == nullptr ? nullptr : &cohort->features[i]);
    if (cohort != nullptr) cohort->features[i].with_unit = rules.convert;
    study.harmonise.columns.emplace(column.name, rules);
  }
  if (!data.contains("same_row")) return;
  if (cohort != nullptr) refuse("a cohort has one row per entry and no duplicates", "/data/same_row", "leave it out");
  study.harmonise.same_row = data["same_row"].at("by").get<std::vector<std::string>>();
  study.harmonise.latest = data["same_row"].value("latest", "");
}

harmonise::AgreementRules parse_agreement(const json& agreement) {
  harmonise::AgreementRules rules;
  if (agreement.contains("about")) rules.about = agreement["about"].get<std::set<std::string>>();
  rules.coverage_within = agreement.value("coverage_within", rules.coverage_within);
  rules.days_within = agreement.value("days_within", rules.days_within);
  return rules;
}

}  // namespace cohortium::study
