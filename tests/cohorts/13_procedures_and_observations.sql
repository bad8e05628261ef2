-- data: synthea27nj
-- The last entry event of a person; then it must hold the rest.
WITH entry AS (
  SELECT q.person_id, q.procedure_date AS d FROM procedure_occurrence q JOIN person p ON p.person_id = q.person_id
  WHERE extract(year FROM q.procedure_date) - p.year_of_birth < 18
  UNION ALL SELECT person_id, procedure_date FROM procedure_occurrence WHERE procedure_date > DATE '2015-01-01'
  UNION ALL SELECT person_id, observation_period_start_date FROM observation_period
  WHERE observation_period_end_date - observation_period_start_date > 4000),
l AS (
  SELECT e.person_id, max(e.d) AS d FROM entry e JOIN observation_period o ON o.person_id = e.person_id
   AND e.d BETWEEN o.observation_period_start_date AND o.observation_period_end_date GROUP BY e.person_id)
SELECT l.person_id, l.d, o.observation_period_end_date
FROM l JOIN observation_period o ON o.person_id = l.person_id AND l.d BETWEEN o.observation_period_start_date AND o.observation_period_end_date
JOIN person p ON p.person_id = l.person_id AND (p.race_concept_id = 8527 OR p.gender_concept_id = 8532)
WHERE (SELECT count(*) FROM observation b WHERE b.person_id = l.person_id AND b.observation_date >= DATE '2010-01-01'
       AND b.observation_date BETWEEN l.d - 90 AND l.d + 90
       AND b.observation_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date) >= 3
