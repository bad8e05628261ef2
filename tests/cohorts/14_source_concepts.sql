-- data: gibleed
WITH e AS (
  SELECT DISTINCT c.person_id, c.condition_start_date AS d, o.observation_period_end_date AS oe
  FROM condition_occurrence c JOIN observation_period o ON o.person_id = c.person_id
   AND c.condition_start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
  WHERE c.condition_source_concept_id IN (192671, 35208414)
    AND EXISTS (SELECT 1 FROM drug_exposure x WHERE x.person_id = c.person_id AND x.drug_source_concept_id = 44923712
                AND x.drug_exposure_start_date BETWEEN o.observation_period_start_date AND c.condition_start_date))
SELECT person_id, min(d), max(oe) FROM e GROUP BY person_id
