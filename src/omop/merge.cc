#include "omop/merge.h"

#include <fmt/format.h>

#include "omop/clinical_rows.h"
#include "omop/code_lookup.h"

namespace cohortium::omop {
namespace {

// Codes of Medication resources, of this batch or an earlier one, for the events that refer to them.
constexpr const char* kMedicationCodes = R"(
INSERT INTO in_coding
SELECT e.n, e.part, 'code', m.rank, m.system, m.code, m.display FROM in_event e JOIN (
  SELECT r.key, m.rank, m.system, m.code, m.display FROM in_medication m JOIN in_record r USING (n)
  UNION ALL
  SELECT key, rank, system, code, display FROM cohortium_medication WHERE key NOT IN (SELECT key FROM in_record)
) m ON m.key = e.medication)";

// Which records are new, replace an earlier version, say nothing new, or are refused; and what they refer to.
constexpr const char* kDecide = R"(
CREATE OR REPLACE TEMP TABLE decided AS
WITH keyed AS (
  SELECT i.*, cohortium_id(i.key) AS record_id, subject.person_id, visit.record_id AS visit_id,
         provider.record_id AS provider_id, site.record_id AS care_site_id,
         i.digest || (visit.record_id IS NULL)::INTEGER || (provider.record_id IS NULL)::INTEGER ||
           (site.record_id IS NULL)::INTEGER AS full_digest
  FROM in_record i
  LEFT JOIN (SELECT DISTINCT i.subject, cohortium_id(coalesce(a.key, i.subject)) AS person_id
             FROM in_record i LEFT JOIN cohortium_alias a ON a.alias = i.subject
             WHERE i.subject IS NOT NULL) subject ON subject.subject = i.subject
  LEFT JOIN known visit ON visit.name = i.visit
  LEFT JOIN known provider ON provider.name = i.provider
  LEFT JOIN known site ON site.name = i.care_site),
judged AS (
  SELECT k.*, CASE
      WHEN k.reason IS NOT NULL THEN k.reason
      WHEN r.key <> k.key OR count(DISTINCT k.key) OVER (PARTITION BY k.record_id) > 1 THEN 'id_collision'
      WHEN k.subject IS NOT NULL AND k.person_id NOT IN (SELECT person_id FROM person)
           AND k.person_id NOT IN (SELECT record_id FROM keyed JOIN in_person USING (n) WHERE reason IS NULL)
        THEN 'unknown_patient'
      WHEN k.n IN (SELECT e.n FROM in_event e WHERE e.medication IS NOT NULL AND NOT EXISTS (
             FROM in_coding c WHERE c.n = e.n AND c.part = e.part AND c.role = 'code')) THEN 'unknown_medication'
      END AS refusal,
    r.key AS earlier_key, r.digest AS earlier_digest, r.updated AS earlier_updated
  FROM keyed k LEFT JOIN cohortium_record r ON r.record_id = k.record_id)
SELECT j.n, j.record_id, j.kind, j.id, j.key, j.file, CAST(j.line AS BIGINT) AS line, j.raw, j.full_digest AS digest,
  CAST(j.updated AS TIMESTAMP) AS updated, j.person_id, j.visit_id, j.provider_id, j.care_site_id,
  j.visit IS NOT NULL AND j.visit_id IS NULL AS visit_missing,
  j.provider IS NOT NULL AND j.provider_id IS NULL AS provider_missing,
  j.care_site IS NOT NULL AND j.care_site_id IS NULL AS care_site_missing, j.merged_away,
  j.earlier_key IS NOT NULL AS seen_before, j.withdraws IS NOT NULL AS withdraws, j.refusal AS reason,
  CASE WHEN j.refusal IS NOT NULL THEN 'rejected'
       WHEN j.key IN (SELECT alias FROM cohortium_alias) THEN 'outdated'
       WHEN j.earlier_key IS NULL THEN 'new'
       WHEN j.only_if_absent IS NOT NULL THEN 'unchanged'
       WHEN j.earlier_updated > CAST(j.updated AS TIMESTAMP) THEN 'outdated'
       WHEN j.earlier_digest = j.full_digest THEN 'unchanged'
       ELSE 'replaced' END AS outcome
FROM judged j)";

// Records that others may name: those of earlier batches and of this one, by key and by alias.
constexpr const char* kKnown = R"(
CREATE OR REPLACE TEMP TABLE known AS
WITH named AS (
  SELECT DISTINCT name FROM (SELECT visit AS name FROM in_record UNION ALL SELECT provider FROM in_record
                             UNION ALL SELECT care_site FROM in_record) WHERE name IS NOT NULL),
