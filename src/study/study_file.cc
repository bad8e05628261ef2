#include "study/study_file.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "crypto/canonical_json.h"
#include "crypto/hash.h"
#include "release/rounding.h"
#include "statistics/adjustment.h"
#include "study/harmonise_rules.h"
#include "study/schema.h"

namespace cohortium::study {
namespace {

using nlohmann::json;

constexpr std::size_t largest_study = 1 << 20;
constexpr std::size_t largest_grid = 1 << 20;

// The code as it stands in a CSV file.
std::string code_text(const json& code) { return code.is_string() ? code.get<std::string>() : code.dump(); }

std::vector<std::string> code_list(const json& codes, const std::string& path) {
  std::vector<std::string> list;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    list.push_back(code_text(codes[i]));
    if (!seen.insert(list.back()).second) {
      throw Failure({.code = "study.duplicate_code",
                     .message = "code \"" + list.back() + "\" stands twice",
                     .where = path + "/" + std::to_string(i),
                     .remedy = "name each code once"});
    }
  }
  return list;
}

void check_range(const data::ColumnDeclaration& column, const std::string& path) {
  auto refuse = [&](const std::string& message) {
    throw Failure(
        {.code = "study.bad_range", .message = message, .where = path, .remedy = "declare [smallest, largest]"});
  };
  if (!std::isfinite(column.low) || !std::isfinite(column.high) || !(column.low < column.high)) {
    refuse("the range of \"" + column.name + "\" is not two finite numbers, the smaller first");
  }
  if (column.type == data::ColumnType::kDuration &&
      (column.high - column.low) / column.step >= static_cast<double>(largest_grid)) {
    refuse("the time grid of \"" + column.name + "\" has more than " + std::to_string(largest_grid) + " points");
  }
}

void parse_levels(const json& levels, const std::string& path, data::ColumnDeclaration& column) {
  if (levels.is_string()) return;  // "steps": parse_rows fills them in
  if (levels.is_object()) {
    for (const auto& [code, label] : levels.items()) column.levels.push_back({code, label.get<std::string>()});
  } else {
    for (const std::string& code : code_list(levels, path)) column.levels.push_back({code, code});
  }
}

data::ColumnDeclaration parse_column(const std::string& name, const json& entry) {
  const std::string path = "/data/columns/" + name;
  const std::string type = entry.at("type");
  data::ColumnDeclaration column{.name = name};
  column.unit = entry.value("unit", "");
  if (entry.contains("missing")) column.missing = code_list(entry.at("missing"), path + "/missing");
  if (type == "number" || type == "duration") {
    column.type = type == "number" ? data::ColumnType::kNumber : data::ColumnType::kDuration;
    column.low = entry.at("range").at(0);
    column.high = entry.at("range").at(1);
    column.step = entry.value("step", 1.0);
    check_range(column, path + "/range");
  } else if (type == "event") {
    column.type = data::ColumnType::kEvent;
    column.event = code_list(entry.at("event"), path + "/event");
    column.censored = code_list(entry.at("censored"), path + "/censored");
    for (const std::string& code : column.censored) {
      if (std::find(column.event.begin(), column.event.end(), code) != column.event.end()) {
        throw Failure({.code = "study.duplicate_code",
                       .message = "code \"" + code + "\" means both event and censored",
                       .where = path + "/censored",
                       .remedy = "let each code mean one thing"});
      }
    }
  } else {
    column.type = data::ColumnType::kCategory;
    parse_levels(entry.at("levels"), path + "/levels", column);
  }
  return column;
}

// Columns whose levels are "steps": those of the cohort's definition, by name.
void fill_in_steps(const json& columns, Study& study) {
  for (std::size_t i = 0; i < study.data.columns.size(); ++i) {
    data::ColumnDeclaration& column = study.data.columns[i];
    const json& entry = columns.at(column.name);
    if (!entry.contains("levels") || !entry["levels"].is_string()) continue;
    if (study.cohort == nullptr || study.cohort->features[i].kind != cohort::Feature::Kind::kSteps)
      throw Failure({.code = "study.not_as_declared",
                     .message = "column \"" + column.name + "\" has no steps of a cohort",
                     .where = "/data/columns/" + column.name + "/levels",
                     .remedy = "let it be a feature {\"is\": \"steps\"}, or list its levels"});
    for (const std::string& name : study.cohort->steps)
      column.levels.push_back({std::to_string(column.levels.size()), name});
  }
}

// Of time at risk a person has several rows, which must not count as several people.
void check_dividing_columns(const Study& study) {
  if (study.cohort == nullptr) return;
  for (const std::size_t feature : cohort::dividing_features(*study.cohort)) {
    const std::string& column = study.data.columns[feature].name;
    for (std::size_t i = 0; i < study.analyses.size(); ++i) {
      const auto& by = study.analyses[i].by;
      if (std::find(by.begin(), by.end(), column) != by.end()) continue;
      throw Failure(
          {.code = "study.divided_people",
           .message = "time at risk is divided by \"" + column + "\", so one person would count several times",
           .where = "/analyses/" + std::to_string(i) + "/by",
           .remedy = "group by this column, too, or do not divide time at risk by it"});
    }
  }
}

// Where the rows are from: a table, or a cohort with its features.
void parse_rows(const json& data, Study& study) {
  std::vector<std::string> columns, cohort_fields;
  for (const auto& column : study.data.columns) columns.push_back(column.name);
  for (const char* field : {"cohort", "concept_sets", "members", "time_at_risk", "features"})
    if (data.contains(field)) cohort_fields.emplace_back(field);
  if (data.contains("table") ? !cohort_fields.empty() : !data.contains("cohort"))
    throw Failure({.code = "study.not_as_declared",
                   .message = "rows are of a table, or of a cohort with its features",
                   .where = "/data",
                   .remedy = "name \"table\", or \"cohort\" and \"features\""});
  if (data.contains("table")) {
    study.data.table = data["table"];
    parse_harmonisation(data, study, nullptr);
    return;
  }
  study.data.table = "cohort";
  json part;
  for (const std::string& field : cohort_fields) part[field] = data[field];
  cohort::CohortTable table = cohort::parse_cohort_table(part, "/data", columns);
  parse_harmonisation(data, study, &table);
  study.cohort = std::make_shared<const cohort::CohortTable>(std::move(table));
}

// One name or a list of them; none when the field is absent.
std::vector<std::string> name_list(const json& entry, const char* field) {
  if (!entry.contains(field)) return {};
  if (entry[field].is_string()) return {entry[field].get<std::string>()};
  return entry[field].get<std::vector<std::string>>();
}

statistics::AnalysisEntry parse_analysis(const json& entry, const std::string& path) {
  statistics::AnalysisEntry analysis;
  analysis.id = entry.at("id");
  analysis.kind = entry.at("kind");
  analysis.title = entry.value("title", "");
  analysis.column = entry.value("column", "");
  analysis.time = entry.value("time", "");
  analysis.event = entry.value("event", "");
  analysis.entry = entry.value("entry", "");
  analysis.ties = entry.value("ties", "");
  analysis.proportional_hazards = entry.value("proportional_hazards", false);
  analysis.by = name_list(entry, "by");
  analysis.strata = name_list(entry, "strata");
  analysis.columns = name_list(entry, "columns");
  analysis.outcome = entry.value("outcome", "");
  if (entry.contains("positive")) analysis.positive = code_list(entry["positive"], path + "/positive");
  analysis.standard = entry.value("standard", "");
  if (entry.contains("weights")) analysis.weights = entry["weights"].get<std::map<std::string, double>>();
  analysis.method = entry.value("method", "");
  analysis.paired_with = entry.value("paired_with", "");
  analysis.proportions = entry.value("proportions", "");
  analysis.continuity = entry.value("continuity", true);
  if (entry.contains("null_value")) analysis.null_value = entry["null_value"].get<double>();
  analysis.confidence = entry.value("confidence", 0.95);
  analysis.per = entry.value("per", 1.0);
  if (entry.contains("probabilities")) analysis.probabilities = entry["probabilities"].get<std::vector<double>>();
  analysis.report = entry.value("report", "");
  analysis.measure = entry.value("measure", "");
  analysis.alternative = entry.value("alternative", "");
  analysis.spending = entry.value("spending", "");
  if (entry.contains("information")) analysis.information = entry["information"].get<std::vector<double>>();
  if (entry.contains("alpha")) analysis.alpha = entry["alpha"].get<double>();
  if (entry.contains("futility")) analysis.futility = entry["futility"].get<double>();
  if (entry.contains("beta")) analysis.beta = entry["beta"].get<double>();
  analysis.futility_spending = entry.value("futility_spending", "");
  if (entry.contains("planned")) analysis.planned = entry["planned"].get<std::vector<double>>();
  if (entry.contains("expected")) analysis.expected = entry["expected"].get<std::vector<double>>();
  analysis.ratio = entry.value("ratio", 1.0);
  analysis.most_events = entry.value("most_events", std::size_t{0});
  analysis.count = entry.value("count", "");
  if (entry.contains("threshold")) analysis.threshold = entry["threshold"].get<double>();
  if (entry.contains("prior")) analysis.prior = entry["prior"].get<std::vector<double>>();
  if (entry.contains("breaks")) analysis.breaks = entry["breaks"].get<std::vector<double>>();
  if (entry.contains("censored")) analysis.censored = code_list(entry["censored"], path + "/censored");
  analysis.until = entry.value("until", 0.0);
  analysis.rho = entry.value("rho", 0);
  analysis.gamma = entry.value("gamma", 0);
  analysis.by_site = entry.value("by_site", false);
  analysis.formula = entry.value("formula", "");
  analysis.strength = entry.value("strength", "hidden");
  const json references = entry.value("reference", json::object());  // items() does not keep what it goes through
  for (const auto& [column, level] : references.items()) analysis.reference[column] = code_text(level);
  analysis.family = entry.value("family", "");
  analysis.link = entry.value("link", "");
  analysis.weight = entry.value("weight", "");
  analysis.penalty = entry.value("penalty", 0.0);
  analysis.lasso = entry.value("lasso", 0.0);
  analysis.steps = entry.value("steps", std::size_t{0});
  analysis.calibration = entry.value("calibration", std::size_t{0});
  analysis.robust = entry.value("robust", false);
  analysis.baseline = entry.value("baseline", false);
  return analysis;
}

void check_unique(const std::vector<std::string>& names, const std::string& path, const std::string& what) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (seen.insert(names[i]).second) continue;
    throw Failure({.code = "study.duplicate_" + what,
                   .message = what + " \"" + names[i] + "\" stands twice",
                   .where = path + "/" + std::to_string(i),
                   .remedy = "name each " + what + " once"});
  }
}

