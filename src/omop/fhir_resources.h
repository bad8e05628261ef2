// One function per FHIR R4 resource type that is mapped (docs/omop.md has the table). They fill a Draft whose kind and id
// are set, or throw Refusal. For .cc files of this folder only.
#pragma once

#include <string>
#include <string_view>

#include "omop/draft.h"
#include "omop/fhir_json.h"

namespace cohortium::omop {

using MapResource = void (*)(const Json& resource, Draft& draft);
// Null for a type that is not mapped.
MapResource mapper_of(std::string_view resource_type);
// Whether FHIR R4 has a resource type of this name.
bool is_resource_type(std::string_view name);

// fhir_people.cc: who and where
void map_patient(const Json& resource, Draft& draft);
void map_organization(const Json& resource, Draft& draft);
void map_location(const Json& resource, Draft& draft);
void map_practitioner(const Json& resource, Draft& draft);
// fhir_events.cc: what was found and done
void map_encounter(const Json& resource, Draft& draft);
void map_condition(const Json& resource, Draft& draft);
void map_observation(const Json& resource, Draft& draft);
void map_procedure(const Json& resource, Draft& draft);
void map_allergy(const Json& resource, Draft& draft);
void map_diagnostic_report(const Json& resource, Draft& draft);
// fhir_medication.cc: what was taken
void map_medication(const Json& resource, Draft& draft);
void map_medication_request(const Json& resource, Draft& draft);
void map_medication_administration(const Json& resource, Draft& draft);
void map_medication_statement(const Json& resource, Draft& draft);
void map_medication_dispense(const Json& resource, Draft& draft);
void map_immunization(const Json& resource, Draft& draft);

// The key of what a Reference names; empty when it names nothing, or not one of `types`.
std::string reference_to(const Json& reference, std::initializer_list<std::string_view> types);
// Sets the patient and the visit. Refuses a resource without a patient.
void set_context(const Json& resource, Draft& draft);
// Refuses when `status` is one of those; entered-in-error always.
void refuse_status(const std::string& status, std::initializer_list<std::string_view> not_done);
// dateTime or Period of a choice such as effective[x]; counts partial dates.
std::optional<Moment> start_of(const Json& resource, std::string_view choice, Draft& draft);
std::optional<Moment> end_of(const Json& resource, std::string_view choice, Draft& draft);
std::optional<Moment> noted(std::optional<Moment> moment, Draft& draft);
// The first that is there; refuses with date_missing when none is.
Moment needed(std::initializer_list<std::optional<Moment>> candidates);
// Refuses with code_missing when the concept says nothing.
Codings needed_code(const Json& codeable_concept);
Address address_of(const Json& address);

}  // namespace cohortium::omop
