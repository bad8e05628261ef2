-- data: mimic_demo
-- Circe lets additional criteria pass only a person's first event that meets them when the limit is First; here it is All.
WITH e AS (
  SELECT v.person_id, v.visit_start_date AS a, o.observation_period_end_date AS oe, d.death_date
  FROM visit_occurrence v
  JOIN observation_period o ON o.person_id = v.person_id
   AND v.visit_start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
  JOIN person p ON p.person_id = v.person_id
  JOIN death d ON d.person_id = v.person_id
  WHERE v.visit_concept_id IN (262, 8870, 9201) AND v.visit_end_date - v.visit_start_date >= 5
    AND extract(year FROM v.visit_start_date) - p.year_of_birth >= 40
    AND d.death_date - v.visit_start_date BETWEEN 0 AND 365),
l AS (SELECT person_id, max(a) AS a FROM e GROUP BY person_id)
SELECT e.person_id, e.a, min(CASE WHEN e.death_date <= e.oe THEN e.death_date ELSE e.oe END)
FROM e JOIN l ON l.person_id = e.person_id AND l.a = e.a GROUP BY e.person_id, e.a
