// Which people the numbers of each analysis count, for the rule across analyses (release/across.h): read off the study's
// entries, kind by kind.
//
// Not described, so not looked at across analyses: funnel, standardised_rate, wilcoxon_signed_rank, mcnemar,
// meta_analysis, sequential, safety_monitoring, disproportionality, aalen_johansen, treatment_effect, and effect sizes of
// numbers and of balance.
#pragma once

#include <cstdint>
#include <vector>

#include "release/door.h"
#include "statistics/analysis.h"
#include "study/study_file.h"

namespace cohortium::study {

// One per analysis; nothing of an analysis that is not described. Fails with study.too_many_counts.
std::vector<release::Counted> counted_people(const Study& study,
                                             const std::vector<statistics::Declaration>& declarations);

// The same for differences between studies (released_groups.h): one per analysis. Of a kind that is not described the rows
// that have values, by its columns `by`; where these are more than 1,024 groups, or those of a described kind, all together.
std::vector<release::Counted> shown_people(const Study& study,
                                           const std::vector<statistics::Declaration>& declarations);

// By column the class of each row of `table`, as these number columns and classes.
std::vector<std::vector<std::uint32_t>> classes_by_column(const Study& study, const data::Table& table);

}  // namespace cohortium::study
