#include "study/rounding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/error.h"
#include "release/rounding.h"

namespace cohortium::study {

using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 6> kinds_of_counts = {"count",     "table",      "funnel",
                                                             "histogram", "proportion", "prevalence"};

}  // namespace

void check_rounding(const Study& study) {
  if (study.release.round_to == 1) return;
  if (study.privacy) {
    throw Failure({.code = "study.no_rounding",
                   .message = "numbers with noise are not rounded",
                   .where = "/release/round_to",
                   .remedy = "leave out release/round_to or release/privacy; noise alone hides exact numbers, too"});
  }
  for (std::size_t i = 0; i < study.analyses.size(); ++i) {
    const std::string& kind = study.analyses[i].kind;
    if (std::find(kinds_of_counts.begin(), kinds_of_counts.end(), kind) != kinds_of_counts.end()) continue;
    throw Failure(
        {.code = "study.no_rounding",
         .message = "numbers of people are to be rounded, and a " + kind +
                    " opens more than these, from which exact numbers would follow",
         .where = "/analyses/" + std::to_string(i) + "/kind",
         .remedy = fmt::format("with release/round_to ask for kinds {}; put the others into a study without it",
                               fmt::join(kinds_of_counts, ", "))});
  }
}

json rounding_facts(const Study& study) {
  if (study.release.round_to == 1) return nullptr;
  return {{"to", study.release.round_to},
          {"off_by_at_most", release::most_off(study.release.round_to)},
          {"least", study.release.minimum_cell},
          {"totals", "rounded independently"}};
}

std::string rounding_sentence(const json& facts) {
  return fmt::format(
      "every number of people to the nearest multiple of {}, thus off by at most {}, and none below {}; totals "
      "independently, so parts need not add up to them, and what follows from several numbers is off by more",
      facts["to"].get<std::uint64_t>(), facts["off_by_at_most"].get<std::uint64_t>(),
      facts["least"].get<std::uint64_t>());
}

}  // namespace cohortium::study
