#include "omop/code_lookup.h"

#include "omop/store.h"

namespace cohortium::omop {
namespace {

constexpr const char* kFresh = R"(
CREATE OR REPLACE TEMP TABLE fresh_code AS
SELECT DISTINCT coalesce(system, '') AS system, code FROM in_coding
WHERE code IS NOT NULL AND (coalesce(system, ''), code) NOT IN (SELECT (system, code) FROM code_target))";

constexpr const char* kLookUp = R"(
INSERT INTO code_target
WITH vocabulary_of AS (
  SELECT f.system, f.code, v.vocabulary_id
  FROM fresh_code f JOIN cohortium_system v ON v.system = f.system),
site AS (
  SELECT f.system, f.code, m.target_concept_id AS target
  FROM fresh_code f JOIN source_to_concept_map m ON m.source_code = f.code
  WHERE m.invalid_reason IS NULL AND m.target_concept_id <> 0 AND (m.source_vocabulary_id = f.system OR
    m.source_vocabulary_id IN (SELECT vocabulary_id FROM cohortium_system s WHERE s.system = f.system))),
source AS (
  SELECT v.system, v.code, c.concept_id, c.standard_concept
  FROM vocabulary_of v JOIN concept c ON c.vocabulary_id = v.vocabulary_id AND c.concept_code = v.code),
vocabulary_target AS (
  SELECT system, code, concept_id AS target FROM source WHERE standard_concept = 'S'
  UNION
  SELECT s.system, s.code, r.concept_id_2 FROM source s JOIN concept_relationship r ON r.concept_id_1 = s.concept_id
  WHERE r.relationship_id = 'Maps to' AND r.invalid_reason IS NULL),
target AS (
  SELECT DISTINCT system, code, target FROM site
  UNION
  SELECT v.system, v.code, v.target FROM vocabulary_target v JOIN concept c ON c.concept_id = v.target
  WHERE c.standard_concept = 'S' AND (v.system, v.code) NOT IN (SELECT (system, code) FROM site))
SELECT f.system, f.code, coalesce(s.concept_id, 0) AS source_concept_id,
  row_number() OVER (PARTITION BY f.system, f.code ORDER BY t.target) - 1 AS k,
  coalesce(t.target, 0) AS target_concept_id, c.domain_id
FROM fresh_code f
LEFT JOIN (SELECT system, code, min(concept_id) AS concept_id FROM source GROUP BY ALL) s USING (system, code)
LEFT JOIN target t USING (system, code)
LEFT JOIN concept c ON c.concept_id = t.target)";

constexpr const char* kChoose = R"(
CREATE OR REPLACE TEMP TABLE chosen AS
SELECT c.n, c.part, c.role, coalesce(c.system, '') AS system, c.code, c.display
FROM in_coding c LEFT JOIN code_target t ON t.system = coalesce(c.system, '') AND t.code = c.code AND t.k = 0
QUALIFY row_number() OVER (PARTITION BY c.n, c.part, c.role
                           ORDER BY coalesce(t.target_concept_id, 0) = 0, c.code IS NULL, CAST(c.rank AS INTEGER)) = 1)";

}  // namespace

void create_code_lookup(data::Database& database) {
  database.execute(
      "CREATE OR REPLACE TEMP TABLE code_target (system VARCHAR, code VARCHAR, source_concept_id INTEGER, k INTEGER, "
      "target_concept_id INTEGER, domain_id VARCHAR)");
}

void look_up_codes(data::Database& database) {
  database.execute(kFresh);
  if (single_number(database, "SELECT count(*) FROM fresh_code") > 0) database.execute(kLookUp);
  database.execute(kChoose);
}

}  // namespace cohortium::omop
