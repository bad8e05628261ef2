// What the consortium asks of every study, whoever submits it: no node takes part in one that asks for less.
#pragma once

#include "governance/consortium.h"
#include "study/study_file.h"

namespace cohortium::node {

// Fails with node.below_release_floor, node.no_agreement_check.
void check_study_rules(const study::Study& study, const governance::Consortium& consortium);

}  // namespace cohortium::node
