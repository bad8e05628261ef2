// The one door out: decides on shared values what may become public, then opens that and nothing else.
//
// Security   as the engine's protocol: the values that a rule withholds are never opened, to anyone
// Reveals    the outcome of the rules (which cells pass, where a step ends) and the values that pass
// Rounds     per analysis those of release/cells.h or release/curves.h; those of release/across.h where analyses count the
//            same people; one opening of everything
// Rules
//   Cells    a record passes when at least `minimum_cell` people stand behind it. (With a minimum of 1 only zeros are
//            withheld, which says that they are zero.) Where a value counts those with the event, it must be none or at
//            least `minimum_cell`, and the number of people is opened only where the rest is none or as many, too.
//            Cells that are opened together are opened all or not at all; where the minimum is 1, always. Totals of blocks
//            of cells follow release/totals.h.
//            Where the computation may fail (a singular matrix, no convergence), the faults' bits are opened when the
//            cells pass, and the values only when no bit is set.
//            Where numbers of people are rounded, all that is opened counts people, and its multiple is opened in its place
//            (release/rounding.h); totals are rounded by themselves. What is compared is not rounded.
//            Where sites are protected, a record passes only where for every site the people of all others together are none
//            or enough, those with the event and those without it alike (release/few_elsewhere.h).
//            What else the study asks of records of a kind comes as vetoes.
//   Curves   a stratum passes when it has at least `minimum_cell` people. Then
//     exact  every grid point at which anyone leaves is opened with its counts, and what is sampled there;
//     merged grid points are merged into steps that each cover at least `minimum_cell` events (release/merge.h), or the
//            stratum shows no step at all. Numbers of censorings, and with them numbers at risk, are opened for unions
//            of steps that cover none or at least `minimum_cell` censorings. So no released count, and no sum or
//            difference of released counts of the curve, lies in 1 .. minimum_cell - 1.
//   Across   what one analysis withholds does not follow from what others show (release/across.h).
//   See docs/disclosure.md and docs/decisions/0003-merged-steps.md.
#pragma once

#include <cstddef>
#include <vector>

#include "mpc/engine.h"
#include "mpc/outcome.h"
#include "release/population.h"

namespace cohortium::release {

// Which people an analysis' numbers count: of the first records of its cells or, where it has none, of the strata of its
// curve. Without description an analysis is decided by itself.
struct Counted {
  std::vector<Population> people = {};  // simplified, without a row in common
  std::vector<Population> events = {};  // those of them with the event, where these are counted
};

// What was withheld of one analysis because of the others.
struct WithheldAcross {
  std::size_t records = 0;
  std::size_t people = 0;  // of records shown otherwise
  std::size_t totals = 0;
  std::vector<bool> strata = {};  // of a curve: which
};

struct ReleasedStudy {
  std::vector<mpc::ReleasedOutcome> outcomes;
  std::vector<WithheldAcross> across;
};

// All analyses of a study together. `counted`: one per outcome, of at most most_counted populations.
inline constexpr std::size_t most_counted = 1024;
ReleasedStudy release(mpc::Engine& engine, const std::vector<mpc::SharedOutcome>& outcomes,
                      const std::vector<Counted>& counted, const mpc::ReleaseRule& rule);

// One analysis by itself.
mpc::ReleasedOutcome release(mpc::Engine& engine, const mpc::SharedOutcome& outcome, const mpc::ReleaseRule& rule);

}  // namespace cohortium::release
