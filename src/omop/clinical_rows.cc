#include "omop/clinical_rows.h"

#include <fmt/format.h>

#include <utility>

namespace cohortium::omop {
namespace {

// The id column of every table that the loader fills.
constexpr std::pair<const char*, const char*> kTables[] = {{"person", "person_id"},
                                                           {"death", "person_id"},
                                                           {"location", "location_id"},
                                                           {"care_site", "care_site_id"},
                                                           {"provider", "provider_id"},
                                                           {"visit_occurrence", "visit_occurrence_id"},
                                                           {"condition_occurrence", "condition_occurrence_id"},
                                                           {"drug_exposure", "drug_exposure_id"},
                                                           {"procedure_occurrence", "procedure_occurrence_id"},
                                                           {"measurement", "measurement_id"},
                                                           {"observation", "observation_id"},
                                                           {"device_exposure", "device_exposure_id"}};

constexpr const char* kRoute = R"(
CREATE OR REPLACE TEMP TABLE routed AS
SELECT e.n, e.part, coalesce(t.k, 0) AS k,
  CASE WHEN e.table_name = 'visit_occurrence' THEN e.table_name ELSE
    CASE t.domain_id WHEN 'Condition' THEN 'condition_occurrence' WHEN 'Drug' THEN 'drug_exposure'
      WHEN 'Procedure' THEN 'procedure_occurrence' WHEN 'Measurement' THEN 'measurement'
      WHEN 'Observation' THEN 'observation' WHEN 'Device' THEN 'device_exposure' ELSE e.table_name END
    END AS table_name,
  cohortium_id(d.key || CASE WHEN e.part = '' AND coalesce(t.k, 0) = 0 THEN ''
                             ELSE '#' || e.part || '/' || coalesce(t.k, 0) END) AS row_id,
  coalesce(CAST(e.standard_concept AS INTEGER), t.target_concept_id, 0) AS concept_id,
  coalesce(t.source_concept_id, 0) AS source_concept_id, c.system, c.code, coalesce(c.code, c.display) AS source_value,
  c.display
FROM in_event e JOIN decided d ON d.n = e.n AND d.outcome IN ('new', 'replaced')
LEFT JOIN chosen c ON c.n = e.n AND c.part = e.part AND c.role = 'code'
LEFT JOIN code_target t ON t.system = c.system AND t.code = c.code)";

// Everything about each row, typed: what the INSERTs below pick from.
constexpr const char* kMade = R"(
CREATE OR REPLACE TEMP TABLE made AS
WITH field AS (
  SELECT c.n, c.part, c.role, coalesce(t.target_concept_id, 0) AS concept_id,
    coalesce(t.source_concept_id, 0) AS source_concept_id, coalesce(c.code, c.display) AS source_value, c.display
  FROM chosen c LEFT JOIN code_target t ON t.system = c.system AND t.code = c.code AND t.k = 0)
SELECT r.* EXCLUDE (n, part, k), d.person_id, d.visit_id, d.provider_id, d.care_site_id,
  CAST(e.start_date AS DATE) AS start_date, CAST(e.start_time AS TIMESTAMP) AS start_time,
  CAST(e.end_date AS DATE) AS end_date, CAST(e.end_time AS TIMESTAMP) AS end_time,
  CAST(e.type_concept AS INTEGER) AS type_concept, CAST(e.number AS DOUBLE) AS number,
  CAST(e.range_low AS DOUBLE) AS range_low, CAST(e.range_high AS DOUBLE) AS range_high,
  CAST(e.quantity AS DOUBLE) AS quantity, CAST(e.operator_concept AS INTEGER) AS operator_concept, e.text,
  CAST(e.days_supply AS INTEGER) AS days_supply, CAST(e.refills AS INTEGER) AS refills, e.instructions, e.lot,
  e.dose_unit, e.stop_reason, value.concept_id AS value_concept, value.source_value AS value_source,
  value.display AS value_display, unit.concept_id AS unit_concept, unit.source_concept_id AS unit_source_concept,
  unit.source_value AS unit_source, route.concept_id AS route_concept, route.source_value AS route_source,
  qualifier.concept_id AS qualifier_concept, qualifier.source_value AS qualifier_source,
  admitted.concept_id AS admitted_concept, admitted.source_value AS admitted_source,
  discharged.concept_id AS discharged_concept, discharged.source_value AS discharged_source
FROM routed r JOIN decided d ON d.n = r.n AND d.outcome IN ('new', 'replaced')
JOIN in_event e ON e.n = r.n AND e.part = r.part
LEFT JOIN field value ON value.n = e.n AND value.part = e.part AND value.role = 'value'
LEFT JOIN field unit ON unit.n = e.n AND unit.part = e.part AND unit.role = 'unit'
LEFT JOIN field route ON route.n = e.n AND route.part = e.part AND route.role = 'route'
LEFT JOIN field qualifier ON qualifier.n = e.n AND qualifier.part = e.part AND qualifier.role = 'qualifier'
LEFT JOIN field admitted ON admitted.n = e.n AND admitted.part = e.part AND admitted.role = 'admitted'
LEFT JOIN field discharged ON discharged.n = e.n AND discharged.part = e.part AND discharged.role = 'discharged')";