release::PrivacyRule parse_privacy(const json& entry) {
  if (entry.contains("rho") == entry.contains("epsilon")) {
    throw Failure({.code = "study.not_as_declared",
                   .message = "a privacy loss is given as rho or as epsilon",
                   .where = "/release/privacy",
                   .remedy = "name one of them: rho for Gaussian noise, epsilon for Laplace noise"});
  }
  release::PrivacyRule rule;
  rule.rows_per_person = entry.value("rows_per_person", 1);
  (entry.contains("rho") ? rule.rho : rule.epsilon) = entry[entry.contains("rho") ? "rho" : "epsilon"].get<double>();
  return rule;
}

mpc::ReleaseRule parse_release(const json& entry) {
  mpc::ReleaseRule rule;
  rule.curve = entry.value("curve", "merged") == "exact" ? mpc::CurveRule::kExact : mpc::CurveRule::kMerged;
  rule.round_to = entry.value("round_to", rule.round_to);
  rule.minimum_cell = release::least_shown(entry.value("minimum_cell", rule.minimum_cell), rule.round_to);
  rule.protect_sites = entry.value("protect_sites", false);
  rule.zero_and_full = entry.value("zero_and_full", true);
  if (entry.contains("dominance"))
    rule.dominance = {.largest = entry["dominance"].at("largest"), .share = entry["dominance"].at("share")};
  if (entry.contains("rows_per_parameter")) rule.rows_per_parameter = entry["rows_per_parameter"].get<double>();
  return rule;
}

