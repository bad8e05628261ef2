#include "cohort/domains.h"

#include <algorithm>
#include <array>

namespace cohortium::cohort {
namespace {

// Ends that a row does not have follow the rules of Circe: a day after the start, or what a prescription supplies.
#define COHORT_DATE(column) "CAST(c." column " AS DATE)"
#define COHORT_AGE(date) "(extract(year FROM " date ") - p.year_of_birth)"
#define COHORT_DAYS(start, end) "((" end ") - (" start "))"
#define COHORT_PERSON_FIELDS(start)                                      \
  {"Age", FieldKind::kNumber, COHORT_AGE(start), Join::kPerson}, {       \
    "Gender", FieldKind::kConcepts, "p.gender_concept_id", Join::kPerson \
  }
#define COHORT_CARE_FIELDS                                                                   \
  {"ProviderSpecialty", FieldKind::kConcepts, "pr.specialty_concept_id", Join::kProvider}, { \
    "VisitType", FieldKind::kConcepts, "v.visit_concept_id", Join::kVisit                    \
  }

constexpr char kConditionStart[] = COHORT_DATE("condition_start_date");
#define COHORT_CONDITION_END \
  "coalesce(" COHORT_DATE("condition_end_date") ", " COHORT_DATE("condition_start_date") " + 1)"
constexpr auto kConditionFields = std::to_array<Field>({
    {"OccurrenceStartDate", FieldKind::kDate, kConditionStart},
    {"OccurrenceEndDate", FieldKind::kDate, COHORT_CONDITION_END},
    {"ConditionType", FieldKind::kConcepts, "c.condition_type_concept_id"},
    {"ConditionStatus", FieldKind::kConcepts, "c.condition_status_concept_id"},
    {"StopReason", FieldKind::kText, "c.stop_reason"},
    COHORT_PERSON_FIELDS(COHORT_DATE("condition_start_date")),
    COHORT_CARE_FIELDS,
});

#define COHORT_ERA_FIELDS(prefix, count)                                                                \
  {"EraStartDate", FieldKind::kDate, COHORT_DATE(prefix "_start_date")},                                \
      {"EraEndDate", FieldKind::kDate, COHORT_DATE(prefix "_end_date")},                                \
      {"OccurrenceCount", FieldKind::kNumber, "c." count},                                              \
      {"EraLength", FieldKind::kNumber,                                                                 \
       COHORT_DAYS(COHORT_DATE(prefix "_start_date"), COHORT_DATE(prefix "_end_date"))},                \
      {"AgeAtStart", FieldKind::kNumber, COHORT_AGE(COHORT_DATE(prefix "_start_date")), Join::kPerson}, \
      {"AgeAtEnd", FieldKind::kNumber, COHORT_AGE(COHORT_DATE(prefix "_end_date")), Join::kPerson}, {   \
    "Gender", FieldKind::kConcepts, "p.gender_concept_id", Join::kPerson                                \
  }
constexpr auto kConditionEraFields =
    std::to_array<Field>({COHORT_ERA_FIELDS("condition_era", "condition_occurrence_count")});
constexpr auto kDrugEraFields = std::to_array<Field>(
    {COHORT_ERA_FIELDS("drug_era", "drug_exposure_count"), {"GapDays", FieldKind::kNumber, "c.gap_days"}});

#define COHORT_DRUG_START COHORT_DATE("drug_exposure_start_date")
#define COHORT_DRUG_END                                                    \
  "coalesce(" COHORT_DATE("drug_exposure_end_date") ", " COHORT_DRUG_START \
                                                    " + CAST(c.days_supply AS INTEGER), " COHORT_DRUG_START " + 1)"
constexpr auto kDrugFields = std::to_array<Field>({
    {"OccurrenceStartDate", FieldKind::kDate, COHORT_DRUG_START},
    {"OccurrenceEndDate", FieldKind::kDate, COHORT_DRUG_END},
    {"DrugType", FieldKind::kConcepts, "c.drug_type_concept_id"},
    {"StopReason", FieldKind::kText, "c.stop_reason"},
    {"Refills", FieldKind::kNumber, "c.refills"},
    {"Quantity", FieldKind::kNumber, "c.quantity"},
    {"DaysSupply", FieldKind::kNumber, "c.days_supply"},
    {"RouteConcept", FieldKind::kConcepts, "c.route_concept_id"},
    {"LotNumber", FieldKind::kText, "c.lot_number"},
    COHORT_PERSON_FIELDS(COHORT_DRUG_START),
    COHORT_CARE_FIELDS,
});

#define COHORT_PROCEDURE_START COHORT_DATE("procedure_date")
constexpr auto kProcedureFields = std::to_array<Field>({
    {"OccurrenceStartDate", FieldKind::kDate, COHORT_PROCEDURE_START},
    {"ProcedureType", FieldKind::kConcepts, "c.procedure_type_concept_id"},
    {"Modifier", FieldKind::kConcepts, "c.modifier_concept_id"},
    {"Quantity", FieldKind::kNumber, "c.quantity"},
    COHORT_PERSON_FIELDS(COHORT_PROCEDURE_START),
    COHORT_CARE_FIELDS,
});

#define COHORT_MEASUREMENT_START COHORT_DATE("measurement_date")
constexpr auto kMeasurementFields = std::to_array<Field>({
    {"OccurrenceStartDate", FieldKind::kDate, COHORT_MEASUREMENT_START},
    {"MeasurementType", FieldKind::kConcepts, "c.measurement_type_concept_id"},
    {"Operator", FieldKind::kConcepts, "c.operator_concept_id"},
    {"ValueAsNumber", FieldKind::kNumber, "c.value_as_number"},
    {"ValueAsConcept", FieldKind::kConcepts, "c.value_as_concept_id"},
    {"Unit", FieldKind::kConcepts, "c.unit_concept_id"},
    {"RangeLow", FieldKind::kNumber, "c.range_low"},
    {"RangeHigh", FieldKind::kNumber, "c.range_high"},
    {"RangeLowRatio", FieldKind::kNumber, "(c.value_as_number / nullif(c.range_low, 0))"},
    {"RangeHighRatio", FieldKind::kNumber, "(c.value_as_number / nullif(c.range_high, 0))"},
    {"Abnormal", FieldKind::kFlag,
     "(c.value_as_number < c.range_low OR c.value_as_number > c.range_high OR "
     "c.value_as_concept_id IN (4155142, 4155143))"},
    COHORT_PERSON_FIELDS(COHORT_MEASUREMENT_START),
    COHORT_CARE_FIELDS,
});

#define COHORT_OBSERVATION_START COHORT_DATE("observation_date")
constexpr auto kObservationFields = std::to_array<Field>({
    {"OccurrenceStartDate", FieldKind::kDate, COHORT_OBSERVATION_START},
    {"ObservationType", FieldKind::kConcepts, "c.observation_type_concept_id"},
    {"ValueAsNumber", FieldKind::kNumber, "c.value_as_number"},
    {"ValueAsString", FieldKind::kText, "c.value_as_string"},
    {"ValueAsConcept", FieldKind::kConcepts, "c.value_as_concept_id"},
    {"Qualifier", FieldKind::kConcepts, "c.qualifier_concept_id"},
    {"Unit", FieldKind::kConcepts, "c.unit_concept_id"},
    COHORT_PERSON_FIELDS(COHORT_OBSERVATION_START),
    COHORT_CARE_FIELDS,
});

#define COHORT_VISIT_START COHORT_DATE("visit_start_date")
#define COHORT_VISIT_END COHORT_DATE("visit_end_date")
constexpr auto kVisitFields = std::to_array<Field>({
    {"OccurrenceStartDate", FieldKind::kDate, COHORT_VISIT_START},
    {"OccurrenceEndDate", FieldKind::kDate, COHORT_VISIT_END},
    {"VisitType", FieldKind::kConcepts, "c.visit_type_concept_id"},
    {"VisitLength", FieldKind::kNumber, COHORT_DAYS(COHORT_VISIT_START, COHORT_VISIT_END)},
    {"PlaceOfService", FieldKind::kConcepts, "cs.place_of_service_concept_id", Join::kCareSite},
    {"ProviderSpecialty", FieldKind::kConcepts, "pr.specialty_concept_id", Join::kProvider},
    COHORT_PERSON_FIELDS(COHORT_VISIT_START),
});

#define COHORT_DEVICE_START COHORT_DATE("device_exposure_start_date")
#define COHORT_DEVICE_END "coalesce(" COHORT_DATE("device_exposure_end_date") ", " COHORT_DEVICE_START " + 1)"
constexpr auto kDeviceFields = std::to_array<Field>({
    {"OccurrenceStartDate", FieldKind::kDate, COHORT_DEVICE_START},
    {"OccurrenceEndDate", FieldKind::kDate, COHORT_DEVICE_END},
    {"DeviceType", FieldKind::kConcepts, "c.device_type_concept_id"},
    {"UniqueDeviceId", FieldKind::kText, "c.unique_device_id"},
    {"Quantity", FieldKind::kNumber, "c.quantity"},
    COHORT_PERSON_FIELDS(COHORT_DEVICE_START),
    COHORT_CARE_FIELDS,
});

#define COHORT_DEATH_START COHORT_DATE("death_date")
constexpr auto kDeathFields = std::to_array<Field>({
    {"OccurrenceStartDate", FieldKind::kDate, COHORT_DEATH_START},
    {"DeathType", FieldKind::kConcepts, "c.death_type_concept_id"},
    COHORT_PERSON_FIELDS(COHORT_DEATH_START),
});

#define COHORT_SPECIMEN_START COHORT_DATE("specimen_date")
constexpr auto kSpecimenFields = std::to_array<Field>({
    {"OccurrenceStartDate", FieldKind::kDate, COHORT_SPECIMEN_START},
    {"SpecimenType", FieldKind::kConcepts, "c.specimen_type_concept_id"},
    {"Quantity", FieldKind::kNumber, "c.quantity"},
    {"Unit", FieldKind::kConcepts, "c.unit_concept_id"},
    {"AnatomicSite", FieldKind::kConcepts, "c.anatomic_site_concept_id"},
    {"DiseaseStatus", FieldKind::kConcepts, "c.disease_status_concept_id"},
    COHORT_PERSON_FIELDS(COHORT_SPECIMEN_START),
});

#define COHORT_PERIOD_START COHORT_DATE("observation_period_start_date")
#define COHORT_PERIOD_END COHORT_DATE("observation_period_end_date")
constexpr auto kPeriodFields = std::to_array<Field>({
    {"PeriodStartDate", FieldKind::kDate, COHORT_PERIOD_START},
    {"PeriodEndDate", FieldKind::kDate, COHORT_PERIOD_END},
    {"PeriodType", FieldKind::kConcepts, "c.period_type_concept_id"},
    {"PeriodLength", FieldKind::kNumber, COHORT_DAYS(COHORT_PERIOD_START, COHORT_PERIOD_END)},
    {"AgeAtStart", FieldKind::kNumber, COHORT_AGE(COHORT_PERIOD_START), Join::kPerson},
    {"AgeAtEnd", FieldKind::kNumber, COHORT_AGE(COHORT_PERIOD_END), Join::kPerson},
});

constexpr auto kDemographicFields = std::to_array<Field>({
    {"Age", FieldKind::kNumber, COHORT_AGE("e.start_date")},
    {"Gender", FieldKind::kConcepts, "p.gender_concept_id"},
    {"Race", FieldKind::kConcepts, "p.race_concept_id"},
    {"Ethnicity", FieldKind::kConcepts, "p.ethnicity_concept_id"},
    {"OccurrenceStartDate", FieldKind::kDate, "e.start_date"},
    {"OccurrenceEndDate", FieldKind::kDate, "e.end_date"},
});

constexpr auto kDomains = std::to_array<Domain>({
    {"ConditionOccurrence", "condition_occurrence", "condition_occurrence_id", "condition_concept_id",
     "ConditionSourceConcept", "condition_source_concept_id", kConditionStart, COHORT_CONDITION_END, true,
     kConditionFields},
    {"ConditionEra", "condition_era", "condition_era_id", "condition_concept_id", "", "",
     COHORT_DATE("condition_era_start_date"), COHORT_DATE("condition_era_end_date"), false, kConditionEraFields},
    {"DrugExposure", "drug_exposure", "drug_exposure_id", "drug_concept_id", "DrugSourceConcept",
     "drug_source_concept_id", COHORT_DRUG_START, COHORT_DRUG_END, true, kDrugFields},
    {"DrugEra", "drug_era", "drug_era_id", "drug_concept_id", "", "", COHORT_DATE("drug_era_start_date"),
     COHORT_DATE("drug_era_end_date"), false, kDrugEraFields},
    {"ProcedureOccurrence", "procedure_occurrence", "procedure_occurrence_id", "procedure_concept_id",
     "ProcedureSourceConcept", "procedure_source_concept_id", COHORT_PROCEDURE_START, COHORT_PROCEDURE_START " + 1",
     true, kProcedureFields},
    {"Measurement", "measurement", "measurement_id", "measurement_concept_id", "MeasurementSourceConcept",
     "measurement_source_concept_id", COHORT_MEASUREMENT_START, COHORT_MEASUREMENT_START " + 1", true,
     kMeasurementFields},
    {"Observation", "observation", "observation_id", "observation_concept_id", "ObservationSourceConcept",
     "observation_source_concept_id", COHORT_OBSERVATION_START, COHORT_OBSERVATION_START " + 1", true,
     kObservationFields},
    {"VisitOccurrence", "visit_occurrence", "visit_occurrence_id", "visit_concept_id", "VisitSourceConcept",
     "visit_source_concept_id", COHORT_VISIT_START, COHORT_VISIT_END, true, kVisitFields},
    {"DeviceExposure", "device_exposure", "device_exposure_id", "device_concept_id", "DeviceSourceConcept",
     "device_source_concept_id", COHORT_DEVICE_START, COHORT_DEVICE_END, true, kDeviceFields},
    {"Death", "death", "person_id", "cause_concept_id", "DeathSourceConcept", "cause_source_concept_id",
     COHORT_DEATH_START, COHORT_DEATH_START " + 1", false, kDeathFields},
    {"Specimen", "specimen", "specimen_id", "specimen_concept_id", "", "", COHORT_SPECIMEN_START,
     COHORT_SPECIMEN_START " + 1", false, kSpecimenFields},
    {"ObservationPeriod", "observation_period", "observation_period_id", "period_type_concept_id", "", "",
     COHORT_PERIOD_START, COHORT_PERIOD_END, false, kPeriodFields},
});

}  // namespace

const Domain* find_domain(std::string_view name) {
  const auto* found =
      std::find_if(kDomains.begin(), kDomains.end(), [&](const Domain& domain) { return domain.name == name; });
  return found == kDomains.end() ? nullptr : found;
}

std::span<const Field> demographic_fields() { return kDemographicFields; }

}  // namespace cohortium::cohort
