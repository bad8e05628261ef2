#include "study/dominance.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"

namespace cohortium::study {

namespace {

// Of these nothing is opened that adds up what people have: they count people, or order values.
constexpr std::array<std::string_view, 24> kinds_without_sums = {"count",
                                                                 "table",
                                                                 "funnel",
                                                                 "proportion",
                                                                 "prevalence",
                                                                 "histogram",
                                                                 "quantiles",
                                                                 "mann_whitney",
                                                                 "kruskal_wallis",
                                                                 "wilcoxon_signed_rank",
                                                                 "ks_test",
                                                                 "chi_square",
                                                                 "fisher",
                                                                 "prop_test",
                                                                 "binom_test",
                                                                 "mantel_haenszel",
                                                                 "mcnemar",
                                                                 "kaplan_meier",
                                                                 "nelson_aalen",
                                                                 "aalen_johansen",
                                                                 "log_rank",
                                                                 "gray_test",
                                                                 "disproportionality",
                                                                 "safety_monitoring"};

bool can_be_decided(const std::string& kind) {
  return kind == "describe" ||
         std::find(kinds_without_sums.begin(), kinds_without_sums.end(), kind) != kinds_without_sums.end();
}

}  // namespace

bool limits_dominance(const Study& study) { return study.release.dominance && !study.privacy; }

void check_dominance(const Study& study) {
  if (!limits_dominance(study)) return;
  for (std::size_t i = 0; i < study.analyses.size(); ++i) {
    const std::string& kind = study.analyses[i].kind;
    if (can_be_decided(kind)) continue;
    throw Failure(
        {.code = "study.no_dominance",
         .message = "the largest values are limited, and those in the sums of a " + kind + " are not compared",
         .where = "/analyses/" + std::to_string(i) + "/kind",
         .remedy = "with release/dominance describe columns, or ask for kinds that count people or order "
                   "values; put the others into a study without it"});
  }
}

std::string dominance_sentence(const mpc::DominanceRule& rule) {
  const std::string values = rule.largest == 1 ? "the largest value of a group makes"
                                               : fmt::format("the {} largest values of a group make", rule.largest);
  return fmt::format("{} up at most {:.6g}% of its sum", values, 100 * rule.share);
}

}  // namespace cohortium::study
