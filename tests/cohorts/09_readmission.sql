-- data: mimic_demo
-- A visit's own end is its exit; overlapping and touching visits of one person become one.
WITH v AS (SELECT * FROM visit_occurrence WHERE visit_concept_id IN (9201, 262, 8870, 581385, 8883)),
r AS (
  SELECT v.person_id, v.visit_start_date AS a, least(v.visit_end_date, o.observation_period_end_date) AS z
  FROM v JOIN observation_period o ON o.person_id = v.person_id
   AND v.visit_start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
  WHERE EXISTS (SELECT 1 FROM v w WHERE w.person_id = v.person_id AND w.visit_start_date - v.visit_end_date BETWEEN 1 AND 30)),
k AS (SELECT * FROM r WHERE z >= a),
starts AS (SELECT DISTINCT person_id, a FROM k WHERE NOT EXISTS
  (SELECT 1 FROM k w WHERE w.person_id = k.person_id AND w.a < k.a AND w.z >= k.a)),
ends AS (SELECT DISTINCT person_id, z FROM k WHERE NOT EXISTS
  (SELECT 1 FROM k w WHERE w.person_id = k.person_id AND w.z > k.z AND w.a <= k.z))
SELECT starts.person_id, starts.a, min(ends.z)
FROM starts JOIN ends ON ends.person_id = starts.person_id AND ends.z >= starts.a GROUP BY starts.person_id, starts.a
