// The one door out: decides on shared values what may become public, then opens that and nothing else.
//
// Security   as the engine's protocol: the values that a rule withholds are never opened, to anyone
// Reveals    the outcome of the rules (which cells pass, where a step ends) and the values that pass
// Rounds     one comparison, one to four for the rule's structure, two openings
// Rules
//   Cells    a record passes when at least `minimum_cell` people stand behind it. (With a minimum of 1 only zeros are
//            withheld, which says that they are zero.)
//   Curves   a stratum passes when it has at least `minimum_cell` people. Then
//     exact  every grid point at which anyone leaves is opened with its counts;
//     merged the grid is halved again and again as long as both halves have at least `minimum_cell` events: each step
//     of
//            the curve covers that many, or the stratum shows no step at all. Numbers of censorings, and with them
//            numbers at risk, are opened for the coarser halving that also has none or at least `minimum_cell`
//            censorings in both halves. So no released count, and no sum or difference of released counts, lies in 1 ..
//            minimum_cell - 1.
//   Halving a public grid decides every step at once, in rounds that grow with log(log(grid)): merging from the left,
//   step after step, would take as many rounds as there are steps. See docs/decisions/0003-merged-steps.md.
#pragma once

#include "mpc/engine.h"
#include "mpc/outcome.h"

namespace cohortium::release {

mpc::ReleasedOutcome release(mpc::Engine& engine, const mpc::SharedOutcome& outcome, const mpc::ReleaseRule& rule);

}  // namespace cohortium::release
