#include "cohort/features.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cohort/json_object.h"
#include "cohort/sql_cohort.h"

namespace cohortium::cohort {
namespace {

using Json = nlohmann::json;
using Kind = Feature::Kind;

struct KindRule {
  const char* name;
  Kind kind;
  const char* events;  // the field that says which, or "": takes none
  bool window;         // whether from and to may stand
};
constexpr auto kKinds = std::to_array<KindRule>({
    {"age", Kind::kAge, "", false},
    {"sex", Kind::kSex, "", false},
    {"race", Kind::kRace, "", false},
    {"ethnicity", Kind::kEthnicity, "", false},
    {"index_year", Kind::kIndexYear, "", false},
    {"age_band", Kind::kAgeBand, "", false},
    {"observed_days", Kind::kObservedDays, "", false},
    {"cohort_days", Kind::kCohortDays, "", false},
    {"present", Kind::kPresent, "events", true},
    {"count", Kind::kCount, "events", true},
    {"first_day", Kind::kFirstDay, "events", true},
    {"first_value", Kind::kFirstValue, "events", true},
    {"last_value", Kind::kLastValue, "events", true},
    {"charlson", Kind::kCharlson, "", true},
    {"follow_up_days", Kind::kFollowUpDays, "outcome", true},
    {"follow_up_event", Kind::kFollowUpEvent, "outcome", true},
    {"readmission", Kind::kReadmission, "events", false},
    {"days_at_risk", Kind::kDaysAtRisk, "", false},
    {"outcome", Kind::kOutcome, "", false},
    {"steps", Kind::kSteps, "", false},
});

constexpr std::size_t kMostBands = 100;
constexpr std::int64_t kOldest = 200, kFirstYear = 1800, kLastYear = 2300;  // years

std::vector<std::int64_t> parse_borders(JsonObject& object, const char* name) {
  std::vector<std::int64_t> borders;
  const Json* list = object.find(name);
  if (list == nullptr) return borders;
  const auto refuse = [&] {
    refuse_definition(object.path_of(name), fmt::format("1 to {} whole ages from 0 to {}, ascending, are needed here",
                                                        kMostBands, kOldest - 1));
  };
  if (!list->is_array() || list->empty() || list->size() > kMostBands) refuse();
  for (const Json& border : *list) {
    if (!border.is_number_integer() || border < 0 || border >= kOldest) refuse();
    borders.push_back(border.get<std::int64_t>());
    if (borders.size() > 1 && borders[borders.size() - 2] >= borders.back()) refuse();
  }
  return borders;
}

void parse_readmission(JsonObject& object, const std::vector<ConceptSet>& sets, Feature& feature) {
  feature.within = object.integer_or("within", 1, kMostDays, feature.within);
  if (const Json* except = object.find("except"))
    feature.except = parse_criteria(*except, object.path_of("except"), sets);
}

Feature parse_feature(const Json& json, const std::string& path, const std::vector<ConceptSet>& sets) {
  JsonObject object(json, path);
  const std::string name = object.text("is").value_or("");
  const auto* rule =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const KindRule& known) { return name == known.name; });
  if (rule == kKinds.end()) refuse_unsupported(object.path_of("is"), "the feature \"" + name.substr(0, 60) + "\"");
  Feature feature{.kind = rule->kind};
  if (*rule->events != '\0')
    feature.of = parse_criteria(object.require(rule->events), object.path_of(rule->events), sets);
  if (rule->window) {
    feature.from = object.integer("from", -kMostDays, kMostDays);
    feature.to = object.integer("to", -kMostDays, kMostDays);
    if (feature.from && feature.to && *feature.from > *feature.to)
      refuse_definition(object.path_of("to"), "the window ends before it begins");
    feature.during = object.flag("during_cohort");
    if (feature.during && (feature.from || feature.to))
      refuse_definition(object.path_of("during_cohort"), "either the cohort's time, or from and to");
    const std::string since = object.text("since").value_or("start");
    if (since != "start" && since != "end") refuse_definition(object.path_of("since"), "start or end is needed here");
    feature.from_end = since == "end";
  }
  if (feature.kind == Kind::kAgeBand) feature.borders = parse_borders(object, "borders");
  if (feature.kind == Kind::kReadmission) parse_readmission(object, sets, feature);
  const bool follow_up = feature.kind == Kind::kFollowUpDays || feature.kind == Kind::kFollowUpEvent;
  if (follow_up && (feature.from_end || feature.during))
    refuse_unsupported(object.path(), "follow-up that does not count from the index date");
  const bool value = feature.kind == Kind::kFirstValue || feature.kind == Kind::kLastValue;
  if (value && feature.of->domain->table != "measurement" && feature.of->domain->table != "observation")
    refuse_unsupported(object.path_of("events"), "a value of events other than measurements and observations");
  object.finish();
  return feature;
}

