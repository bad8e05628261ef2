#include "node/study_rules.h"

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
  if (study.release.curve == mpc::CurveRule::kExact && !consortium.exact_curves) {
    throw Failure({.code = "node.below_release_floor",
                   .message = "the study asks for exact curves",
                   .where = "/release/curve",
                   .rule = "exact_curves = false of the consortium",
                   .remedy = "use \"merged\""});
  }
}

}  // namespace cohortium::node
