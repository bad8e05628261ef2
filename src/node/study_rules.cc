#include "node/study_rules.h"

#include <fmt/format.h>

#include "base/error.h"

namespace cohortium::node {

void check_study_rules(const study::Study& study, const governance::Consortium& consortium) {
  if (consortium.agreement_required && !study.harmonise.agreement) {
    throw Failure({.code = "node.no_agreement_check",
                   .message = "the study does not ask that the sites agree",
                   .where = "/agreement",
                   .rule = "agreement.required = true of the consortium",
                   .remedy = "add \"agreement\": {} to the study"});
  }
  if (study.release.minimum_cell < static_cast<std::uint64_t>(consortium.minimum_cell)) {
    throw Failure({.code = "node.below_release_floor",
                   .message = "the study's minimum cell size is " + std::to_string(study.release.minimum_cell),
                   .where = "/release/minimum_cell",
                   .rule = "minimum cell size " + std::to_string(consortium.minimum_cell) + " of the consortium",
                   .remedy = "raise it to the consortium's minimum"});
  }
  if (study.release.people_per_parameter() < consortium.rows_per_parameter) {
    throw Failure({.code = "node.below_release_floor",
                   .message = fmt::format("the study's models may have {} people per parameter",
                                          study.release.people_per_parameter()),
                   .where = "/release/rows_per_parameter",
                   .rule = fmt::format("rows_per_parameter = {} of the consortium", consortium.rows_per_parameter),
                   .remedy = "raise it to the consortium's minimum"});
  }
  if (study.release.round_to < static_cast<std::uint64_t>(consortium.round_to)) {
    throw Failure({.code = "node.below_release_floor",
                   .message = fmt::format("the study rounds numbers of people to {}", study.release.round_to),
                   .where = "/release/round_to",
                   .rule = fmt::format("round_to = {} of the consortium", consortium.round_to),
                   .remedy = fmt::format("write \"round_to\": {} or more", consortium.round_to)});
  }
  if (consortium.protect_sites && !study.release.protect_sites) {
    throw Failure({.code = "node.below_release_floor",
                   .message = "the study does not protect sites",
                   .where = "/release/protect_sites",
                   .rule = "protect_sites = true of the consortium",
                   .remedy = "write \"protect_sites\": true"});
  }
  if (!consortium.zero_and_full && study.release.zero_and_full) {
    throw Failure({.code = "node.below_release_floor",
                   .message = "the study may show that nobody, or everybody, of a group has the event",
                   .where = "/release/zero_and_full",
                   .rule = "zero_and_full = false of the consortium",
                   .remedy = "write \"zero_and_full\": false"});
  }
  if (study.release.curve == mpc::CurveRule::kExact && !consortium.exact_curves) {
    throw Failure({.code = "node.below_release_floor",
                   .message = "the study asks for exact curves",
                   .where = "/release/curve",
                   .rule = "exact_curves = false of the consortium",
                   .remedy = "use \"merged\""});
  }
}

}  // namespace cohortium::node
