-- data: gibleed
WITH f AS (
  SELECT c.person_id, min(c.condition_start_date) AS d
  FROM condition_occurrence c
  JOIN observation_period o ON o.person_id = c.person_id
   AND c.condition_start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
  WHERE c.condition_concept_id = 260139 AND c.condition_start_date >= DATE '1990-01-01' GROUP BY c.person_id),
e AS (SELECT f.person_id, f.d, o.observation_period_start_date AS os, o.observation_period_end_date AS oe, p.gender_concept_id AS g
      FROM f JOIN person p ON p.person_id = f.person_id
      JOIN observation_period o ON o.person_id = f.person_id AND f.d BETWEEN o.observation_period_start_date AND o.observation_period_end_date),
flags AS (
  SELECT e.*,
    CASE WHEN EXISTS (SELECT 1 FROM condition_occurrence c WHERE c.person_id = e.person_id
      AND c.condition_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id IN (40481087, 4283893))
      AND c.condition_start_date BETWEEN e.os AND e.oe AND c.condition_start_date BETWEEN e.d - 3650 AND e.d - 1) THEN 1 ELSE 0 END AS sinusitis,
    CASE WHEN EXISTS (SELECT 1 FROM condition_occurrence c WHERE c.person_id = e.person_id AND c.condition_concept_id = 80180
      AND c.condition_start_date BETWEEN e.os AND e.oe) THEN 1 ELSE 0 END AS osteoarthritis,
    CASE WHEN EXISTS (SELECT 1 FROM condition_occurrence c WHERE c.person_id = e.person_id
      AND c.condition_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id = 317009)
      AND c.condition_start_date BETWEEN e.os AND e.oe) THEN 1 ELSE 0 END AS asthma,
    CASE WHEN EXISTS (SELECT 1 FROM condition_occurrence c WHERE c.person_id = e.person_id
      AND c.condition_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id = 317009)
      AND c.condition_start_date BETWEEN e.os AND e.oe AND c.condition_start_date <= e.d) THEN 1 ELSE 0 END AS asthma_before,
    CASE WHEN EXISTS (SELECT 1 FROM drug_exposure x WHERE x.person_id = e.person_id
      AND x.drug_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id = 1125315)
      AND x.drug_exposure_start_date BETWEEN e.d AND e.d + 30 AND x.drug_exposure_start_date <= e.oe) THEN 1 ELSE 0 END AS treated,
    (SELECT count(*) FROM drug_exposure x WHERE x.person_id = e.person_id
      AND x.drug_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id = 1125315)
      AND x.drug_exposure_start_date BETWEEN e.os AND e.d - 1) AS treatments_before
  FROM e)
SELECT person_id, d, oe FROM flags
WHERE sinusitis + osteoarthritis + asthma >= 2
  AND ((treated = 1 AND g = 8507) OR (treatments_before < 2 AND asthma_before = 0))
