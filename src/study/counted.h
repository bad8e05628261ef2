// Which people the numbers of each analysis count, for the rule across analyses (release/across.h): read off the study's
// entries, kind by kind.
//
// Not described, so not looked at across analyses: funnel, standardised_rate, wilcoxon_signed_rank, mcnemar,
// meta_analysis, sequential, safety_monitoring, disproportionality, aalen_johansen, treatment_effect, and effect sizes of
// numbers and of balance.
#pragma once

#include <vector>

#include "release/door.h"
#include "statistics/analysis.h"
#include "study/study_file.h"

namespace cohortium::study {

// One per analysis; nothing of an analysis that is not described. Fails with study.too_many_counts.
std::vector<release::Counted> counted_people(const Study& study,
                                             const std::vector<statistics::Declaration>& declarations);

// The class of each row of `table` in each column, as counted_people numbers columns and classes; for tests.
std::vector<std::vector<std::size_t>> classes_of_rows(const Study& study, const data::Table& table);

}  // namespace cohortium::study
