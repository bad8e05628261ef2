// Which analyses can protect sites: those whose numbers of people each site's aggregate tells by itself.
#pragma once

#include "mpc/engine.h"
#include "mpc/outcome.h"
#include "statistics/analysis.h"
#include "study/study_file.h"

namespace cohortium::study {

// Whether the study's rule looks at sites: it asks for it, and there is no noise, which protects whatever a site knows.
bool protects_sites(const Study& study);

// Fails with study.no_site_protection where the rule cannot be decided for an analysis.
void check_site_protection(const Study& study);

// One site's part of the numbers of people of `analysis`, from its aggregate. Nothing is sent.
mpc::SharedCounts counts_of_site(mpc::Engine& engine, const statistics::Analysis& analysis,
                                 const mpc::Shared<mpc::u128>& aggregate);

}  // namespace cohortium::study
