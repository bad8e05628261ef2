#include "omop/cdm.h"

#include <fmt/format.h>

namespace cohortium::omop {
namespace {

constexpr CdmTable kTables[] = {
    {"person",
     "person_id BIGINT NOT NULL, gender_concept_id INTEGER NOT NULL, year_of_birth INTEGER NOT NULL, "
     "month_of_birth INTEGER, day_of_birth INTEGER, birth_datetime TIMESTAMP, race_concept_id INTEGER NOT NULL, "
     "ethnicity_concept_id INTEGER NOT NULL, location_id BIGINT, provider_id BIGINT, care_site_id BIGINT, "
     "person_source_value VARCHAR, gender_source_value VARCHAR, gender_source_concept_id INTEGER, "
     "race_source_value VARCHAR, race_source_concept_id INTEGER, ethnicity_source_value VARCHAR, "
     "ethnicity_source_concept_id INTEGER"},
    {"observation_period",
     "observation_period_id BIGINT NOT NULL, person_id BIGINT NOT NULL, observation_period_start_date DATE NOT NULL, "
     "observation_period_end_date DATE NOT NULL, period_type_concept_id INTEGER NOT NULL"},
    {"visit_occurrence",
     "visit_occurrence_id BIGINT NOT NULL, person_id BIGINT NOT NULL, visit_concept_id INTEGER NOT NULL, "
     "visit_start_date DATE NOT NULL, visit_start_datetime TIMESTAMP, visit_end_date DATE NOT NULL, "
     "visit_end_datetime TIMESTAMP, visit_type_concept_id INTEGER NOT NULL, provider_id BIGINT, care_site_id BIGINT, "
     "visit_source_value VARCHAR, visit_source_concept_id INTEGER, admitted_from_concept_id INTEGER, "
     "admitted_from_source_value VARCHAR, discharged_to_concept_id INTEGER, discharged_to_source_value VARCHAR, "
     "preceding_visit_occurrence_id BIGINT"},
    {"visit_detail",
     "visit_detail_id BIGINT NOT NULL, person_id BIGINT NOT NULL, visit_detail_concept_id INTEGER NOT NULL, "
     "visit_detail_start_date DATE NOT NULL, visit_detail_start_datetime TIMESTAMP, visit_detail_end_date DATE NOT "
     "NULL, visit_detail_end_datetime TIMESTAMP, visit_detail_type_concept_id INTEGER NOT NULL, provider_id BIGINT, "
     "care_site_id BIGINT, visit_detail_source_value VARCHAR, visit_detail_source_concept_id INTEGER, "
     "admitted_from_concept_id INTEGER, admitted_from_source_value VARCHAR, discharged_to_source_value VARCHAR, "
     "discharged_to_concept_id INTEGER, preceding_visit_detail_id BIGINT, parent_visit_detail_id BIGINT, "
     "visit_occurrence_id BIGINT NOT NULL"},
    {"condition_occurrence",
     "condition_occurrence_id BIGINT NOT NULL, person_id BIGINT NOT NULL, condition_concept_id INTEGER NOT NULL, "
     "condition_start_date DATE NOT NULL, condition_start_datetime TIMESTAMP, condition_end_date DATE, "
     "condition_end_datetime TIMESTAMP, condition_type_concept_id INTEGER NOT NULL, condition_status_concept_id "
     "INTEGER, stop_reason VARCHAR, provider_id BIGINT, visit_occurrence_id BIGINT, visit_detail_id BIGINT, "
     "condition_source_value VARCHAR, condition_source_concept_id INTEGER, condition_status_source_value VARCHAR"},
    {"drug_exposure",
     "drug_exposure_id BIGINT NOT NULL, person_id BIGINT NOT NULL, drug_concept_id INTEGER NOT NULL, "
     "drug_exposure_start_date DATE NOT NULL, drug_exposure_start_datetime TIMESTAMP, drug_exposure_end_date DATE NOT "
     "NULL, drug_exposure_end_datetime TIMESTAMP, verbatim_end_date DATE, drug_type_concept_id INTEGER NOT NULL, "
     "stop_reason VARCHAR, refills INTEGER, quantity DOUBLE, days_supply INTEGER, sig VARCHAR, route_concept_id "
     "INTEGER, lot_number VARCHAR, provider_id BIGINT, visit_occurrence_id BIGINT, visit_detail_id BIGINT, "
     "drug_source_value VARCHAR, drug_source_concept_id INTEGER, route_source_value VARCHAR, dose_unit_source_value "
     "VARCHAR"},
    {"procedure_occurrence",
     "procedure_occurrence_id BIGINT NOT NULL, person_id BIGINT NOT NULL, procedure_concept_id INTEGER NOT NULL, "
     "procedure_date DATE NOT NULL, procedure_datetime TIMESTAMP, procedure_end_date DATE, procedure_end_datetime "
     "TIMESTAMP, procedure_type_concept_id INTEGER NOT NULL, modifier_concept_id INTEGER, quantity INTEGER, "
     "provider_id BIGINT, visit_occurrence_id BIGINT, visit_detail_id BIGINT, procedure_source_value VARCHAR, "
     "procedure_source_concept_id INTEGER, modifier_source_value VARCHAR"},
    {"device_exposure",
     "device_exposure_id BIGINT NOT NULL, person_id BIGINT NOT NULL, device_concept_id INTEGER NOT NULL, "
     "device_exposure_start_date DATE NOT NULL, device_exposure_start_datetime TIMESTAMP, device_exposure_end_date "
     "DATE, device_exposure_end_datetime TIMESTAMP, device_type_concept_id INTEGER NOT NULL, unique_device_id VARCHAR, "
     "production_id VARCHAR, quantity INTEGER, provider_id BIGINT, visit_occurrence_id BIGINT, visit_detail_id BIGINT, "
     "device_source_value VARCHAR, device_source_concept_id INTEGER, unit_concept_id INTEGER, unit_source_value "
     "VARCHAR, unit_source_concept_id INTEGER"},
    {"measurement",
     "measurement_id BIGINT NOT NULL, person_id BIGINT NOT NULL, measurement_concept_id INTEGER NOT NULL, "
     "measurement_date DATE NOT NULL, measurement_datetime TIMESTAMP, measurement_time VARCHAR, "
     "measurement_type_concept_id INTEGER NOT NULL, operator_concept_id INTEGER, value_as_number DOUBLE, "
     "value_as_concept_id INTEGER, unit_concept_id INTEGER, range_low DOUBLE, range_high DOUBLE, provider_id BIGINT, "
     "visit_occurrence_id BIGINT, visit_detail_id BIGINT, measurement_source_value VARCHAR, "
     "measurement_source_concept_id INTEGER, unit_source_value VARCHAR, unit_source_concept_id INTEGER, "
     "value_source_value VARCHAR, measurement_event_id BIGINT, meas_event_field_concept_id INTEGER"},
    {"observation",
     "observation_id BIGINT NOT NULL, person_id BIGINT NOT NULL, observation_concept_id INTEGER NOT NULL, "
     "observation_date DATE NOT NULL, observation_datetime TIMESTAMP, observation_type_concept_id INTEGER NOT NULL, "
     "value_as_number DOUBLE, value_as_string VARCHAR, value_as_concept_id INTEGER, qualifier_concept_id INTEGER, "
     "unit_concept_id INTEGER, provider_id BIGINT, visit_occurrence_id BIGINT, visit_detail_id BIGINT, "
     "observation_source_value VARCHAR, observation_source_concept_id INTEGER, unit_source_value VARCHAR, "
     "qualifier_source_value VARCHAR, value_source_value VARCHAR, observation_event_id BIGINT, "
     "obs_event_field_concept_id INTEGER"},
    {"death",
     "person_id BIGINT NOT NULL, death_date DATE NOT NULL, death_datetime TIMESTAMP, death_type_concept_id INTEGER, "
     "cause_concept_id INTEGER, cause_source_value VARCHAR, cause_source_concept_id INTEGER"},
    {"note",
     "note_id BIGINT NOT NULL, person_id BIGINT NOT NULL, note_date DATE NOT NULL, note_datetime TIMESTAMP, "
     "note_type_concept_id INTEGER NOT NULL, note_class_concept_id INTEGER NOT NULL, note_title VARCHAR, note_text "
     "VARCHAR NOT NULL, encoding_concept_id INTEGER NOT NULL, language_concept_id INTEGER NOT NULL, provider_id "
     "BIGINT, "
     "visit_occurrence_id BIGINT, visit_detail_id BIGINT, note_source_value VARCHAR, note_event_id BIGINT, "
     "note_event_field_concept_id INTEGER"},
    {"note_nlp",
     "note_nlp_id BIGINT NOT NULL, note_id BIGINT NOT NULL, section_concept_id INTEGER, snippet VARCHAR, \"offset\" "
     "VARCHAR, lexical_variant VARCHAR NOT NULL, note_nlp_concept_id INTEGER, note_nlp_source_concept_id INTEGER, "
     "nlp_system VARCHAR, nlp_date DATE NOT NULL, nlp_datetime TIMESTAMP, term_exists VARCHAR, term_temporal VARCHAR, "
     "term_modifiers VARCHAR"},
    {"specimen",
     "specimen_id BIGINT NOT NULL, person_id BIGINT NOT NULL, specimen_concept_id INTEGER NOT NULL, "
     "specimen_type_concept_id INTEGER NOT NULL, specimen_date DATE NOT NULL, specimen_datetime TIMESTAMP, quantity "
     "DOUBLE, unit_concept_id INTEGER, anatomic_site_concept_id INTEGER, disease_status_concept_id INTEGER, "
     "specimen_source_id VARCHAR, specimen_source_value VARCHAR, unit_source_value VARCHAR, anatomic_site_source_value "
     "VARCHAR, disease_status_source_value VARCHAR"},
    {"fact_relationship",
     "domain_concept_id_1 INTEGER NOT NULL, fact_id_1 BIGINT NOT NULL, domain_concept_id_2 INTEGER NOT NULL, fact_id_2 "
     "BIGINT NOT NULL, relationship_concept_id INTEGER NOT NULL"},
    {"location",
     "location_id BIGINT NOT NULL, address_1 VARCHAR, address_2 VARCHAR, city VARCHAR, state VARCHAR, zip VARCHAR, "
     "county VARCHAR, location_source_value VARCHAR, country_concept_id INTEGER, country_source_value VARCHAR, "
     "latitude "
     "DOUBLE, longitude DOUBLE"},
    {"care_site",
     "care_site_id BIGINT NOT NULL, care_site_name VARCHAR, place_of_service_concept_id INTEGER, location_id BIGINT, "
     "care_site_source_value VARCHAR, place_of_service_source_value VARCHAR"},
    {"provider",
     "provider_id BIGINT NOT NULL, provider_name VARCHAR, npi VARCHAR, dea VARCHAR, specialty_concept_id INTEGER, "
     "care_site_id BIGINT, year_of_birth INTEGER, gender_concept_id INTEGER, provider_source_value VARCHAR, "
     "specialty_source_value VARCHAR, specialty_source_concept_id INTEGER, gender_source_value VARCHAR, "
     "gender_source_concept_id INTEGER"},
    {"payer_plan_period",
     "payer_plan_period_id BIGINT NOT NULL, person_id BIGINT NOT NULL, payer_plan_period_start_date DATE NOT NULL, "
     "payer_plan_period_end_date DATE NOT NULL, payer_concept_id INTEGER, payer_source_value VARCHAR, "
     "payer_source_concept_id INTEGER, plan_concept_id INTEGER, plan_source_value VARCHAR, plan_source_concept_id "
     "INTEGER, sponsor_concept_id INTEGER, sponsor_source_value VARCHAR, sponsor_source_concept_id INTEGER, "
     "family_source_value VARCHAR, stop_reason_concept_id INTEGER, stop_reason_source_value VARCHAR, "
     "stop_reason_source_concept_id INTEGER"},
    {"cost",
     "cost_id BIGINT NOT NULL, cost_event_id BIGINT NOT NULL, cost_domain_id VARCHAR NOT NULL, cost_type_concept_id "
     "INTEGER NOT NULL, currency_concept_id INTEGER, total_charge DOUBLE, total_cost DOUBLE, total_paid DOUBLE, "
     "paid_by_payer DOUBLE, paid_by_patient DOUBLE, paid_patient_copay DOUBLE, paid_patient_coinsurance DOUBLE, "
     "paid_patient_deductible DOUBLE, paid_by_primary DOUBLE, paid_ingredient_cost DOUBLE, paid_dispensing_fee DOUBLE, "
     "payer_plan_period_id BIGINT, amount_allowed DOUBLE, revenue_code_concept_id INTEGER, revenue_code_source_value "
     "VARCHAR, drg_concept_id INTEGER, drg_source_value VARCHAR"},
    {"drug_era",
     "drug_era_id BIGINT NOT NULL, person_id BIGINT NOT NULL, drug_concept_id INTEGER NOT NULL, drug_era_start_date "
     "DATE NOT NULL, drug_era_end_date DATE NOT NULL, drug_exposure_count INTEGER, gap_days INTEGER"},
    {"dose_era",
     "dose_era_id BIGINT NOT NULL, person_id BIGINT NOT NULL, drug_concept_id INTEGER NOT NULL, unit_concept_id "
     "INTEGER "
     "NOT NULL, dose_value DOUBLE NOT NULL, dose_era_start_date DATE NOT NULL, dose_era_end_date DATE NOT NULL"},
    {"condition_era",
     "condition_era_id BIGINT NOT NULL, person_id BIGINT NOT NULL, condition_concept_id INTEGER NOT NULL, "
     "condition_era_start_date DATE NOT NULL, condition_era_end_date DATE NOT NULL, condition_occurrence_count "
     "INTEGER"},
    {"episode",
     "episode_id BIGINT NOT NULL, person_id BIGINT NOT NULL, episode_concept_id INTEGER NOT NULL, episode_start_date "
     "DATE NOT NULL, episode_start_datetime TIMESTAMP, episode_end_date DATE, episode_end_datetime TIMESTAMP, "
     "episode_parent_id BIGINT, episode_number INTEGER, episode_object_concept_id INTEGER NOT NULL, "
     "episode_type_concept_id INTEGER NOT NULL, episode_source_value VARCHAR, episode_source_concept_id INTEGER"},
    {"episode_event",
     "episode_id BIGINT NOT NULL, event_id BIGINT NOT NULL, episode_event_field_concept_id INTEGER NOT NULL"},
    {"metadata",
     "metadata_id BIGINT NOT NULL, metadata_concept_id INTEGER NOT NULL, metadata_type_concept_id INTEGER NOT NULL, "
     "name VARCHAR NOT NULL, value_as_string VARCHAR, value_as_concept_id INTEGER, value_as_number DOUBLE, "
     "metadata_date DATE, metadata_datetime TIMESTAMP"},
    {"cdm_source",
     "cdm_source_name VARCHAR NOT NULL, cdm_source_abbreviation VARCHAR NOT NULL, cdm_holder VARCHAR NOT NULL, "
     "source_description VARCHAR, source_documentation_reference VARCHAR, cdm_etl_reference VARCHAR, "
     "source_release_date DATE NOT NULL, cdm_release_date DATE NOT NULL, cdm_version VARCHAR, cdm_version_concept_id "
     "INTEGER NOT NULL, vocabulary_version VARCHAR NOT NULL"},
    {"concept",
     "concept_id INTEGER NOT NULL, concept_name VARCHAR NOT NULL, domain_id VARCHAR NOT NULL, vocabulary_id VARCHAR "
     "NOT "
     "NULL, concept_class_id VARCHAR NOT NULL, standard_concept VARCHAR, concept_code VARCHAR NOT NULL, "
     "valid_start_date DATE NOT NULL, valid_end_date DATE NOT NULL, invalid_reason VARCHAR"},
    {"vocabulary",
     "vocabulary_id VARCHAR NOT NULL, vocabulary_name VARCHAR NOT NULL, vocabulary_reference VARCHAR, "
     "vocabulary_version VARCHAR, vocabulary_concept_id INTEGER NOT NULL"},
    {"domain", "domain_id VARCHAR NOT NULL, domain_name VARCHAR NOT NULL, domain_concept_id INTEGER NOT NULL"},
    {"concept_class",
     "concept_class_id VARCHAR NOT NULL, concept_class_name VARCHAR NOT NULL, concept_class_concept_id INTEGER NOT "
     "NULL"},
    {"concept_relationship",
     "concept_id_1 INTEGER NOT NULL, concept_id_2 INTEGER NOT NULL, relationship_id VARCHAR NOT NULL, valid_start_date "
     "DATE NOT NULL, valid_end_date DATE NOT NULL, invalid_reason VARCHAR"},
    {"relationship",
     "relationship_id VARCHAR NOT NULL, relationship_name VARCHAR NOT NULL, is_hierarchical VARCHAR NOT NULL, "
     "defines_ancestry VARCHAR NOT NULL, reverse_relationship_id VARCHAR NOT NULL, relationship_concept_id INTEGER NOT "
     "NULL"},
    {"concept_synonym",
     "concept_id INTEGER NOT NULL, concept_synonym_name VARCHAR NOT NULL, language_concept_id INTEGER NOT NULL"},
    {"concept_ancestor",
     "ancestor_concept_id INTEGER NOT NULL, descendant_concept_id INTEGER NOT NULL, min_levels_of_separation INTEGER "
     "NOT NULL, max_levels_of_separation INTEGER NOT NULL"},
    {"source_to_concept_map",
     "source_code VARCHAR NOT NULL, source_concept_id INTEGER NOT NULL, source_vocabulary_id VARCHAR NOT NULL, "
     "source_code_description VARCHAR, target_concept_id INTEGER NOT NULL, target_vocabulary_id VARCHAR NOT NULL, "
     "valid_start_date DATE NOT NULL, valid_end_date DATE NOT NULL, invalid_reason VARCHAR"},
    {"drug_strength",
     "drug_concept_id INTEGER NOT NULL, ingredient_concept_id INTEGER NOT NULL, amount_value DOUBLE, "
     "amount_unit_concept_id INTEGER, numerator_value DOUBLE, numerator_unit_concept_id INTEGER, denominator_value "
     "DOUBLE, denominator_unit_concept_id INTEGER, box_size INTEGER, valid_start_date DATE NOT NULL, valid_end_date "
     "DATE NOT NULL, invalid_reason VARCHAR"},
    {"cohort",
     "cohort_definition_id BIGINT NOT NULL, subject_id BIGINT NOT NULL, cohort_start_date DATE NOT NULL, "
     "cohort_end_date DATE NOT NULL"},
    {"cohort_definition",
     "cohort_definition_id BIGINT NOT NULL, cohort_definition_name VARCHAR NOT NULL, cohort_definition_description "
     "VARCHAR, definition_type_concept_id INTEGER NOT NULL, cohort_definition_syntax VARCHAR, subject_concept_id "
     "INTEGER NOT NULL, cohort_initiation_date DATE"},
};

}  // namespace

std::span<const CdmTable> cdm_tables() { return kTables; }

void create_cdm_tables(data::Database& database) {
  for (const CdmTable& table : kTables)
    database.execute(fmt::format("CREATE TABLE IF NOT EXISTS {} ({})", data::sql_name(table.name), table.columns));
}

}  // namespace cohortium::omop
