// Totals of blocks of cells, so that no withheld cell and no withheld total follows from what is shown.
//
// Reveals    which totals are shown
// Rounds     one comparison, a conjunction and one opening per level
// Sites      Where they are protected, a total shows only where that holds for what each site sees, too: of all numbers the
//            people of the other sites. Cells withheld to protect sites may there be of few people or of many, so two of
//            them, or one beside another withheld for a reason of its own, must be left to make up what is told.
// Rule       From the smallest blocks up: what a block holds beyond the cells and totals already shown is its remainder.
//            A total is shown when there is no remainder by rule (everything in it is shown) or when the remainder is
//            such that every cell of few people in it may hold any number below the minimum (safe_sums,
//            release/safe_sums.h). Remainders of different blocks have no person in common,
//            so sums and differences of what is shown are cells, remainders and sums of these.
#pragma once

#include <optional>
#include <vector>

#include "mpc/engine.h"
#include "mpc/outcome.h"

namespace cohortium::release {

using ShownTotals = std::vector<std::vector<bool>>;  // by level and block

struct ShownCells {
  const std::vector<bool>& shown;
  const std::vector<bool>& enough;   // cells of enough people, shown or not
  const std::vector<bool>& guarded;  // those of them withheld to protect sites
};
ShownTotals decide_totals(mpc::Engine& engine, const mpc::SharedCells& cells, const ShownCells& shown,
                          mpc::u64 minimum);

// Of each level the totals that have to be opened: those shown of which a part is not, none with a minimum of 1; where
// parts are rounded, which do not add up to the rounded total, all that are shown.
std::vector<mpc::Shared<mpc::u128>> totals_to_open(const mpc::SharedCells& cells, const ShownTotals& totals,
                                                   const std::vector<bool>& shown_cells, const mpc::ReleaseRule& rule);

// The totals, from the cells shown and what was opened, level after level.
std::vector<std::vector<std::optional<mpc::u128>>> read_totals(const mpc::SharedCells& cells, const ShownTotals& totals,
                                                               const std::vector<std::optional<mpc::u128>>& people,
                                                               const std::vector<mpc::u128>& opened,
                                                               const mpc::ReleaseRule& rule);

}  // namespace cohortium::release
