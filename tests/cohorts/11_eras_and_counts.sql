-- data: mimic_demo
WITH f AS (
  SELECT c.person_id, min(c.condition_era_start_date) AS d
  FROM condition_era c JOIN observation_period o ON o.person_id = c.person_id
   AND c.condition_era_start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
  WHERE c.condition_concept_id = 320128 AND c.condition_occurrence_count >= 1 GROUP BY c.person_id)
SELECT f.person_id, f.d, o.observation_period_end_date
FROM f JOIN observation_period o ON o.person_id = f.person_id
 AND f.d BETWEEN o.observation_period_start_date AND o.observation_period_end_date
WHERE (SELECT count(*) FROM drug_era x WHERE x.person_id = f.person_id AND x.drug_concept_id IN (967823, 1125315, 1367571)
       AND x.drug_era_start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date) <= 4
  AND (SELECT count(DISTINCT v.visit_concept_id) FROM visit_occurrence v WHERE v.person_id = f.person_id
       AND v.visit_start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
       AND v.visit_start_date >= f.d - 3650) >= 2
