// Compliance evidence: what a consortium, or one of its studies, does with records, for those who must account for it.
//
// Reads       checked inputs alone (inputs.h); no clock, no network: the same files give the same document
// Guaranteed  every statement names its source and why it can be believed; what files do not say is an open question
// Not         legal advice, nor a finished assessment: whether the measures are enough is for people to judge. Records and
//             released values are never read; hosts, buildings, contracts and people are not seen
#pragma once

#include <string>
#include <vector>

#include "evidence/facts.h"

namespace cohortium::evidence {

Document consortium_evidence(const Inputs& inputs);
// Fails with evidence.no_study when no study of this hash is among the inputs.
Document study_evidence(const Inputs& inputs, const std::string& hash);

// The parts, each in its own file.
Part records_of_processing(const Subject& subject);  // GDPR Art. 30
Part impact_assessment(const Subject& subject);      // GDPR Art. 35
Part data_minimisation(const Subject& subject);      // GDPR Art. 5(1)(c), 25
Part safeguards(const Subject& subject);             // 45 CFR 164.308-316

// What the software does not do, whatever the inputs say.
const std::vector<std::string>& not_covered();

}  // namespace cohortium::evidence