// Who the cohort is: SQL, events, or a definition, whose concept sets the study's further ones join.
void parse_cohort(JsonObject& data, CohortTable& table) {
  const Json& cohort = data.require("cohort");
  const std::string path = data.path_of("cohort");
  const bool is_sql = cohort.is_object() && cohort.contains("sql"),
             is_events = cohort.is_object() && cohort.contains("events");
  if (!is_sql && !is_events) {
    table.definition = parse_definition(cohort, path);
    table.concept_sets = table.definition->concept_sets;
  }
  if (const Json* sets = data.find("concept_sets")) {
    for (const ConceptSet& set : parse_concept_sets(*sets, data.path_of("concept_sets"))) {
      if (std::any_of(table.concept_sets.begin(), table.concept_sets.end(),
                      [&](const ConceptSet& known) { return known.id == set.id; }))
        refuse_definition(data.path_of("concept_sets"), "a concept set has an id that the cohort uses");
      table.concept_sets.push_back(set);
    }
  }
  if (table.definition) return;
  JsonObject object(cohort, path);
  if (is_sql) {
    object.ignore({"sql"});
    if (!cohort["sql"].is_string()) refuse_definition(path + "/sql", "text is needed here");
    table.sql = cohort["sql"].get<std::string>();
    table.sql_tables = check_sql_cohort(table.sql, path + "/sql");
  } else {
    table.events = parse_criteria(object.require("events"), object.path_of("events"), table.concept_sets);
    table.gap_days = object.integer("gap_days", 0, kMostDays);
  }
  object.finish();
}

void parse_members(JsonObject& data, CohortTable& table) {
  const std::string members = data.text("members").value_or("cohort");
  if (members == "person") {
    table.members = Members::kPersons;
  } else if (members == "entry") {
    table.members = Members::kEntryPersons;
    if (!table.definition)
      refuse_unsupported(data.path_of("members"), "entry events of a cohort that is no definition");
  } else if (members != "cohort") {
    refuse_definition(data.path_of("members"), "cohort, person or entry is needed here");
  }
}

void parse_time_at_risk(JsonObject& data, CohortTable& table) {
  auto object = data.object("time_at_risk");
  if (!object) return;
  TimeAtRisk& at_risk = table.at_risk.emplace();
  at_risk.during = object->flag("during_cohort");
  if (at_risk.during && (object->find("from") != nullptr || object->find("to") != nullptr))
    refuse_definition(object->path_of("during_cohort"), "either the cohort's time, or from and to");
  at_risk.from = object->integer_or("from", -kMostDays, kMostDays, at_risk.from);
  at_risk.to = object->integer("to", -kMostDays, kMostDays);
  if (at_risk.to && *at_risk.to < at_risk.from)
    refuse_definition(object->path_of("to"), "time at risk ends before it begins");
  if (const Json* outcome = object->find("outcome"))
    at_risk.outcome = parse_criteria(*outcome, object->path_of("outcome"), table.concept_sets);
  if (auto years = object->object("years")) {
    at_risk.first_year = years->integer("from", kFirstYear, kLastYear);
    at_risk.last_year = years->integer("to", kFirstYear, kLastYear);
    if (!at_risk.first_year || !at_risk.last_year || *at_risk.first_year > *at_risk.last_year)
      refuse_definition(years->path(), "the first and the last calendar year are needed here: from, to");
    years->finish();
  }
  at_risk.ages = parse_borders(*object, "ages");
  if (table.members == Members::kEntryPersons)
    refuse_unsupported(object->path(), "time at risk of persons who may not be in the cohort");
  object->finish();
}

