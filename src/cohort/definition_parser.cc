// From JSON to a Definition: which fields there are, what they may hold, and how much of it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "cohort/definition.h"
#include "cohort/json_object.h"
#include "cohort/value_parser.h"

namespace cohortium::cohort {
namespace {

using Json = nlohmann::json;
using Sets = std::vector<ConceptSet>;

constexpr std::size_t kDeepestNesting = 8;  // of groups and correlated criteria
constexpr std::size_t kMostRules = 60;
constexpr std::size_t kMostCriteria = 500;  // of a definition in all

// What the parts of one definition share: the sets they may name, and how much of it there is.
struct Context {
  const Sets& sets;
  std::size_t criteria = 0, depth = 0;
};

std::int64_t known_set(const Context& context, std::int64_t id, const std::string& path) {
  const auto found =
      std::find_if(context.sets.begin(), context.sets.end(), [&](const ConceptSet& set) { return set.id == id; });
  if (found != context.sets.end()) return id;
  throw Failure({.code = "cohort.unknown_concept_set",
                 .message = fmt::format("there is no concept set {}", id),
                 .where = path,
                 .remedy = "give ConceptSets an entry of this id"});
}

std::optional<std::int64_t> codeset(const Context& context, JsonObject& object, const std::string& name) {
  const auto id = object.integer(name, 0, kMostConcept);
  if (id) known_set(context, *id, object.path_of(name));
  return id;
}

Group parse_group(JsonObject object, Context& context);

// {field}, {field}Exclude and {field}CS of one field; nothing when none restricts.
std::optional<Test> parse_test(JsonObject& object, const Field& field, const Context& context) {
  const std::string name(field.name), path = object.path_of(name);
  Test test{.field = &field};
  if (field.kind == FieldKind::kConcepts) {
    test.excluded = object.flag(name + "Exclude");
    test.concepts = parse_concepts(object, name);
    if (auto selection = object.object(name + "CS")) {
      if (!test.concepts.empty()) refuse_definition(selection->path(), "either a list of concepts or a concept set");
      test.concept_set = codeset(context, *selection, "CodesetId");
      if (!test.concept_set) refuse_definition(selection->path(), "CodesetId is missing");
      test.excluded = selection->flag("IsExclusion");
      selection->finish();
    }
    if (test.concepts.empty() && !test.concept_set) return std::nullopt;
    return test;
  }
  if (field.kind == FieldKind::kFlag) return object.flag(name) ? std::optional(test) : std::nullopt;
  auto value = object.object(name);
  if (!value) return std::nullopt;
  if (field.kind == FieldKind::kText) {
    parse_text_filter(*value, test);
  } else {
    test.range = parse_range(*value, field.kind == FieldKind::kDate);
  }
  value->finish();
  return test;
}

DateAdjustment parse_adjustment(JsonObject object) {
  const auto from_end = [&](const char* name, bool otherwise) {
    const auto text = object.text(name);
    if (!text) return otherwise;
    if (*text != "START_DATE" && *text != "END_DATE") refuse_definition(object.path_of(name), "START_DATE or END_DATE");
    return *text == "END_DATE";
  };
  DateAdjustment adjustment{.start_from_end = from_end("StartWith", false), .end_from_end = from_end("EndWith", true)};
  adjustment.start_offset = object.integer_or("StartOffset", -kMostDays, kMostDays, 0);
  adjustment.end_offset = object.integer_or("EndOffset", -kMostDays, kMostDays, 0);
  object.finish();
  return adjustment;
}

Criteria parse_event(const Json& json, const std::string& path, Context& context) {
  if (++context.criteria > kMostCriteria)
    refuse_definition(path, fmt::format("a definition has at most {} criteria", kMostCriteria));
  JsonObject wrapper(json, path);
  const std::string name = wrapper.only_name();
  Criteria criteria{.domain = find_domain(name)};
  if (criteria.domain == nullptr) wrapper.finish();  // refuses the name as a field that nobody read
  JsonObject object = *wrapper.object(name);
  criteria.concept_set = codeset(context, object, "CodesetId");
  if (!criteria.domain->source_field.empty())
    criteria.source_concept_set = codeset(context, object, std::string(criteria.domain->source_field));
  criteria.first = object.flag("First");
  for (const Field& field : criteria.domain->fields)
    if (auto test = parse_test(object, field, context)) criteria.tests.push_back(std::move(*test));
  if (auto adjustment = object.object("DateAdjustment")) criteria.adjustment = parse_adjustment(*adjustment);
  if (name == "ObservationPeriod") {
    if (auto period = object.object("UserDefinedPeriod")) {
      criteria.period_start = parse_date(*period, "StartDate");
      criteria.period_end = parse_date(*period, "EndDate");
      period->finish();
    }
  }
  if (const auto unit = object.text("IntervalUnit"); unit && *unit != "day")
    refuse_unsupported(object.path_of("IntervalUnit"), "an interval in other units than days");
  if (auto correlated = object.object("CorrelatedCriteria"); correlated && !correlated->empty())
    criteria.correlated = std::make_shared<const Group>(parse_group(*correlated, context));
  object.finish();
  return criteria;
}

WindowEnd parse_window_end(JsonObject& window, const char* name) {
  auto object = window.object(name);
  if (!object) refuse_definition(window.path_of(name), "this field is missing");
  const std::int64_t sign = object->integer_or("Coeff", -1, 1, -1);
  if (sign == 0) refuse_definition(object->path_of("Coeff"), "-1 (before) or 1 (after) is needed here");
  WindowEnd end{.days = object->integer("Days", 0, kMostDays), .before = sign < 0};
  if (end.days) *end.days *= sign;
  if (const auto unit = object->text("TimeUnit"); unit && *unit != "day")
    refuse_unsupported(object->path_of("TimeUnit"), "a window in other units than days");
  if (const auto value = object->integer("TimeUnitValue", 0, kMostDays);
      value && (!end.days || *value * sign != *end.days))
    refuse_unsupported(object->path_of("TimeUnitValue"), "a window that is not given by Days");
  object->finish();
  return end;
}

// Where UseEventEnd is absent, the end window is of the event's end: so Circe reads older exports.
Window parse_window(JsonObject object, bool of_end_by_default) {
  Window window;
  window.start = parse_window_end(object, "Start");
  window.end = parse_window_end(object, "End");
  window.from_index_end = object.flag("UseIndexEnd");
  window.of_event_end = object.flag("UseEventEnd", of_end_by_default);
  object.finish();
  return window;
}

std::string distinct_column(JsonObject& occurrence) {
  const std::string column = occurrence.text("CountColumn").value_or("DOMAIN_CONCEPT");
  if (!occurrence.flag("IsDistinct")) return "";
  if (column == "DOMAIN_CONCEPT") return "concept_id";
  if (column == "START_DATE") return "start_date";
  if (column == "END_DATE") return "end_date";
  if (column == "VISIT_ID") return "visit_occurrence_id";
  refuse_unsupported(occurrence.path_of("CountColumn"), "counting distinct values of this column");
}

CorrelatedCriteria parse_correlated(const Json& json, const std::string& path, Context& context) {
  JsonObject object(json, path);
  CorrelatedCriteria correlated;
  correlated.criteria = parse_event(object.require("Criteria"), object.path_of("Criteria"), context);
  auto start = object.object("StartWindow");
  if (!start) refuse_definition(object.path_of("StartWindow"), "this field is missing");
  correlated.start_window = parse_window(*start, false);
  if (auto end = object.object("EndWindow")) correlated.end_window = parse_window(*end, true);
  auto occurrence = object.object("Occurrence");
  if (!occurrence) refuse_definition(object.path_of("Occurrence"), "this field is missing");
  correlated.type = static_cast<CorrelatedCriteria::Count>(occurrence->integer_or("Type", 0, 2, 2));
  correlated.count = occurrence->integer_or("Count", 0, kMostEntries, 0);
  correlated.distinct = distinct_column(*occurrence);
  occurrence->finish();
  if (correlated.distinct == "visit_occurrence_id" && !correlated.criteria.domain->has_visit)
    refuse_unsupported(occurrence->path(), "counting visits of a domain without visits");
  correlated.same_visit = object.flag("RestrictVisit");
  correlated.ignore_observation_period = object.flag("IgnoreObservationPeriod");
  object.finish();
  return correlated;
}

Group::Type group_type(JsonObject& object) {
  const std::string type = upper_case(object.text("Type").value_or("ALL"));
  if (type == "ALL") return Group::Type::kAll;
  if (type == "ANY") return Group::Type::kAny;
  if (type == "AT_LEAST") return Group::Type::kAtLeast;
  if (type == "AT_MOST") return Group::Type::kAtMost;
  refuse_definition(object.path_of("Type"), "ALL, ANY, AT_LEAST or AT_MOST is needed here");
}

Group parse_group(JsonObject object, Context& context) {
  if (++context.depth > kDeepestNesting)
    refuse_definition(object.path(), fmt::format("criteria are nested more than {} deep", kDeepestNesting));
  Group group{.type = group_type(object), .count = object.integer_or("Count", 0, kMostEntries, 0)};
  for (const auto& [entry, path] : object.list("CriteriaList"))
    group.criteria.push_back(parse_correlated(*entry, path, context));
  for (const auto& [entry, path] : object.list("DemographicCriteriaList")) {
    JsonObject demographic(*entry, path);
    group.demographics.emplace_back();
    for (const Field& field : demographic_fields())
      if (auto test = parse_test(demographic, field, context))
        group.demographics.back().tests.push_back(std::move(*test));
    demographic.finish();
  }
  for (const auto& [entry, path] : object.list("Groups"))
    group.groups.push_back(parse_group(JsonObject(*entry, path), context));
  object.finish();
  --context.depth;
  return group;
}

Limit parse_limit(JsonObject& object, const char* name, Limit otherwise) {
  auto limit = object.object(name);
  if (!limit) return otherwise;
  const std::string type = upper_case(limit->text("Type").value_or("FIRST"));
  limit->finish();
  if (type == "ALL") return Limit::kAll;
  if (type == "FIRST") return Limit::kFirst;
  if (type == "LAST") return Limit::kLast;
  refuse_definition(limit->path_of("Type"), "All, First or Last is needed here");
}

void parse_entry(JsonObject object, Context& context, Definition& definition) {
  for (const auto& [entry, path] : object.list("CriteriaList"))
    definition.entry.push_back(parse_event(*entry, path, context));
  if (definition.entry.empty())
    refuse_definition(object.path_of("CriteriaList"), "a cohort has at least one entry event");
  if (auto window = object.object("ObservationWindow")) {
    definition.prior_days = window->integer_or("PriorDays", 0, kMostDays, 0);
    definition.post_days = window->integer_or("PostDays", 0, kMostDays, 0);
    window->finish();
  }
  definition.entry_limit = parse_limit(object, "PrimaryCriteriaLimit", Limit::kFirst);
  object.finish();
}

void parse_end_strategy(JsonObject object, const Context& context, Definition& definition) {
  if (auto offset = object.object("DateOffset")) {
    const std::string field = offset->text("DateField").value_or("StartDate");
    if (field != "StartDate" && field != "EndDate")
      refuse_definition(offset->path_of("DateField"), "StartDate or EndDate is needed here");
    definition.date_offset = {field == "EndDate", offset->integer_or("Offset", -kMostDays, kMostDays, 0)};
    offset->finish();
  }
  if (auto era = object.object("CustomEra")) {
    if (definition.date_offset) refuse_definition(era->path(), "a cohort has one end strategy");
    const auto drugs = codeset(context, *era, "DrugCodesetId");
    if (!drugs) refuse_definition(era->path_of("DrugCodesetId"), "this field is missing");
    definition.custom_era = {*drugs, era->integer_or("GapDays", 0, kMostDays, 0),
                             era->integer_or("Offset", -kMostDays, kMostDays, 0),
                             era->integer("DaysSupplyOverride", 0, kMostDays)};
    era->finish();
  }
  object.finish();
}

void parse_exit(JsonObject& object, Context& context, Definition& definition) {
  if (auto strategy = object.object("EndStrategy")) parse_end_strategy(*strategy, context, definition);
  for (const auto& [entry, path] : object.list("CensoringCriteria"))
    definition.censoring.push_back(parse_event(*entry, path, context));
  if (auto collapse = object.object("CollapseSettings")) {
    if (upper_case(collapse->text("CollapseType").value_or("ERA")) != "ERA")
      refuse_unsupported(collapse->path_of("CollapseType"), "another collapse than ERA");
    definition.era_pad = collapse->integer_or("EraPad", 0, kMostDays, 0);
    collapse->finish();
  }
  if (auto window = object.object("CensorWindow")) {
    definition.window_start = parse_date(*window, "StartDate");
    definition.window_end = parse_date(*window, "EndDate");
    window->finish();
  }
}

ConceptSet parse_concept_set(const Json& json, const std::string& path) {
  JsonObject object(json, path);
  const auto id = object.integer("id", 0, kMostConcept);
  if (!id) refuse_definition(object.path_of("id"), "this field is missing");
  object.ignore({"name"});
  ConceptSet set{.id = *id};
  auto expression = object.object("expression");
  if (!expression) refuse_definition(object.path_of("expression"), "this field is missing");
  for (const auto& [entry, item_path] : expression->list("items")) {
    JsonObject item(*entry, item_path);
    ConceptSet::Item parsed{.concept_id = parse_concept(item.require("concept"), item.path_of("concept"))};
    parsed.excluded = item.flag("isExcluded");
    parsed.descendants = item.flag("includeDescendants");
    parsed.mapped = item.flag("includeMapped");
    item.finish();
    set.items.push_back(parsed);
  }
  expression->finish();
  object.finish();
  return set;
}

}  // namespace

Sets parse_concept_sets(const Json& json, const std::string& path) {
  if (!json.is_array() || json.size() > kMostEntries)
    refuse_definition(path, fmt::format("a list of at most {} concept sets is needed here", kMostEntries));
  Sets sets;
  std::set<std::int64_t> ids;
  for (const Json& entry : json) {
    const std::string entry_path = fmt::format("{}/{}", path, sets.size());
    sets.push_back(parse_concept_set(entry, entry_path));
    if (!ids.insert(sets.back().id).second) refuse_definition(entry_path + "/id", "two concept sets have this id");
  }
  return sets;
}

Criteria parse_criteria(const Json& json, const std::string& path, const Sets& known) {
  Context context{.sets = known};
  return parse_event(json, path, context);
}

Definition parse_definition(const Json& json, const std::string& path) {
  JsonObject object(json, path);
  object.ignore({"cdmVersionRange", "Title"});
  Definition definition;
  if (const Json* sets = object.find("ConceptSets"))
    definition.concept_sets = parse_concept_sets(*sets, object.path_of("ConceptSets"));
  Context context{.sets = definition.concept_sets};
  parse_entry(JsonObject(object.require("PrimaryCriteria"), object.path_of("PrimaryCriteria")), context, definition);
  if (auto group = object.object("AdditionalCriteria"); group && !group->empty())
    definition.additional = parse_group(*group, context);
  definition.qualified_limit = parse_limit(object, "QualifiedLimit", Limit::kFirst);
  definition.final_limit = parse_limit(object, "ExpressionLimit", Limit::kFirst);
  for (const auto& [entry, rule_path] : object.list("InclusionRules")) {
    JsonObject rule(*entry, rule_path);
    rule.ignore({"description"});
    definition.rule_names.push_back(rule.text("name").value_or(""));
    auto expression = rule.object("expression");
    definition.inclusion_rules.push_back(expression ? parse_group(*expression, context) : Group{});
    rule.finish();
    if (definition.inclusion_rules.size() > kMostRules)
      refuse_definition(rule_path, fmt::format("a definition has at most {} inclusion rules", kMostRules));
  }
  parse_exit(object, context, definition);
  object.finish();
  return definition;
}

}  // namespace cohortium::cohort
