// The quality gate of a site: its records are checked by the consortium's rules before it shares anything of them.
//
// When    at every run, where the consortium file has [quality]. Files that passed are not checked again until one of
//         them, the rules, what is asked for, or the day changes (STATE/quality_passed); databases are.
// Reveals to everybody in the run: that a site fails, and the names of the checks. These look at whole tables, never at
//         what a study's filter selects. Counts stay in the site's log.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "governance/consortium.h"
#include "node/config.h"
#include "quality/gate.h"
#include "study/study_file.h"

namespace cohortium::node {

// Called with the opened source; what it returns lives as long as that.
using WatchSource = std::function<std::shared_ptr<void>(data::Source&)>;

// The checks of the tables that the study reads. Fails with quality.check_failed, or as data::open_source does.
void pass_quality_gate(const NodeConfig& config, const governance::Consortium& consortium, const study::Study& study,
                       const WatchSource& watch);

// All checks of all that the site has, for its operator.
std::vector<quality::Outcome> check_all_records(const NodeConfig& config, const governance::Consortium& consortium,
                                                const quality::ShowProgress& show);

}  // namespace cohortium::node
