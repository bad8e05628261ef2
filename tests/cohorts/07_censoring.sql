-- data: gibleed
WITH f AS (SELECT person_id, min(drug_era_start_date) AS d FROM drug_era WHERE drug_concept_id = 1118084 GROUP BY person_id),
c AS (
  SELECT f.person_id, f.d,
         coalesce((SELECT min(b.condition_start_date) FROM condition_occurrence b WHERE b.person_id = f.person_id
                   AND b.condition_concept_id = 192671 AND b.condition_start_date >= f.d
                   AND b.condition_start_date <= o.observation_period_end_date), o.observation_period_end_date) AS z
  FROM f JOIN person p ON p.person_id = f.person_id
  JOIN observation_period o ON o.person_id = f.person_id AND f.d BETWEEN o.observation_period_start_date AND o.observation_period_end_date
  WHERE extract(year FROM f.d) - p.year_of_birth > 30)
SELECT person_id, greatest(d, DATE '1995-06-30'), least(z, DATE '2012-12-31') FROM c
WHERE greatest(d, DATE '1995-06-30') <= least(z, DATE '2012-12-31')
