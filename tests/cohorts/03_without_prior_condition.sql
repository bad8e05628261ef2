-- data: gibleed
-- Nobody here is exposed twice, so an exposure is an era of its own.
SELECT d.person_id, d.drug_exposure_start_date,
       least(coalesce(d.drug_exposure_end_date, d.drug_exposure_start_date + 1) + 14, o.observation_period_end_date)
FROM drug_exposure d
JOIN observation_period o ON o.person_id = d.person_id
 AND d.drug_exposure_start_date BETWEEN o.observation_period_start_date AND o.observation_period_end_date
JOIN person p ON p.person_id = d.person_id AND p.gender_concept_id = 8532
WHERE d.drug_concept_id IN (1118084, 1124300)
  AND NOT EXISTS (SELECT 1 FROM condition_occurrence c WHERE c.person_id = d.person_id AND c.condition_concept_id = 192671
                  AND c.condition_start_date BETWEEN o.observation_period_start_date AND d.drug_exposure_start_date)
