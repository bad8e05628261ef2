// Charlson's comorbidity index as OHDSI computes it: categories by ancestors in the site's own vocabulary.
//
// Source: Charlson et al., J Chronic Dis 1987, in Romano's adaptation; the SNOMED ancestors are those of OHDSI's
// FeatureExtraction up to version 3.6. A category counts once, whatever the number of conditions.
#pragma once

#include <array>
#include <cstdint>

namespace cohortium::cohort {

struct CharlsonConcept {
  int category, weight;
  std::int64_t ancestor;
};

inline constexpr auto kCharlsonConcepts = std::to_array<CharlsonConcept>({
    {1, 1, 4329847},                                      // myocardial infarction
    {2, 1, 316139},                                       // congestive heart failure
    {3, 1, 321052},                                       // peripheral vascular disease
    {4, 1, 381591},   {4, 1, 434056},                     // cerebrovascular disease
    {5, 1, 4182210},                                      // dementia
    {6, 1, 4063381},                                      // chronic pulmonary disease
    {7, 1, 257628},   {7, 1, 134442},   {7, 1, 80800},    // rheumatologic disease
    {7, 1, 80809},    {7, 1, 256197},   {7, 1, 255348},   //
    {8, 1, 4247120},                                      // peptic ulcer disease
    {9, 1, 4064161},  {9, 1, 4212540},                    // mild liver disease
    {10, 1, 201820},                                      // diabetes
    {11, 2, 443767},  {11, 2, 442793},                    // diabetes with complications
    {12, 2, 192606},  {12, 2, 374022},                    // hemiplegia or paraplegia
    {13, 2, 4030518},                                     // renal disease
    {14, 2, 443392},                                      // any malignancy
    {15, 3, 4245975}, {15, 3, 4029488}, {15, 3, 192680},  // moderate to severe liver disease
    {15, 3, 24966},                                       //
    {16, 6, 432851},                                      // metastatic solid tumour
    {17, 6, 439727},                                      // AIDS
});

}  // namespace cohortium::cohort
