// Why a partial likelihood gives no estimate: the fault bits of its regression, in words.
#pragma once

#include <vector>

#include "mpc/outcome.h"
#include "oblivious/cox_regression.h"

namespace cohortium::statistics {

inline std::vector<mpc::SharedFault> faults_of(const oblivious::CoxFit& fit) {
  return {{fit.singular, "a covariate is constant or follows from others (singular information)"},
          {fit.separated, "a coefficient grows without end (separated records), or the steps are too few"},
          {fit.not_converged, "the likelihood has no maximum within reach (no convergence)"},
          {fit.outside, "hazards differ too much for the numbers computed with"}};
}

}  // namespace cohortium::statistics
