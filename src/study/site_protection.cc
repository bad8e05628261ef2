#include "study/site_protection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"

namespace cohortium::study {

namespace {

// What is released of these are sums of what sites share, and of all that is released the numbers of people are counted.
constexpr std::array<std::string_view, 14> kinds_of_sums = {
    "count",  "table",      "histogram", "describe",  "proportion", "prevalence", "rate",
    "t_test", "chi_square", "fisher",    "prop_test", "binom_test", "anova",      "variance_test"};

bool can_be_decided(const statistics::AnalysisEntry& entry) {
  return std::find(kinds_of_sums.begin(), kinds_of_sums.end(), entry.kind) != kinds_of_sums.end();
}

}  // namespace

bool protects_sites(const Study& study) { return study.release.protect_sites && !study.privacy; }

void check_site_protection(const Study& study) {
  if (!protects_sites(study)) return;
  for (std::size_t i = 0; i < study.analyses.size(); ++i) {
    if (can_be_decided(study.analyses[i])) continue;
    throw Failure(
        {.code = "study.no_site_protection",
         .message = "sites are to be protected, and what a " + study.analyses[i].kind +
                    " tells a site about the others is not compared",
         .where = "/analyses/" + std::to_string(i) + "/kind",
         .remedy = fmt::format("with release/protect_sites ask for kinds {}; put the others into a study without it",
                               fmt::join(kinds_of_sums, ", "))});
  }
}

mpc::SharedCounts counts_of_site(mpc::Engine& engine, const statistics::Analysis& analysis,
                                 const mpc::Shared<mpc::u128>& aggregate) {
  const mpc::Cost before = engine.cost();
  const mpc::SharedOutcome outcome = analysis.secure(engine, {.aggregate = aggregate});
  COHORTIUM_CHECK(outcome.cells && !outcome.curve && engine.cost() == before);
  return {.people = outcome.cells->people, .events = outcome.cells->events};
}

}  // namespace cohortium::study