resolved AS (SELECT n.name, coalesce(any_value(a.key), n.name) AS key
             FROM named n LEFT JOIN cohortium_alias a ON a.alias = n.name GROUP BY n.name)
SELECT r.name, cohortium_id(r.key) AS record_id FROM resolved r
WHERE r.key IN (SELECT key FROM in_record WHERE reason IS NULL)
   OR cohortium_id(r.key) IN (SELECT visit_occurrence_id FROM visit_occurrence UNION ALL SELECT provider_id FROM provider
                              UNION ALL SELECT care_site_id FROM care_site))";

// A row id that another record's row has already, in this batch or before it.
constexpr const char* kRefuseRowCollisions = R"(
UPDATE decided SET outcome = 'rejected', reason = 'id_collision'
WHERE outcome IN ('new', 'replaced') AND n IN (
  SELECT r.n FROM routed r JOIN decided d ON d.n = r.n JOIN cohortium_row x
    ON x.row_id = r.row_id AND x.table_name = r.table_name WHERE x.record_id <> d.record_id
  UNION ALL
  SELECT n FROM (SELECT r.n, count(*) OVER (PARTITION BY r.table_name, r.row_id) AS rows FROM routed r) WHERE rows > 1))";

constexpr const char* kForgetEarlierVersions[] = {
    "CREATE OR REPLACE TEMP TABLE outgoing AS SELECT record_id FROM decided WHERE seen_before AND (outcome = "
    "'replaced' OR "
    "(outcome = 'rejected' AND withdraws))",
    "CREATE OR REPLACE TEMP TABLE outgoing_row AS SELECT table_name, row_id FROM cohortium_row WHERE record_id IN "
    "(FROM "
    "outgoing)",
};

constexpr const char* kRemember[] = {
    "DELETE FROM cohortium_row WHERE record_id IN (FROM outgoing)",
    "DELETE FROM cohortium_record WHERE record_id IN (FROM outgoing)",
    "INSERT INTO cohortium_record SELECT record_id, key, digest, updated FROM decided WHERE outcome IN ('new', "
    "'replaced')",
    "DELETE FROM cohortium_reject WHERE (kind, id) IN (SELECT (kind, id) FROM decided WHERE outcome <> 'rejected') OR "
    "(file, line, raw) IN (SELECT (file, line, raw) FROM decided WHERE outcome = 'rejected')",
    "INSERT INTO cohortium_reject SELECT file, line, kind, id, reason, raw FROM decided WHERE outcome = 'rejected'",
    "DELETE FROM cohortium_medication WHERE key IN (SELECT d.key FROM in_medication JOIN decided d USING (n))",
    "INSERT INTO cohortium_medication SELECT d.key, CAST(rank AS INTEGER), system, code, display FROM in_medication "
    "JOIN "
    "decided d USING (n) WHERE d.outcome <> 'rejected'",
    "DELETE FROM cohortium_alias WHERE key IN (SELECT d.key FROM decided d WHERE d.outcome IN ('new', 'replaced') AND "
    "d.merged_away IS NULL AND d.n IN (SELECT n FROM in_alias))",
    "INSERT INTO cohortium_alias SELECT DISTINCT alias, d.key FROM in_alias JOIN decided d USING (n) WHERE d.outcome "
    "IN "
    "('new', 'replaced') AND alias NOT IN (SELECT alias FROM cohortium_alias)",
    "INSERT INTO touched SELECT DISTINCT person_id FROM decided WHERE person_id IS NOT NULL AND outcome <> 'unchanged'",
};

std::string text_or(const data::QueryResult& result, std::size_t column, std::size_t row) {
  return result.valid(column, row) ? std::string(result.text(column, row)) : "";
}

void count_outcomes(data::Database& database, Summary& summary) {
  data::QueryResult outcomes =
      database.query("SELECT coalesce(kind, ''), outcome, coalesce(reason, ''), count(*) FROM decided GROUP BY ALL");
  while (outcomes.next())
    for (std::size_t row = 0; row < outcomes.rows(); ++row) {
      const std::int64_t count = outcomes.values<std::int64_t>(3)[row];
      summary.kinds[text_or(outcomes, 0, row)][text_or(outcomes, 1, row)] += count;
      if (const std::string reason = text_or(outcomes, 2, row); !reason.empty()) summary.reasons[reason] += count;
    }
  for (const char* what : {"visit", "provider", "care_site"})
    if (const std::int64_t missing = single_number(
            database, fmt::format("SELECT count(*) FROM decided WHERE outcome <> 'rejected' AND {}_missing", what)))
      summary.notes[fmt::format("unknown_{}", what)] += missing;
}

