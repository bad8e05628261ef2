-- data: gibleed
SELECT c.person_id, c.first_day, o.observation_period_end_date
FROM (SELECT person_id, min(condition_start_date) AS first_day FROM condition_occurrence
      WHERE condition_concept_id = 192671 GROUP BY person_id) c
JOIN observation_period o ON o.person_id = c.person_id
WHERE c.first_day >= o.observation_period_start_date + 365 AND c.first_day <= o.observation_period_end_date
