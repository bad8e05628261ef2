#include "evidence/columns.h"

#include <fmt/format.h>

#include "study/privacy.h"

namespace cohortium::evidence {
namespace {

using nlohmann::json;

std::string name_of_type(data::ColumnType type) {
  switch (type) {
    case data::ColumnType::kNumber:
      return "number";
    case data::ColumnType::kDuration:
      return "duration";
    case data::ColumnType::kEvent:
      return "event";
    case data::ColumnType::kCategory:
      break;
  }
  return "category";
}

Statement column_of(const SignedStudy& study, const data::ColumnDeclaration& column) {
  std::string text = fmt::format("{}: {}", column.name, name_of_type(column.type));
  json value = {{"column", column.name}, {"type", name_of_type(column.type)}};
  if (column.type == data::ColumnType::kNumber || column.type == data::ColumnType::kDuration) {
    text += fmt::format(" from {} to {}", column.low, column.high);
    value["range"] = {column.low, column.high};
    if (!column.unit.empty()) {
      text += " " + column.unit;
      value["unit"] = column.unit;
    }
  }
  if (column.type == data::ColumnType::kDuration) {
    text += fmt::format(" in steps of {}", column.step);
    value["step"] = column.step;
  }
  if (column.type == data::ColumnType::kCategory) {
    text += fmt::format(" of {} levels", column.levels.size());
    value["levels"] = column.levels.size();
  }
  return from_study(study, "/data/columns/" + column.name, text, std::move(value));
}

}  // namespace

Statements columns_of(const SignedStudy& study) {
  const study::Study& file = study.study();
  Statements all;
  if (file.cohort != nullptr) {
    all.push_back(
        from_study(study, "/data/cohort", "Records of a cohort over OMOP tables; each column is a feature of it"));
  } else {
    all.push_back(from_study(study, "/data/table", "Records of the table " + file.data.table, file.data.table));
  }
  for (const auto& column : file.data.columns) all.push_back(column_of(study, column));
  all.push_back(from_software("docs/study.md", "Columns that the study does not name are not looked at"));
  return all;
}

Statements rows_of(const SignedStudy& study) {
  const study::Study& file = study.study();
  if (!file.data.where.empty())
    return {from_study(study, "/data/where", "Only rows for which it holds that " + file.data.where, file.data.where)};
  if (file.cohort != nullptr) return {from_study(study, "/data/cohort", "Only members of the cohort")};
  return {from_study(study, "/data (no \"where\")", "All rows of the table")};
}

Statements release_of(const SignedStudy& study) {
  const study::Study& file = study.study();
  const bool exact = file.release.curve == mpc::CurveRule::kExact;
  Statements all = {from_study(study, "/release/minimum_cell",
                               fmt::format("Counts below {} are withheld; the rule is evaluated on shares",
                                           file.release.minimum_cell),
                               file.release.minimum_cell),
                    from_study(study, "/release/curve",
                               exact ? "Curves show every event time, thus single people"
                                     : "Curves are merged to steps of enough events",
                               exact ? "exact" : "merged")};
  const mpc::ReleaseRule& rule = file.release;
  if (rule.people_per_parameter() > 0)
    all.push_back(from_study(study, "/release/rows_per_parameter",
                             fmt::format("A model is withheld where there are fewer than {} people per parameter",
                                         rule.people_per_parameter()),
                             rule.people_per_parameter()));
  if (rule.round_to > 1)
    all.push_back(from_study(study, "/release/round_to",
                             fmt::format("Numbers of people are rounded to multiples of {} before they are opened; the "
                                         "minimum is raised with it",
                                         rule.round_to),
                             rule.round_to));
  if (rule.protect_sites)
    all.push_back(from_study(study, "/release/protect_sites",
                             "No number shows of which all but few people are of one site", true));
  if (rule.dominance)
    all.push_back(
        from_study(study, "/release/dominance",
                   fmt::format("Of a group that is described the {} largest values make up at most {:.6g}% of "
                               "the sum",
                               rule.dominance->largest, 100 * rule.dominance->share)));
  if (study.privacy.is_null()) {
    all.push_back(from_study(study, "/release (no \"privacy\")", "Released numbers carry no noise", false));
  } else {
    all.push_back(from_study(study, "/release/privacy", study::privacy_sentence(study.privacy), study.privacy));
  }
  return all;
}

Statements learned_by(const SignedStudy& study, const std::string& role) {
  const std::string who = role == "compute_party" ? "A compute party" : role == "site" ? "A site" : "The " + role;
  const std::string field = study.proved ? "/leakage/" + role : "/analyses, by the software's leakage statement";
  Statements all;
  for (const json& sentence : study.leakage.value(role, json::array())) {
    if (sentence.is_string())
      all.push_back(from_study(study, field, who + " learns: " + sentence.get<std::string>(), sentence));
  }
  return all;
}

}  // namespace cohortium::evidence