constexpr const char* kInserts[] = {
    R"(INSERT INTO visit_occurrence BY NAME
SELECT row_id AS visit_occurrence_id, person_id, concept_id AS visit_concept_id, start_date AS visit_start_date,
  start_time AS visit_start_datetime, coalesce(end_date, start_date) AS visit_end_date, end_time AS visit_end_datetime,
  type_concept AS visit_type_concept_id, provider_id, care_site_id, source_value AS visit_source_value,
  source_concept_id AS visit_source_concept_id, admitted_concept AS admitted_from_concept_id,
  admitted_source AS admitted_from_source_value, discharged_concept AS discharged_to_concept_id,
  discharged_source AS discharged_to_source_value
FROM made WHERE table_name = 'visit_occurrence')",
    R"(INSERT INTO condition_occurrence BY NAME
SELECT row_id AS condition_occurrence_id, person_id, concept_id AS condition_concept_id,
  start_date AS condition_start_date, start_time AS condition_start_datetime, end_date AS condition_end_date,
  end_time AS condition_end_datetime, type_concept AS condition_type_concept_id,
  qualifier_concept AS condition_status_concept_id, stop_reason, provider_id, visit_id AS visit_occurrence_id,
  source_value AS condition_source_value, source_concept_id AS condition_source_concept_id,
  qualifier_source AS condition_status_source_value
FROM made WHERE table_name = 'condition_occurrence')",
    R"(INSERT INTO drug_exposure BY NAME
SELECT row_id AS drug_exposure_id, person_id, concept_id AS drug_concept_id, start_date AS drug_exposure_start_date,
  start_time AS drug_exposure_start_datetime,
  coalesce(end_date, start_date + (greatest(coalesce(days_supply, 1), 1) - 1)) AS drug_exposure_end_date,
  end_time AS drug_exposure_end_datetime, end_date AS verbatim_end_date, type_concept AS drug_type_concept_id,
  stop_reason, refills, coalesce(quantity, number) AS quantity, days_supply, instructions AS sig,
  route_concept AS route_concept_id, lot AS lot_number, provider_id, visit_id AS visit_occurrence_id,
  source_value AS drug_source_value, source_concept_id AS drug_source_concept_id, route_source AS route_source_value,
  coalesce(dose_unit, unit_source) AS dose_unit_source_value
FROM made WHERE table_name = 'drug_exposure')",
    R"(INSERT INTO procedure_occurrence BY NAME
