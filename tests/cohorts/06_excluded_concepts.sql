-- data: gibleed
WITH e AS (
  SELECT c.person_id, c.condition_start_date AS d, o.observation_period_end_date AS oe
  FROM condition_occurrence c
  JOIN observation_period o ON o.person_id = c.person_id
  JOIN person p ON p.person_id = c.person_id
  WHERE c.condition_start_date >= o.observation_period_start_date
    AND c.condition_start_date + 30 <= o.observation_period_end_date
    AND ((c.condition_concept_id IN (4283893, 257012, 4294548) AND p.gender_concept_id = 8532
          AND extract(year FROM c.condition_start_date) - p.year_of_birth < 18)
      OR (c.condition_concept_id = 81151 AND c.condition_start_date >= DATE '2000-01-01'
          AND c.condition_start_date <= DATE '2009-12-31')))
SELECT person_id, max(d), max(oe) FROM e GROUP BY person_id
