// What a study file says of harmonisation. For .cc files of this folder only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "study/study_file.h"

namespace cohortium::study {

// Reads it from the object "data" into study.harmonise; the study's columns are known. Where the rows are of a cohort,
// `cohort` is told which features come with their unit. Fails with study.bad_harmonisation, harmonise.unknown_unit.
void parse_harmonisation(const nlohmann::json& data, Study& study, cohort::CohortTable* cohort);

// Reads the object "agreement".
harmonise::AgreementRules parse_agreement(const nlohmann::json& agreement);

}  // namespace cohortium::study
