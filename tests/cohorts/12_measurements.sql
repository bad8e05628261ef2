-- data: synthea27nj
WITH e AS (
  SELECT m.person_id, m.measurement_date AS d, o.observation_period_end_date AS oe
  FROM measurement m JOIN observation_period o ON o.person_id = m.person_id
   AND m.measurement_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
  WHERE m.measurement_concept_id = 3004249 AND m.value_as_number >= 125.5
    AND EXISTS (SELECT 1 FROM measurement n WHERE n.person_id = m.person_id AND n.measurement_concept_id = 3004249
                AND n.value_as_number > 120 AND n.measurement_date - m.measurement_date BETWEEN 1 AND 730
                AND n.measurement_date <= o.observation_period_end_date)
    AND EXISTS (SELECT 1 FROM measurement n WHERE n.person_id = m.person_id AND n.measurement_concept_id = 3012888
                AND (n.value_as_number < 75 OR n.value_as_number > 78.5) AND n.visit_occurrence_id = m.visit_occurrence_id
                AND n.measurement_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date))
SELECT person_id, min(d), max(oe) FROM e GROUP BY person_id
