// Visits, conditions, observations, procedures, allergies and reports of FHIR R4.
#include <algorithm>

#include "omop/code_systems.h"
#include "omop/fhir_resources.h"

namespace cohortium::omop {
namespace {

constexpr int kLab = 32856, kProblemList = 32840;

bool has_category(const Json& resource, std::string_view wanted) {
  for (const Json& category : resource["category"].items())
    for (const Json& coding : category["coding"].items())
      if (coding["code"].text() == wanted) return true;
  return false;
}

void set_quantity(const Json& quantity, Event& event) {
  event.number = quantity["value"].number();
  if (const std::string comparator = quantity["comparator"].text(); !comparator.empty())
    event.operator_concept = operator_concept(comparator);
  const std::string code = quantity["code"].text(), unit = quantity["unit"].text();
  if (!code.empty() || !unit.empty()) event.unit = {{quantity["system"].text(), code.empty() ? unit : code, unit}};
}

// The value of an Observation or of one of its components; false when it has none.
bool set_value(const Json& holder, Event& event, Draft& draft) {
  if (const Json quantity = holder["valueQuantity"]; quantity.present()) {
    set_quantity(quantity, event);
  } else if (const Json concepts = holder["valueCodeableConcept"]; concepts.present()) {
    event.value = codings_of(concepts);
  } else if (const Json integer = holder["valueInteger"]; integer.present()) {
    event.number = integer.number();
  } else if (const Json flag = holder["valueBoolean"]; flag.present()) {
    event.text = *flag.flag() ? "true" : "false";
  } else {
    for (const char* name : {"valueString", "valueDateTime", "valueTime"})
      if (event.text.empty()) event.text = holder[name].text();
    for (const char* name : {"valueRange", "valueRatio", "valuePeriod"})
      if (event.text.empty()) event.text = holder[name].raw();
    if (event.text.empty() && holder["valueSampledData"].present()) draft.notes.push_back("sampled_data_left_out");
    if (event.text.empty()) return false;
  }
  return true;
}

void set_range(const Json& holder, Event& event) {
  const Json range = holder["referenceRange"].first();
  event.range_low = range["low"]["value"].number();
  event.range_high = range["high"]["value"].number();
}

Area area_of(const Json& resource, const Event& event) {
  const bool measured = event.number || has_category(resource, "laboratory") || has_category(resource, "vital-signs");
  return measured ? Area::kMeasurement : Area::kObservation;
}

}  // namespace

void map_encounter(const Json& resource, Draft& draft) {
  set_context(resource, draft);
  refuse_status(resource["status"].text(), {"planned", "cancelled"});
  Event visit{.area = Area::kVisit};
  visit.start = needed({start_of(resource, "period", draft)});
  visit.end = end_of(resource, "period", draft);
  if (visit.end && visit.end->date() < visit.start.date()) throw Refusal{"end_before_start"};
  if (!visit.end) draft.notes.push_back("visit_without_end");
  visit.type_concept = 32827;  // "EHR encounter record"
  visit.code = coding_of(resource["class"]);
  visit.standard_concept = visit.code.empty() ? 0 : visit_concept(visit.code[0].code);
  const Json stay = resource["hospitalization"];
  visit.admitted_from = codings_of(stay["admitSource"]);
  visit.discharged_to = codings_of(stay["dischargeDisposition"]);
  draft.care_site = reference_to(resource["serviceProvider"], {"Organization"});
  for (const Json& participant : resource["participant"].items())
    if (draft.provider.empty()) draft.provider = reference_to(participant["individual"], {"Practitioner"});
  draft.events.push_back(std::move(visit));
}

void map_condition(const Json& resource, Draft& draft) {
  const std::string verification = code_of(resource["verificationStatus"]);
  set_context(resource, draft);
  refuse_status(verification, {"refuted"});
  Event event{.area = Area::kCondition};
  event.code = needed_code(resource["code"]);
  event.start = needed({start_of(resource, "onset", draft), noted(resource["recordedDate"].moment(), draft)});
  event.end = end_of(resource, "abatement", draft);
  if (!event.end) event.end = noted(resource["abatementDateTime"].moment(), draft);
  if (event.end && event.end->date() < event.start.date()) throw Refusal{"end_before_start"};
  if (has_category(resource, "problem-list-item")) event.type_concept = kProblemList;
  event.qualifier = codings_of(resource["verificationStatus"]);
  draft.provider = reference_to(resource["asserter"], {"Practitioner"});
  if (draft.provider.empty()) draft.provider = reference_to(resource["recorder"], {"Practitioner"});
  draft.events.push_back(std::move(event));
}

void map_observation(const Json& resource, Draft& draft) {
  set_context(resource, draft);
  refuse_status(resource["status"].text(), {"registered", "cancelled"});
  draft.provider = reference_to(resource["performer"].first(), {"Practitioner"});
  Event event{.code = needed_code(resource["code"])};
  event.start = needed({start_of(resource, "effective", draft), noted(resource["effectiveInstant"].moment(), draft),
                        noted(resource["issued"].moment(), draft)});
  if (has_category(resource, "laboratory")) event.type_concept = kLab;
  const std::vector<Json> components = resource["component"].items();
  if (components.size() > 1000) throw Refusal{"too_many_parts"};
  Event whole = event;
  const bool has_value = set_value(resource, whole, draft);
  if (has_value || components.empty()) {
    if (!has_value) draft.notes.push_back("observation_without_value");
    set_range(resource, whole);
    whole.area = area_of(resource, whole);
    draft.events.push_back(std::move(whole));
  }
  for (std::size_t i = 0; i < components.size(); ++i) {
    Event part = event;
    part.part = "component/" + std::to_string(i);
    part.code = needed_code(components[i]["code"]);
    set_value(components[i], part, draft);
    set_range(components[i], part);
    part.area = area_of(resource, part);
    draft.events.push_back(std::move(part));
  }
}

void map_procedure(const Json& resource, Draft& draft) {
  set_context(resource, draft);
  refuse_status(resource["status"].text(), {"preparation", "not-done"});
  Event event{.area = Area::kProcedure, .code = needed_code(resource["code"])};
  event.start = needed({start_of(resource, "performed", draft)});
  event.end = end_of(resource, "performed", draft);
  if (event.end && event.end->date() < event.start.date()) throw Refusal{"end_before_start"};
  draft.provider = reference_to(resource["performer"].first()["actor"], {"Practitioner"});
  draft.events.push_back(std::move(event));
}

void map_allergy(const Json& resource, Draft& draft) {
  set_context(resource, draft);
  refuse_status(code_of(resource["verificationStatus"]), {"refuted"});
  Event event{.area = Area::kObservation, .code = needed_code(resource["code"])};
  event.start = needed({start_of(resource, "onset", draft), noted(resource["recordedDate"].moment(), draft),
                        noted(resource["lastOccurrence"].moment(), draft)});
  event.text = "allergy or intolerance";
  event.qualifier = codings_of(resource["clinicalStatus"]);
  draft.provider = reference_to(resource["recorder"], {"Practitioner"});
  draft.events.push_back(std::move(event));
}

void map_diagnostic_report(const Json& resource, Draft& draft) {
  set_context(resource, draft);
  refuse_status(resource["status"].text(), {"registered", "cancelled"});
  Event event{.area = Area::kObservation, .code = needed_code(resource["code"])};
  event.start = needed({start_of(resource, "effective", draft), noted(resource["issued"].moment(), draft)});
  event.text = resource["conclusion"].text();
  if (resource["presentedForm"].first().present()) draft.notes.push_back("report_attachment_left_out");
  draft.provider = reference_to(resource["performer"].first(), {"Practitioner"});
  const std::vector<Json> conclusions = resource["conclusionCode"].items();
  if (conclusions.size() > 1000) throw Refusal{"too_many_parts"};
  for (std::size_t i = 0; i < conclusions.size(); ++i) {
    Event part = event;
    part.part = "conclusion/" + std::to_string(i);
    part.value = codings_of(conclusions[i]);
    draft.events.push_back(std::move(part));
  }
  draft.events.push_back(std::move(event));
}

}  // namespace cohortium::omop
