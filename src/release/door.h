// The one door out: decides on shared values what may become public, then opens that and nothing else.
//
// Security   as the engine's protocol: the values that a rule withholds are never opened, to anyone
// Reveals    the outcome of the rules (which cells pass, where a step ends) and the values that pass
// Rounds     cells: one more opening where there are faults; one comparison and one more per level of totals, each with an opening, and one opening; exact curves: two comparisons, three openings; merged: three and four
// Rules
//   Cells    a record passes when at least `minimum_cell` people stand behind it. (With a minimum of 1 only zeros are
//            withheld, which says that they are zero.) Where a value counts those with the event, it must be none or at
//            least `minimum_cell`, and the number of people is opened only where the rest is none or as many, too.
//            Cells that are opened together are opened all or not at all; where the minimum is 1, always. Totals of blocks
//            of cells follow release/totals.h.
//            Where the computation may fail (a singular matrix, no convergence), the faults' bits are opened when the
//            cells pass, and the values only when no bit is set.
//   Curves   a stratum passes when it has at least `minimum_cell` people. Then
//     exact  every grid point at which anyone leaves is opened with its counts, and what is sampled there;
//     merged grid points are merged into steps that each cover at least `minimum_cell` events (release/merge.h), or the
//            stratum shows no step at all. Numbers of censorings, and with them numbers at risk, are opened for unions
//            of steps that cover none or at least `minimum_cell` censorings. So no released count, and no sum or
//            difference of released counts of the curve, lies in 1 .. minimum_cell - 1.
//   See docs/decisions/0003-merged-steps.md.
#pragma once

#include "mpc/engine.h"
#include "mpc/outcome.h"

namespace cohortium::release {

mpc::ReleasedOutcome release(mpc::Engine& engine, const mpc::SharedOutcome& outcome, const mpc::ReleaseRule& rule);

}  // namespace cohortium::release
