-- data: gibleed
SELECT d.person_id, d.first_day, least(d.first_day + 365, o.observation_period_end_date)
FROM (SELECT person_id, min(drug_exposure_start_date) AS first_day FROM drug_exposure
      WHERE drug_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id = 1118084)
      GROUP BY person_id) d
JOIN observation_period o ON o.person_id = d.person_id
JOIN person p ON p.person_id = d.person_id
WHERE d.first_day - 180 >= o.observation_period_start_date AND d.first_day <= o.observation_period_end_date
  AND extract(year FROM d.first_day) - p.year_of_birth BETWEEN 35 AND 44
  AND EXISTS (SELECT 1 FROM condition_occurrence c WHERE c.person_id = d.person_id AND c.condition_start_date <= d.first_day
              AND c.condition_start_date >= o.observation_period_start_date
              AND c.condition_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id = 80180))
