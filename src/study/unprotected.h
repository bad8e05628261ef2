// A plan carried out on given tables in one process, without any protection: the same steps as under MPC, by the
// plaintext protocol. It shows what sharing, the network and the protocol's own rounding change in a result, for every
// kind of analysis; what it has in common with the secure path (fixed point, formulas) it cannot check.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "study/plan.h"

namespace cohortium::study {

// As result.json's "analyses". One table per site, in the order of the study's sites.
nlohmann::json analyse_unprotected(const Plan& plan, const std::vector<data::Table>& tables);

}  // namespace cohortium::study