SELECT row_id AS procedure_occurrence_id, person_id, concept_id AS procedure_concept_id, start_date AS procedure_date,
  start_time AS procedure_datetime, end_date AS procedure_end_date, end_time AS procedure_end_datetime,
  type_concept AS procedure_type_concept_id, qualifier_concept AS modifier_concept_id,
  CASE WHEN quantity = trunc(quantity) AND abs(quantity) < 1e9 THEN CAST(quantity AS INTEGER) END AS quantity,
  provider_id, visit_id AS visit_occurrence_id, source_value AS procedure_source_value,
  source_concept_id AS procedure_source_concept_id, qualifier_source AS modifier_source_value
FROM made WHERE table_name = 'procedure_occurrence')",
    R"(INSERT INTO measurement BY NAME
SELECT row_id AS measurement_id, person_id, concept_id AS measurement_concept_id, start_date AS measurement_date,
  start_time AS measurement_datetime, strftime(start_time, '%H:%M:%S') AS measurement_time,
  type_concept AS measurement_type_concept_id, operator_concept AS operator_concept_id, number AS value_as_number,
  value_concept AS value_as_concept_id, unit_concept AS unit_concept_id, range_low, range_high, provider_id,
  visit_id AS visit_occurrence_id, source_value AS measurement_source_value,
  source_concept_id AS measurement_source_concept_id, unit_source AS unit_source_value,
  unit_source_concept AS unit_source_concept_id, coalesce(text, value_source) AS value_source_value
FROM made WHERE table_name = 'measurement')",
    R"(INSERT INTO observation BY NAME
SELECT row_id AS observation_id, person_id, concept_id AS observation_concept_id, start_date AS observation_date,
  start_time AS observation_datetime, type_concept AS observation_type_concept_id, number AS value_as_number,
  coalesce(text, value_display) AS value_as_string, value_concept AS value_as_concept_id,
  qualifier_concept AS qualifier_concept_id, unit_concept AS unit_concept_id, provider_id,
  visit_id AS visit_occurrence_id, source_value AS observation_source_value,
  source_concept_id AS observation_source_concept_id, unit_source AS unit_source_value,
  qualifier_source AS qualifier_source_value, coalesce(text, value_source) AS value_source_value
FROM made WHERE table_name = 'observation')",
    R"(INSERT INTO device_exposure BY NAME
SELECT row_id AS device_exposure_id, person_id, concept_id AS device_concept_id,
  start_date AS device_exposure_start_date, start_time AS device_exposure_start_datetime,
  end_date AS device_exposure_end_date, end_time AS device_exposure_end_datetime,
  type_concept AS device_type_concept_id, lot AS production_id, provider_id, visit_id AS visit_occurrence_id,
  source_value AS device_source_value, source_concept_id AS device_source_concept_id
FROM made WHERE table_name = 'device_exposure')",
    R"(INSERT INTO location BY NAME
SELECT cohortium_id(d.key || '#address') AS location_id, line_1 AS address_1, line_2 AS address_2, city, state, zip,
  county, d.key AS location_source_value, country AS country_source_value
FROM in_address a JOIN decided d USING (n) WHERE d.outcome IN ('new', 'replaced'))",
    R"(INSERT INTO person BY NAME
SELECT d.record_id AS person_id, CAST(gender_concept AS INTEGER) AS gender_concept_id,
  CAST(year AS INTEGER) AS year_of_birth, CAST(month AS INTEGER) AS month_of_birth, CAST(day AS INTEGER) AS day_of_birth,
  CAST(birth_time AS TIMESTAMP) AS birth_datetime, CAST(race_concept AS INTEGER) AS race_concept_id,
  CAST(ethnicity_concept AS INTEGER) AS ethnicity_concept_id,
  CASE WHEN d.n IN (SELECT n FROM in_address) THEN cohortium_id(d.key || '#address') END AS location_id, d.provider_id,
  d.care_site_id, d.id AS person_source_value, gender AS gender_source_value, 0 AS gender_source_concept_id,
  race AS race_source_value, 0 AS race_source_concept_id, ethnicity AS ethnicity_source_value,
  0 AS ethnicity_source_concept_id
