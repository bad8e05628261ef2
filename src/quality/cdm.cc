#include "quality/cdm.h"

#include <algorithm>

namespace cohortium::quality {
namespace {

using enum Holds;

constexpr double most = 1e9;  // where only the lower end says something

constexpr CdmColumn person[] = {
    {"person_id", kKey, true},
    {"gender_concept_id", kConcept, true, "Gender"},
    {"year_of_birth", kWhole, true, {}, 1850, 2100},
    {"month_of_birth", kWhole, false, {}, 1, 12},
    {"day_of_birth", kWhole, false, {}, 1, 31},
    {"race_concept_id", kConcept, true, "Race"},
    {"ethnicity_concept_id", kConcept, true, "Ethnicity"},
};
constexpr CdmColumn observation_period[] = {
    {"observation_period_id", kKey, true},          {"person_id", kReference, true, "person"},
    {"observation_period_start_date", kDate, true}, {"observation_period_end_date", kDate, true},
    {"period_type_concept_id", kConcept, true},
};
constexpr CdmColumn visit_occurrence[] = {
    {"visit_occurrence_id", kKey, true},
    {"person_id", kReference, true, "person"},
    {"visit_concept_id", kConcept, true, "Visit"},
    {"visit_start_date", kDate, true},
    {"visit_end_date", kDate, true},
    {"visit_type_concept_id", kConcept, true},
};
constexpr CdmColumn visit_detail[] = {
    {"visit_detail_id", kKey, true},
    {"person_id", kReference, true, "person"},
    {"visit_detail_concept_id", kConcept, true, "Visit"},
    {"visit_detail_start_date", kDate, true},
    {"visit_detail_end_date", kDate, true},
    {"visit_occurrence_id", kReference, true, "visit_occurrence"},
};
constexpr CdmColumn condition_occurrence[] = {
    {"condition_occurrence_id", kKey, true},
    {"person_id", kReference, true, "person"},
    {"condition_concept_id", kConcept, true, "Condition"},
    {"condition_start_date", kDate, true},
    {"condition_end_date", kDate},
    {"condition_type_concept_id", kConcept, true},
    {"visit_occurrence_id", kReference, false, "visit_occurrence"},
};
constexpr CdmColumn drug_exposure[] = {
    {"drug_exposure_id", kKey, true},
    {"person_id", kReference, true, "person"},
    {"drug_concept_id", kConcept, true, "Drug"},
    {"drug_exposure_start_date", kDate, true},
    {"drug_exposure_end_date", kDate, true},
    {"drug_type_concept_id", kConcept, true},
    {"refills", kWhole, false, {}, 0, 100},
    {"quantity", kNumber, false, {}, 0, most},
    {"days_supply", kWhole, false, {}, 0, 1095},
    {"visit_occurrence_id", kReference, false, "visit_occurrence"},
};
constexpr CdmColumn procedure_occurrence[] = {
    {"procedure_occurrence_id", kKey, true},
    {"person_id", kReference, true, "person"},
    {"procedure_concept_id", kConcept, true, "Procedure"},
    {"procedure_date", kDate, true},
    {"procedure_type_concept_id", kConcept, true},
    {"visit_occurrence_id", kReference, false, "visit_occurrence"},
};
constexpr CdmColumn device_exposure[] = {
    {"device_exposure_id", kKey, true},
    {"person_id", kReference, true, "person"},
    {"device_concept_id", kConcept, true, "Device"},
    {"device_exposure_start_date", kDate, true},
    {"device_exposure_end_date", kDate},
    {"device_type_concept_id", kConcept, true},
    {"visit_occurrence_id", kReference, false, "visit_occurrence"},
};
constexpr CdmColumn measurement[] = {
    {"measurement_id", kKey, true},
    {"person_id", kReference, true, "person"},
    {"measurement_concept_id", kConcept, true, "Measurement"},
    {"measurement_date", kDate, true},
    {"measurement_type_concept_id", kConcept, true},
    {"value_as_number", kNumber},
    {"value_as_concept_id", kConcept},
    {"unit_concept_id", kConcept, false, "Unit"},
    {"visit_occurrence_id", kReference, false, "visit_occurrence"},
};
constexpr CdmColumn observation[] = {
    {"observation_id", kKey, true},
    {"person_id", kReference, true, "person"},
    {"observation_concept_id", kConcept, true},
    {"observation_date", kDate, true},
    {"observation_type_concept_id", kConcept, true},
    {"visit_occurrence_id", kReference, false, "visit_occurrence"},
};
constexpr CdmColumn death[] = {
    {"person_id", kReference, true, "person"},
    {"death_date", kDate, true},
};
constexpr CdmColumn condition_era[] = {
    {"condition_era_id", kKey, true},
    {"person_id", kReference, true, "person"},
    {"condition_concept_id", kConcept, true, "Condition"},
    {"condition_era_start_date", kDate, true},
    {"condition_era_end_date", kDate, true},
    {"condition_occurrence_count", kWhole, false, {}, 1, most},
};
constexpr CdmColumn drug_era[] = {
    {"drug_era_id", kKey, true},
    {"person_id", kReference, true, "person"},
    {"drug_concept_id", kConcept, true, "Drug"},
    {"drug_era_start_date", kDate, true},
    {"drug_era_end_date", kDate, true},
    {"drug_exposure_count", kWhole, false, {}, 1, most},
    {"gap_days", kWhole, false, {}, 0, 3650},
};
constexpr CdmColumn cdm_source[] = {
    {"cdm_source_name", kText, true},
    {"cdm_version", kText},
    {"vocabulary_version", kText},
};

constexpr CdmTable tables[] = {
    {"person", person, {}, {}, "gender_concept_id"},
    {"observation_period", observation_period, "observation_period_start_date", "observation_period_end_date"},
    {"visit_occurrence", visit_occurrence, "visit_start_date", "visit_end_date", "visit_concept_id"},
    {"visit_detail", visit_detail, "visit_detail_start_date", "visit_detail_end_date", "visit_detail_concept_id"},
    {"condition_occurrence", condition_occurrence, "condition_start_date", "condition_end_date",
     "condition_concept_id"},
    {"drug_exposure", drug_exposure, "drug_exposure_start_date", "drug_exposure_end_date", "drug_concept_id"},
    {"procedure_occurrence", procedure_occurrence, "procedure_date", {}, "procedure_concept_id"},
    {"device_exposure", device_exposure, "device_exposure_start_date", "device_exposure_end_date", "device_concept_id"},
    {"measurement", measurement, "measurement_date", {}, "measurement_concept_id"},
    {"observation", observation, "observation_date", {}, "observation_concept_id"},
    {"death", death, "death_date"},
    {"condition_era", condition_era, "condition_era_start_date", "condition_era_end_date", "condition_concept_id"},
    {"drug_era", drug_era, "drug_era_start_date", "drug_era_end_date", "drug_concept_id"},
    {"cdm_source", cdm_source},
};

// Wide on purpose: what a living person of any age can have, even at her worst.
constexpr PlausibleRange ranges[] = {
    {3004249, "systolic blood pressure", 8876, "mm[Hg]", 30, 320},
    {3012888, "diastolic blood pressure", 8876, "mm[Hg]", 10, 220},
    {3027018, "heart rate", 8541, "/min", 10, 350},
    {3024171, "respiratory rate", 8541, "/min", 2, 120},
    {3020891, "body temperature", 586323, "Cel", 20, 46},
    {3025315, "body weight", 9529, "kg", 0.2, 650},
    {3036277, "body height", 8582, "cm", 20, 275},
    {3038553, "body mass index", 9531, "kg/m2", 5, 150},
    {3016502, "oxygen saturation", 8554, "%", 10, 100},
    {3004410, "hemoglobin A1c", 8554, "%", 2, 25},
    {3000963, "hemoglobin", 8713, "g/dL", 1, 30},
    {3023314, "hematocrit", 8554, "%", 3, 80},
    {3000905, "leukocytes", 8848, "10*3/uL", 0, 1000},
    {3024929, "platelets", 8848, "10*3/uL", 0, 3500},
    {3004501, "glucose in serum or plasma", 8840, "mg/dL", 5, 2500},
    {3000483, "glucose in blood", 8840, "mg/dL", 5, 2500},
    {3016723, "creatinine in serum or plasma", 8840, "mg/dL", 0.02, 50},
    {3051825, "creatinine in blood", 8840, "mg/dL", 0.02, 50},
    {3019550, "sodium in serum or plasma", 8753, "mmol/L", 80, 220},
    {3000285, "sodium in blood", 8753, "mmol/L", 80, 220},
    {3023103, "potassium in serum or plasma", 8753, "mmol/L", 0.8, 15},
    {3005456, "potassium in blood", 8753, "mmol/L", 0.8, 15},
    {3027114, "cholesterol", 8840, "mg/dL", 10, 2000},
    {3022192, "triglycerides", 8840, "mg/dL", 5, 20000},
    {3024561, "albumin", 8713, "g/dL", 0.3, 10},
    {3020630, "protein", 8713, "g/dL", 0.5, 20},
    {3024128, "total bilirubin", 8840, "mg/dL", 0, 100},
};

}  // namespace

std::span<const CdmTable> cdm_tables() { return tables; }

const CdmTable* find_cdm_table(std::string_view name) {
  const auto found =
      std::find_if(std::begin(tables), std::end(tables), [&](const CdmTable& table) { return table.name == name; });
  return found == std::end(tables) ? nullptr : &*found;
}

std::span<const PlausibleRange> plausible_ranges() { return ranges; }

}  // namespace cohortium::quality