// Of analyses that exist, each once, with one p-value each.
Adjustment parse_adjustment(const json& entry, const std::vector<statistics::AnalysisEntry>& analyses) {
  Adjustment adjustment{entry.at("method"), entry.at("analyses").get<std::vector<std::string>>()};
  check_unique(adjustment.analyses, "/adjust/analyses", "analysis");
  for (std::size_t i = 0; i < adjustment.analyses.size(); ++i) {
    const auto found = std::find_if(analyses.begin(), analyses.end(),
                                    [&](const auto& analysis) { return analysis.id == adjustment.analyses[i]; });
    if (found != analyses.end() && statistics::has_one_p(found->kind)) continue;
    throw Failure({.code = "study.nothing_to_adjust",
                   .message = found == analyses.end() ? "there is no analysis \"" + adjustment.analyses[i] + "\""
                                                      : "an analysis of kind " + found->kind + " has not one p-value",
                   .where = "/adjust/analyses/" + std::to_string(i),
                   .remedy = "name tests of this study by their id"});
  }
  return adjustment;
}

}  // namespace

Study parse_study(std::string_view text, const std::string& file_name) {
  // Read back from the one spelling that is hashed and signed, so that every node reads the same.
  const std::string canonical = crypto::canonical_json(parse_strictly(text, file_name));
  const json document = json::parse(canonical);
  check_against_schema(document, study_schema_text);
  Study study;
  study.title = document.at("title");
  study.purpose = document.at("purpose");
  study.sites = document.at("sites").get<std::vector<std::string>>();
  check_unique(study.sites, "/sites", "site");
  if (document.contains("security")) study.protocol = document["security"].value("protocol", study.protocol);
  const json& data = document.at("data");
  study.data.where = data.value("where", "");
  study.data.expected_rows = data.value("expected_rows", study.data.expected_rows);
  for (const auto& [name, entry] : data.at("columns").items()) study.data.columns.push_back(parse_column(name, entry));
  parse_rows(data, study);
  if (document.contains("agreement")) study.harmonise.agreement = parse_agreement(document["agreement"]);
  fill_in_steps(data.at("columns"), study);
  if (document.contains("release")) study.release = parse_release(document["release"]);
  if (document.contains("release") && document["release"].contains("privacy"))
    study.privacy = parse_privacy(document["release"]["privacy"]);
  std::vector<std::string> ids;
  for (const json& entry : document.at("analyses")) {
    const std::string path = "/analyses/" + std::to_string(ids.size());
    study.analyses.push_back(parse_analysis(entry, path));
    study.analyses.back().sites = study.sites.size();
    ids.push_back(study.analyses.back().id);
    if (study.analyses.back().kind == "meta_analysis" && study.sites.size() < 3) {
      throw Failure({.code = "study.too_few_sites",
                     .message = "of two sites in a meta-analysis each would learn the other's estimate",
                     .where = "/sites",
                     .remedy = "let another site take part, or analyse the records of both together"});
    }
    for (const auto& [field, names] : {std::pair("/by", &study.analyses.back().by),
                                       {"/strata", &study.analyses.back().strata},
                                       {"/columns", &study.analyses.back().columns}}) {
      check_unique(*names, path + field, "column");
    }
  }
  check_unique(ids, "/analyses", "analysis");
  check_dividing_columns(study);
  if (document.contains("adjust")) study.adjustment = parse_adjustment(document["adjust"], study.analyses);
  data::check_filter(study.data);
  study.canonical = canonical;
  study.hash = crypto::sha256_hex(study.canonical);
  return study;
}

Study read_study(const std::filesystem::path& path) {
  return parse_study(read_file(path, largest_study), path.string());
}

}  // namespace cohortium::study
