// What a study reads of records, as its signed file declares it: names, types, units and public ranges; never a code or a
// value.
#pragma once

#include "evidence/facts.h"

namespace cohortium::evidence {

// The table or cohort, then one statement per column.
Statements columns_of(const SignedStudy& study);
// Which rows take part.
Statements rows_of(const SignedStudy& study);
// What the study's rules keep back, and its noise.
Statements release_of(const SignedStudy& study);
// What a role learns, by the leakage statement: "analyst", "site", "compute_party", "coordinator".
Statements learned_by(const SignedStudy& study, const std::string& role);

}  // namespace cohortium::evidence
