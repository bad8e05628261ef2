// Synthetic hospitals as OMOP tables (CDM 5.4), for examples and tests of cohorts.
//
// Persons of all ages are observed for some years from 2014 on, most of them to the end of 2023. Type 2 diabetes (201826) begins
// at a constant rate, and most who have it get metformin (1503297); viral sinusitis (40481087) comes and goes; a first myocardial
// infarction (4329847) comes at a rate that changes on the 65th birthday; stays in hospital (9201) are sometimes followed by a transfer
// on the day of discharge or by a readmission within 30 days; some persons
// die. Sex, site and diabetes act on nothing else. The same options give the same files everywhere.
#pragma once

#include "data/synthetic.h"

namespace cohortium::data {

// Writes FOLDER/<site>/TABLE.csv for person, observation_period, visit_occurrence, condition_occurrence, drug_exposure, death
// and concept_ancestor, and FOLDER/truth.json. Fails with data.bad_synthetic_trial or file.unwritable.
void write_synthetic_omop(const std::filesystem::path& folder, const std::vector<SyntheticSite>& sites,
                          std::uint64_t seed);

}  // namespace cohortium::data
