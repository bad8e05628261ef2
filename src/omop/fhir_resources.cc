#include "omop/fhir_resources.h"

#include <algorithm>

namespace cohortium::omop {
namespace {

constexpr std::pair<std::string_view, MapResource> kMapped[] = {
    {"AllergyIntolerance", map_allergy},
    {"Condition", map_condition},
    {"DiagnosticReport", map_diagnostic_report},
    {"Encounter", map_encounter},
    {"Immunization", map_immunization},
    {"Location", map_location},
    {"Medication", map_medication},
    {"MedicationAdministration", map_medication_administration},
    {"MedicationDispense", map_medication_dispense},
    {"MedicationRequest", map_medication_request},
    {"MedicationStatement", map_medication_statement},
    {"Observation", map_observation},
    {"Organization", map_organization},
    {"Patient", map_patient},
    {"Practitioner", map_practitioner},
    {"Procedure", map_procedure},
};

// FHIR R4 (4.0.1), section 2.2.
constexpr std::string_view kNotMapped[] = {"Account",
                                           "ActivityDefinition",
                                           "AdverseEvent",
                                           "Appointment",
                                           "AppointmentResponse",
                                           "AuditEvent",
                                           "Basic",
                                           "Binary",
                                           "BiologicallyDerivedProduct",
                                           "BodyStructure",
                                           "Bundle",
                                           "CapabilityStatement",
                                           "CarePlan",
                                           "CareTeam",
                                           "CatalogEntry",
                                           "ChargeItem",
                                           "ChargeItemDefinition",
                                           "Claim",
                                           "ClaimResponse",
                                           "ClinicalImpression",
                                           "CodeSystem",
                                           "Communication",
                                           "CommunicationRequest",
                                           "CompartmentDefinition",
                                           "Composition",
                                           "ConceptMap",
                                           "Consent",
                                           "Contract",
                                           "Coverage",
                                           "CoverageEligibilityRequest",
                                           "CoverageEligibilityResponse",
                                           "DetectedIssue",
                                           "Device",
                                           "DeviceDefinition",
                                           "DeviceMetric",
                                           "DeviceRequest",
                                           "DeviceUseStatement",
                                           "DocumentManifest",
                                           "DocumentReference",
                                           "EffectEvidenceSynthesis",
                                           "Endpoint",
                                           "EnrollmentRequest",
                                           "EnrollmentResponse",
                                           "EpisodeOfCare",
                                           "EventDefinition",
                                           "Evidence",
                                           "EvidenceVariable",
                                           "ExampleScenario",
                                           "ExplanationOfBenefit",
                                           "FamilyMemberHistory",
                                           "Flag",
                                           "Goal",
                                           "GraphDefinition",
                                           "Group",
                                           "GuidanceResponse",
                                           "HealthcareService",
                                           "ImagingStudy",
                                           "ImmunizationEvaluation",
                                           "ImmunizationRecommendation",
                                           "ImplementationGuide",
                                           "InsurancePlan",
                                           "Invoice",
                                           "Library",
                                           "Linkage",
                                           "List",
                                           "Measure",
                                           "MeasureReport",
                                           "Media",
                                           "MedicationKnowledge",
                                           "MedicinalProduct",
                                           "MedicinalProductAuthorization",
                                           "MedicinalProductContraindication",
                                           "MedicinalProductIndication",
                                           "MedicinalProductIngredient",
                                           "MedicinalProductInteraction",
                                           "MedicinalProductManufactured",
                                           "MedicinalProductPackaged",
                                           "MedicinalProductPharmaceutical",
                                           "MedicinalProductUndesirableEffect",
                                           "MessageDefinition",
                                           "MessageHeader",
                                           "MolecularSequence",
                                           "NamingSystem",
                                           "NutritionOrder",
                                           "ObservationDefinition",
                                           "OperationDefinition",
                                           "OperationOutcome",
                                           "OrganizationAffiliation",
                                           "Parameters",
                                           "PaymentNotice",
                                           "PaymentReconciliation",
                                           "Person",
                                           "PlanDefinition",
                                           "PractitionerRole",
                                           "Provenance",
                                           "Questionnaire",
                                           "QuestionnaireResponse",
                                           "RelatedPerson",
                                           "RequestGroup",
                                           "ResearchDefinition",
                                           "ResearchElementDefinition",
                                           "ResearchStudy",
                                           "ResearchSubject",
                                           "RiskAssessment",
                                           "RiskEvidenceSynthesis",
                                           "Schedule",
                                           "SearchParameter",
                                           "ServiceRequest",
                                           "Slot",
                                           "Specimen",
                                           "SpecimenDefinition",
                                           "StructureDefinition",
                                           "StructureMap",
                                           "Subscription",
                                           "Substance",
                                           "SubstanceNucleicAcid",
                                           "SubstancePolymer",
                                           "SubstanceProtein",
                                           "SubstanceReferenceInformation",
                                           "SubstanceSourceMaterial",
                                           "SubstanceSpecification",
                                           "SupplyDelivery",
                                           "SupplyRequest",
                                           "Task",
                                           "TerminologyCapabilities",
                                           "TestReport",
                                           "TestScript",
                                           "ValueSet",
                                           "VerificationResult",
                                           "VisionPrescription"};

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

MapResource mapper_of(std::string_view resource_type) {
  for (const auto& [type, mapper] : kMapped)
    if (type == resource_type) return mapper;
  return nullptr;
}

bool is_resource_type(std::string_view name) {
  return mapper_of(name) != nullptr ||
         std::find(std::begin(kNotMapped), std::end(kNotMapped), name) != std::end(kNotMapped);
}

std::string reference_to(const Json& reference, std::initializer_list<std::string_view> types) {
  std::string text = reference["reference"].text();
  constexpr std::string_view uuid = "urn:uuid:";
  if (text.starts_with(uuid)) {
    std::string type = reference["type"].text();
    if (type.empty()) type = *types.begin();
    return is_one_of(type, types) ? type + "/" + text.substr(uuid.size()) : "";
  }
  if (const std::size_t query = text.find('?'); query != std::string::npos)
    return is_one_of(std::string_view(text).substr(0, query), types) ? text : "";
  if (const std::size_t history = text.find("/_history/"); history != std::string::npos) text.resize(history);
  const std::size_t id = text.rfind('/');
  if (id == std::string::npos || id == 0) return "";
  const std::size_t before = text.rfind('/', id - 1);
  const std::string key = before == std::string::npos ? text : text.substr(before + 1);
  return is_one_of(std::string_view(key).substr(0, key.find('/')), types) ? key : "";
}

void set_context(const Json& resource, Draft& draft) {
  const Json subject = resource["subject"].present() ? resource["subject"] : resource["patient"];
  if (!subject.present()) throw Refusal{"patient_missing"};
  draft.subject = reference_to(subject, {"Patient"});
  if (draft.subject.empty()) throw Refusal{"subject_is_no_patient"};
  const Json encounter = resource["encounter"].present() ? resource["encounter"] : resource["context"];
  draft.visit = reference_to(encounter, {"Encounter"});
}

void refuse_status(const std::string& status, std::initializer_list<std::string_view> not_done) {
  if (status == "entered-in-error") throw Refusal{"entered_in_error", true};
  if (is_one_of(status, not_done)) throw Refusal{"not_done", true};
}

std::optional<Moment> noted(std::optional<Moment> moment, Draft& draft) {
  if (moment && !moment->whole()) draft.notes.push_back("partial_date");
  return moment;
}

namespace {

// `day` is where a period is asked for: its start, or its end.
std::optional<Moment> moment_of(const Json& resource, std::string_view choice, std::string_view day, Draft& draft) {
  const std::string name(choice);
  for (const Json& period : {resource[name + "Period"], resource[name]})
    if (period.present()) return noted(period[day].moment(), draft);
  return {};
}

}  // namespace

std::optional<Moment> start_of(const Json& resource, std::string_view choice, Draft& draft) {
  if (const Json moment = resource[std::string(choice) + "DateTime"]; moment.present())
    return noted(moment.moment(), draft);
  return moment_of(resource, choice, "start", draft);
}

std::optional<Moment> end_of(const Json& resource, std::string_view choice, Draft& draft) {
  return moment_of(resource, choice, "end", draft);
}

Moment needed(std::initializer_list<std::optional<Moment>> candidates) {
  for (const auto& candidate : candidates)
    if (candidate) return *candidate;
  throw Refusal{"date_missing"};
}

Codings needed_code(const Json& codeable_concept) {
  Codings codes = codings_of(codeable_concept);
  if (codes.empty()) throw Refusal{"code_missing"};
  return codes;
}

}  // namespace cohortium::omop
