#include "policy/demand.h"

#include <algorithm>
#include <array>

#include "cohort/columns_read.h"
#include "data/table.h"

namespace cohortium::policy {
namespace {

using Uses = std::map<Use, std::string>;

void add(Uses& uses, Use use, const std::string& path) { uses.try_emplace(use, path); }

// What is done with each column of the study, under its own name.
class StudyColumns {
 public:
  explicit StudyColumns(const study::Plan& plan) : study_(plan.study()) {
    for (const auto& column : study_.data.columns) add(uses_[column.name], Use::kRead, "/data/columns/" + column.name);
    if (!study_.data.where.empty())
      for (const std::string& column : data::filter_columns(study_.data))
        add(uses_.at(column), Use::kFilter, "/data/where");
    for (std::size_t i = 0; i < study_.analyses.size(); ++i)
      add_analysis(study_.analyses[i], plan.declarations()[i], "/analyses/" + std::to_string(i));
  }

  const std::map<std::string, Uses>& all() const { return uses_; }

 private:
  void add_analysis(const statistics::AnalysisEntry& entry, const statistics::Declaration& declaration,
                    const std::string& path) {
    std::set<std::string> groups(entry.by.begin(), entry.by.end());
    groups.insert(entry.strata.begin(), entry.strata.end());
    groups.insert(entry.standard);
    std::set<std::string> read(declaration.columns.begin(), declaration.columns.end());
    read.insert(groups.begin(), groups.end());
    read.insert(entry.columns.begin(), entry.columns.end());
    for (const std::string& name : {entry.column, entry.time, entry.event, entry.entry, entry.outcome, entry.report,
                                    entry.count, entry.weight, entry.paired_with})
      read.insert(name);
    for (const std::string& name : read) {
      const auto found = uses_.find(name);
      if (found == uses_.end()) continue;  // the field is empty
      add(found->second, groups.contains(name) ? Use::kGroup : Use::kValue, path);
      if (declaration.row_columns > 0) add(found->second, Use::kRows, path);
    }
  }

  const study::Study& study_;
  std::map<std::string, Uses> uses_;
};

class Reader {
 public:
  explicit Reader(const study::Plan& plan) : study_(plan.study()), columns_(plan) {
    study_.cohort == nullptr ? read_table() : read_cohort();
  }

  std::map<std::pair<std::string, std::string>, ColumnDemand> demanded;

 private:
  void demand(const std::string& table, const std::string& column, Use use, const std::string& path) {
    add(demanded[{small_letters(table), small_letters(column)}].uses, use, path);
  }
  void demand(const std::string& table, const std::string& column, const Uses& uses) {
    for (const auto& [use, path] : uses) demand(table, column, use, path);
  }

  void read_table() {
    const std::string& table = study_.data.table;
    for (const auto& [name, uses] : columns_.all()) {
      const std::string path = "/data/columns/" + name;
      const harmonise::ColumnRules* rules = study_.harmonise.find(name);
      // Days between dates have a name in the study alone: what is done with them is done with the dates.
      if (rules != nullptr && !rules->days_from.empty()) {
        for (const std::string& date : {rules->days_from, rules->days_until}) {
          demand(table, date, uses);
          demand(table, date, Use::kDerive, path + "/days");
        }
        continue;
      }
      demand(table, name, uses);
      if (rules != nullptr && !rules->unit_column.empty())
        demand(table, rules->unit_column, Use::kDerive, path + "/unit_column");
    }
    for (const std::string& name : study_.harmonise.same_row) demand(table, name, Use::kMatch, "/data/same_row/by");
    if (!study_.harmonise.latest.empty()) demand(table, study_.harmonise.latest, Use::kMatch, "/data/same_row/latest");
  }

  void read_cohort() {
    for (const auto& [table, columns] : cohort::columns_read(*study_.cohort))
      for (const std::string& column : columns)
        if (!is_vocabulary(table)) demand(table, column, Use::kCohort, "/data/cohort");
    for (std::size_t i = 0; i < study_.data.columns.size(); ++i) {
      const Uses& uses = columns_.all().at(study_.data.columns[i].name);
      for (const auto& [table, columns] : cohort::columns_read_by_feature(*study_.cohort, i))
        for (const std::string& column : columns)
          if (!is_vocabulary(table) && !is_key(column)) demand(table, column, uses);
    }
  }

  // What joins rows of tables and is never a feature's value.
  static bool is_key(const std::string& column) { return column.ends_with("_id") && !column.ends_with("concept_id"); }

  const study::Study& study_;
  const StudyColumns columns_;
};

}  // namespace

bool is_vocabulary(const std::string& table) {
  static constexpr std::array names = {"concept", "concept_ancestor", "concept_relationship", "vocabulary"};
  return std::find(names.begin(), names.end(), table) != names.end();
}

Demand demand_of(const study::Plan& plan) {
  const study::Study& study = plan.study();
  Demand demand{.study = study.hash,
                .purpose = study.purpose,
                .protocol = study.protocol,
                .minimum_cell = study.release.minimum_cell,
                .exact_curves = study.release.curve == mpc::CurveRule::kExact};
  for (std::size_t i = 0; i < study.analyses.size(); ++i)
    demand.analyses.push_back({.kind = study.analyses[i].kind,
                               .path = "/analyses/" + std::to_string(i),
                               .opened = study.analyses[i].strength == "opened" || plan.declarations()[i].steps > 0});
  demand.columns = Reader(plan).demanded;
  if (study.privacy) demand.privacy_loss = study.privacy->loss();
  return demand;
}

}  // namespace cohortium::policy
