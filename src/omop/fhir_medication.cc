// What was prescribed, given, dispensed, taken or injected, of FHIR R4.
#include <cmath>

#include "omop/fhir_resources.h"

namespace cohortium::omop {
namespace {

// The code of medication[x]: in the resource, in one it contains, or in a resource of its own.
void set_medication(const Json& resource, Event& event) {
  const Json reference = resource["medicationReference"];
  if (!reference.present()) {
    event.code = needed_code(resource["medicationCodeableConcept"]);
    return;
  }
  const std::string text = reference["reference"].text();
  if (text.starts_with("#")) {
    for (const Json& contained : resource["contained"].items())
      if (contained["id"].text() == text.substr(1)) event.code = codings_of(contained["code"]);
    if (event.code.empty()) throw Refusal{"unknown_medication"};
    return;
  }
  event.medication = reference_to(reference, {"Medication"});
  if (event.medication.empty()) throw Refusal{"code_missing"};
}

void set_dosage(const Json& dosage, Event& event) {
  event.instructions = dosage["text"].text();
  event.route = codings_of(dosage["route"]);
  const Json dose = dosage["doseAndRate"].first()["doseQuantity"];
  event.dose_unit = dose["unit"].text();
}

// Days of a Duration in whole days or weeks.
std::optional<int> days_of(const Json& duration) {
  const auto value = duration["value"].number();
  std::string unit = duration["code"].text();
  if (unit.empty()) unit = duration["unit"].text();
  if (!value) return {};
  const double days = unit == "d" || unit == "day" || unit == "days" ? *value : unit == "wk" ? *value * 7 : NAN;
  return days >= 0 && days < 36525 ? std::optional(static_cast<int>(std::ceil(days))) : std::nullopt;
}

void finish(Event event, Draft& draft) {
  if (event.end && event.end->date() < event.start.date()) throw Refusal{"end_before_start"};
  draft.events.push_back(std::move(event));
}

}  // namespace

void map_medication(const Json& resource, Draft& draft) { draft.medication = needed_code(resource["code"]); }

void map_medication_request(const Json& resource, Draft& draft) {
  set_context(resource, draft);
  refuse_status(resource["status"].text(), {"draft", "cancelled"});
  const std::string intent = resource["intent"].text();
  if (intent == "proposal" || intent == "plan" || resource["doNotPerform"].flag().value_or(false))
    throw Refusal{"not_done", true};
  Event event{.area = Area::kDrug, .type_concept = 32838};  // "EHR prescription"
  set_medication(resource, event);
  const Json dispense = resource["dispenseRequest"];
  event.start = needed({noted(resource["authoredOn"].moment(), draft), start_of(dispense, "validityPeriod", draft)});
  event.days_supply = days_of(dispense["expectedSupplyDuration"]);
  event.quantity = dispense["quantity"]["value"].number();
  event.refills = dispense["numberOfRepeatsAllowed"].integer();
  event.stop_reason = resource["statusReason"]["text"].text();
  set_dosage(resource["dosageInstruction"].first(), event);
  draft.provider = reference_to(resource["requester"], {"Practitioner"});
  finish(std::move(event), draft);
}

void map_medication_administration(const Json& resource, Draft& draft) {
  set_context(resource, draft);
  refuse_status(resource["status"].text(), {"not-done"});
  Event event{.area = Area::kDrug, .type_concept = 32818};  // "EHR administration record"
  set_medication(resource, event);
  event.start = needed({start_of(resource, "effective", draft)});
  event.end = end_of(resource, "effective", draft);
  const Json dosage = resource["dosage"];
  event.instructions = dosage["text"].text();
  event.route = codings_of(dosage["route"]);
  event.quantity = dosage["dose"]["value"].number();
  event.dose_unit = dosage["dose"]["unit"].text();
  draft.provider = reference_to(resource["performer"].first()["actor"], {"Practitioner"});
  finish(std::move(event), draft);
}

void map_medication_statement(const Json& resource, Draft& draft) {
  set_context(resource, draft);
  refuse_status(resource["status"].text(), {"not-taken", "intended"});
  Event event{.area = Area::kDrug, .type_concept = 32865};  // "Patient self-report"
  set_medication(resource, event);
  event.start = needed({start_of(resource, "effective", draft), noted(resource["dateAsserted"].moment(), draft)});
  event.end = end_of(resource, "effective", draft);
  set_dosage(resource["dosage"].first(), event);
  finish(std::move(event), draft);
}

void map_medication_dispense(const Json& resource, Draft& draft) {
  set_context(resource, draft);
  refuse_status(resource["status"].text(), {"preparation", "cancelled", "declined"});
  Event event{.area = Area::kDrug, .type_concept = 32825};  // "EHR dispensing record"
  set_medication(resource, event);
  event.start =
      needed({noted(resource["whenHandedOver"].moment(), draft), noted(resource["whenPrepared"].moment(), draft)});
  event.quantity = resource["quantity"]["value"].number();
  event.days_supply = days_of(resource["daysSupply"]);
  set_dosage(resource["dosageInstruction"].first(), event);
  draft.provider = reference_to(resource["performer"].first()["actor"], {"Practitioner"});
  finish(std::move(event), draft);
}

void map_immunization(const Json& resource, Draft& draft) {
  set_context(resource, draft);
  refuse_status(resource["status"].text(), {"not-done"});
  Event event{.area = Area::kDrug, .type_concept = 32818};
  event.code = needed_code(resource["vaccineCode"]);
  event.start = needed({noted(resource["occurrenceDateTime"].moment(), draft)});
  event.lot = resource["lotNumber"].text();
  event.quantity = resource["doseQuantity"]["value"].number();
  event.dose_unit = resource["doseQuantity"]["unit"].text();
  event.route = codings_of(resource["route"]);
  draft.provider = reference_to(resource["performer"].first()["actor"], {"Practitioner"});
  finish(std::move(event), draft);
}

}  // namespace cohortium::omop
