// Newton's method for Cox regression with opened steps: coefficients are public from step to step, and of each step the
// log-likelihood, gradient and information over all sites are opened. Rows stay shared; what is opened stays the same
// whoever brings them.
//
// Security   the engine's; opened are the above, of standardised covariates, and one bit per step: whether hazards leave
//            the numbers computed with. Only to be called once the number of people may be known to suffice
// Error      that of oblivious/partial_likelihood.h, once: nothing is carried from step to step but public numbers
#pragma once

#include "oblivious/cox_regression.h"

namespace cohortium::statistics {

// As oblivious::cox_regression; all but `terms` and `outside` is public. `steps`: how many evaluations it took.
struct OpenedCox {
  oblivious::CoxFit fit;
  std::size_t steps = 0;
};
OpenedCox opened_cox(mpc::Engine& engine, const oblivious::RiskSets& sets, int most_steps);
inline constexpr int most_opened_cox_steps = 20;  // unless the study says otherwise

}  // namespace cohortium::statistics