// Whether what the feature is of is there.
void check_feature(const CohortTable& table, Feature& feature, const std::string& path) {
  if (feature.kind == Kind::kSteps && table.members != Members::kEntryPersons)
    refuse_definition(path, "steps are of entry events: \"members\" must be \"entry\"");
  const bool of_risk = feature.kind == Kind::kDaysAtRisk || feature.kind == Kind::kOutcome;
  if (of_risk && !table.at_risk) refuse_definition(path, "\"time_at_risk\" must say which time this is of");
  if (feature.kind == Kind::kOutcome && !table.at_risk->outcome)
    refuse_definition(path, "\"time_at_risk\" must say what the outcome is");
  if (feature.kind != Kind::kAgeBand) return;
  const bool divided = table.at_risk && !table.at_risk->ages.empty();
  if (divided != feature.borders.empty())
    refuse_definition(path + "/borders", divided ? "the bands are those of \"time_at_risk\"" : "this field is missing");
  if (divided) feature.borders = table.at_risk->ages;
}

// For people: bounded, and never empty.
std::vector<std::string> step_names(const Definition& definition) {
  std::vector<std::string> names = {"entry events"};
  if (definition.additional) names.emplace_back("additional criteria");
  for (std::size_t i = 0; i < definition.rule_names.size(); ++i) {
    std::string name = definition.rule_names[i];
    constexpr std::size_t most = 200;
    if (name.size() > most) {
      std::size_t end = most;
      while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
      name = name.substr(0, end) + "…";
    }
    names.push_back(name.empty() ? fmt::format("rule {}", i + 1) : name);
  }
  names.emplace_back("final cohort");
  return names;
}

}  // namespace

std::vector<std::size_t> dividing_features(const CohortTable& table) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; table.at_risk && i < table.features.size(); ++i) {
    const Kind kind = table.features[i].kind;
    if ((kind == Kind::kIndexYear && table.at_risk->first_year) ||
        (kind == Kind::kAgeBand && !table.at_risk->ages.empty()))
      found.push_back(i);
  }
  return found;
}

CohortTable parse_cohort_table(const Json& json, const std::string& path, const std::vector<std::string>& columns) {
  JsonObject data(json, path);
  CohortTable table;
  parse_cohort(data, table);
  if (table.definition) table.steps = step_names(*table.definition);
  parse_members(data, table);
  parse_time_at_risk(data, table);
  auto features = data.object("features");
  if (!features) refuse_definition(data.path_of("features"), "this field is missing");
  for (const std::string& column : columns) {
    table.features.push_back(parse_feature(features->require(column), features->path_of(column), table.concept_sets));
    check_feature(table, table.features.back(), features->path_of(column));
  }
  const auto lacks = [&](Kind kind) {
    return std::none_of(table.features.begin(), table.features.end(), [&](const Feature& f) { return f.kind == kind; });
  };
  if (table.at_risk && table.at_risk->first_year && lacks(Kind::kIndexYear))
    refuse_definition(features->path(), "time at risk by calendar year needs a feature index_year");
  if (table.at_risk && !table.at_risk->ages.empty() && lacks(Kind::kAgeBand))
    refuse_definition(features->path(), "time at risk by age needs a feature age_band");
  features->finish();
  return table;
}

}  // namespace cohortium::cohort