// What the patient that was merged away had is the other's from now on.
void merge_patients(data::Database& database) {
  if (single_number(database, "SELECT count(*) FROM decided WHERE merged_away IS NOT NULL AND outcome <> 'rejected'") ==
      0)
    return;
  database.execute(
      "CREATE OR REPLACE TEMP TABLE merged AS SELECT DISTINCT merged_away AS away, cohortium_id(merged_away) AS "
      "away_id, "
      "key AS stays, record_id AS stays_id FROM decided WHERE merged_away IS NOT NULL AND outcome <> 'rejected' AND "
      "merged_away <> key");
  for (const char* table : {"visit_occurrence", "condition_occurrence", "drug_exposure", "procedure_occurrence",
                            "measurement", "observation", "device_exposure"})
    database.execute(
        fmt::format("UPDATE {} SET person_id = (SELECT any_value(stays_id) FROM merged WHERE away_id = "
                    "{}.person_id) WHERE person_id IN (SELECT away_id FROM merged)",
                    table, table));
  for (const char* table : {"person", "death", "observation_period"})
    database.execute(fmt::format("DELETE FROM {} WHERE person_id IN (SELECT away_id FROM merged)", table));
  for (const char* statement :
       {"DELETE FROM location WHERE location_id IN (SELECT row_id FROM cohortium_row JOIN merged ON record_id = "
        "away_id "
        "WHERE table_name = 'location')",
        "DELETE FROM cohortium_row WHERE record_id IN (SELECT away_id FROM merged)",
        "DELETE FROM cohortium_record WHERE record_id IN (SELECT away_id FROM merged)",
        "DELETE FROM cohortium_alias WHERE alias IN (SELECT stays FROM merged) OR alias IN (SELECT away FROM merged)",
        "UPDATE cohortium_alias SET key = (SELECT any_value(stays) FROM merged WHERE away = cohortium_alias.key) WHERE "
        "key "
        "IN (SELECT away FROM merged)",
        "INSERT INTO cohortium_alias SELECT away, any_value(stays) FROM merged GROUP BY away",
        "INSERT INTO touched SELECT stays_id FROM merged"})
    database.execute(statement);
}

}  // namespace

void create_merge_tables(data::Database& database) {
  database.execute("CREATE OR REPLACE TEMP TABLE touched (person_id BIGINT)");
  create_code_lookup(database);
}

void merge_batch(data::Database& database, Summary& summary) {
  database.execute(kMedicationCodes);
  look_up_codes(database);
  database.execute(kKnown);
  database.execute(kDecide);
  route_events(database);
  database.execute(kRefuseRowCollisions);
  for (const char* statement : kForgetEarlierVersions) database.execute(statement);
  if (single_number(database, "SELECT count(*) FROM outgoing") > 0) delete_outgoing_rows(database);
  for (const char* statement : kRemember) database.execute(statement);
  insert_rows(database);
  merge_patients(database);
  count_outcomes(database, summary);
}

void refresh_observation_periods(data::Database& database) {
  database.execute(
      "DELETE FROM observation_period WHERE person_id IN (FROM touched) OR person_id NOT IN (SELECT person_id FROM "
      "person)");
  std::string days;
  for (const auto& [table, first, last] :
       {std::tuple("visit_occurrence", "visit_start_date", "visit_end_date"),
        std::tuple("condition_occurrence", "condition_start_date", "condition_start_date"),
        std::tuple("drug_exposure", "drug_exposure_start_date", "drug_exposure_end_date"),
        std::tuple("procedure_occurrence", "procedure_date", "coalesce(procedure_end_date, procedure_date)"),
        std::tuple("measurement", "measurement_date", "measurement_date"),
        std::tuple("observation", "observation_date", "observation_date"),
        std::tuple("device_exposure", "device_exposure_start_date", "device_exposure_start_date")})
    days += fmt::format("{}SELECT person_id, {} AS first, {} AS last FROM {}", days.empty() ? "" : " UNION ALL ", first,
                        last, table);
  database.execute(fmt::format(
      "INSERT INTO observation_period SELECT person_id, person_id, first, greatest(first, least(last, "
      "coalesce(death_date, "
      "last))), 32880 FROM (SELECT person_id, min(first) AS first, max(last) AS last FROM ({}) WHERE person_id IN "
      "(FROM "
      "touched) GROUP BY person_id) JOIN (SELECT person_id FROM person) USING (person_id) LEFT JOIN (SELECT person_id, "
      "any_value(death_date) AS death_date FROM death GROUP BY person_id) USING (person_id) ORDER BY person_id",
      days));
  database.execute("DELETE FROM touched");
}

}  // namespace cohortium::omop
