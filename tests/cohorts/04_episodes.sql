-- data: gibleed
-- An episode starts where no earlier one reaches within 60 days, and ends where no later one follows within them.
WITH s AS (
  SELECT c.person_id, c.condition_start_date AS a,
         least(coalesce(c.condition_end_date, c.condition_start_date + 1) + 7, o.observation_period_end_date) AS z
  FROM condition_occurrence c
  JOIN observation_period o ON o.person_id = c.person_id
   AND c.condition_start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
  WHERE c.condition_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor
                                   WHERE ancestor_concept_id IN (40481087, 4283893))),
v AS (SELECT * FROM s WHERE z >= a),
starts AS (SELECT DISTINCT person_id, a FROM v
           WHERE NOT EXISTS (SELECT 1 FROM v w WHERE w.person_id = v.person_id AND w.a < v.a AND w.z + 60 >= v.a)),
ends AS (SELECT DISTINCT person_id, z FROM v
         WHERE NOT EXISTS (SELECT 1 FROM v w WHERE w.person_id = v.person_id AND w.z > v.z AND w.a <= v.z + 60))
SELECT starts.person_id, starts.a, min(ends.z)
FROM starts JOIN ends ON ends.person_id = starts.person_id AND ends.z >= starts.a
GROUP BY starts.person_id, starts.a
