// The check that sites agree, as a study asks for it: at a site, at the compute parties, and in words.
//
// When     before any record is read for the study; also by itself, for an approved study
// Reveals  release/agreement.h: one bit per item, where the consortium lets sites be named one more per item and site
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "mpc/engine.h"
#include "study/site_table.h"

namespace cohortium::study {

// How many items there are; 0 where the study asks for none.
std::size_t agreement_size(const Study& study);

// At a site: what it has, one element per item. Fails with data.source_failed, harmonise.bad_map.
std::vector<mpc::u128> site_agreement(data::Source& source, const Study& study, const harmonise::SiteRules& rules);

// At a compute party, from the shares of every site in the order of the study: [{"item", "agree", "apart": [sites]}].
nlohmann::json open_site_agreement(mpc::Engine& engine, const Study& study,
                                   const std::vector<mpc::Shared<mpc::u128>>& sites, bool name_sites);

// Fails with harmonise.sites_disagree, which names the items.
void require_agreement(const nlohmann::json& items);

}  // namespace cohortium::study