FROM in_person p JOIN decided d USING (n) WHERE d.outcome IN ('new', 'replaced'))",
    R"(INSERT INTO death BY NAME
SELECT d.record_id AS person_id, CAST(death_date AS DATE) AS death_date, CAST(death_time AS TIMESTAMP) AS death_datetime,
  32817 AS death_type_concept_id
FROM in_person p JOIN decided d USING (n) WHERE d.outcome IN ('new', 'replaced') AND death_date IS NOT NULL)",
    R"(INSERT INTO care_site BY NAME
SELECT d.record_id AS care_site_id, o.name AS care_site_name, 0 AS place_of_service_concept_id,
  CASE WHEN d.n IN (SELECT n FROM in_address) THEN cohortium_id(d.key || '#address') END AS location_id,
  d.id AS care_site_source_value, o.type AS place_of_service_source_value
FROM in_organisation o JOIN decided d USING (n) WHERE d.outcome IN ('new', 'replaced'))",
    R"(INSERT INTO provider BY NAME
SELECT d.record_id AS provider_id, p.name AS provider_name, npi, 0 AS specialty_concept_id, d.care_site_id,
  CAST(gender_concept AS INTEGER) AS gender_concept_id, d.id AS provider_source_value,
  specialty AS specialty_source_value, gender AS gender_source_value
FROM in_practitioner p JOIN decided d USING (n) WHERE d.outcome IN ('new', 'replaced'))",
    R"(INSERT INTO cohortium_row
SELECT d.record_id, r.table_name, r.row_id, r.concept_id, nullif(r.system, ''), r.code, r.display,
  CAST(e.utc_offset AS INTEGER)
FROM routed r JOIN decided d ON d.n = r.n AND d.outcome IN ('new', 'replaced')
JOIN in_event e ON e.n = r.n AND e.part = r.part)",
    R"(INSERT INTO cohortium_row
SELECT d.record_id, t.table_name, t.row_id, NULL, NULL, NULL, NULL, NULL
FROM decided d JOIN (
  SELECT n, 'location' AS table_name, cohortium_id(key || '#address') AS row_id FROM in_address JOIN decided USING (n)
  UNION ALL SELECT n, 'person', record_id FROM in_person JOIN decided USING (n)
  UNION ALL SELECT n, 'death', record_id FROM in_person JOIN decided USING (n) WHERE death_date IS NOT NULL
  UNION ALL SELECT n, 'care_site', record_id FROM in_organisation JOIN decided USING (n)
  UNION ALL SELECT n, 'provider', record_id FROM in_practitioner JOIN decided USING (n)) t ON t.n = d.n
WHERE d.outcome IN ('new', 'replaced'))",
};

}  // namespace

void route_events(data::Database& database) { database.execute(kRoute); }

void delete_outgoing_rows(data::Database& database) {
  for (const auto& [table, id] : kTables)
    database.execute(fmt::format("DELETE FROM {} WHERE {} IN (SELECT row_id FROM outgoing_row WHERE table_name = '{}')",
                                 table, id, table));
  // What a record that was withdrawn took with it is named no longer.
  for (const char* table : {"condition_occurrence", "drug_exposure", "procedure_occurrence", "measurement",
                            "observation", "device_exposure"})
    database.execute(
        fmt::format("UPDATE {} SET visit_occurrence_id = NULL WHERE visit_occurrence_id IN (SELECT record_id "
                    "FROM decided WHERE seen_before AND withdraws AND outcome = 'rejected')",
                    table));
}

void insert_rows(data::Database& database) {
  database.execute(kMade);
  for (const char* statement : kInserts) database.execute(statement);
}

}  // namespace cohortium::omop
