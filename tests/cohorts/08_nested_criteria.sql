-- data: gibleed
WITH treated AS (
  SELECT DISTINCT b.person_id, b.condition_start_date AS d
  FROM condition_occurrence b
  JOIN observation_period o ON o.person_id = b.person_id
   AND b.condition_start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
  JOIN drug_exposure x ON x.person_id = b.person_id AND x.drug_exposure_start_date - b.condition_start_date BETWEEN 0 AND 30
   AND x.drug_exposure_start_date <= o.observation_period_end_date
  WHERE b.condition_concept_id = 260139
    AND x.drug_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id = 1125315)),
e AS (
  SELECT c.person_id, c.condition_start_date AS d, o.observation_period_end_date AS oe
  FROM condition_occurrence c
  JOIN observation_period o ON o.person_id = c.person_id
   AND c.condition_start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
  JOIN treated t ON t.person_id = c.person_id AND t.d >= c.condition_start_date - 3650
  WHERE c.condition_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id IN (40481087, 4283893))
  GROUP BY c.condition_occurrence_id, c.person_id, c.condition_start_date, o.observation_period_end_date
  HAVING count(*) >= 2)
SELECT person_id, min(d), max(oe) FROM e GROUP BY person_id
