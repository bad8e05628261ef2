// The rule across analyses: what one analysis of a study withholds must not follow from what the others show.
//
// Every analysis has been decided by itself (release/cells.h, release/curves.h). Then, for every relation of the study
// (release/relations.h) in which something is shown, the difference that what is shown tells is compared, in shares,
// with the range in which it is safe (release/safe_differences.h): a difference between nested groups must be none or
// enough people; where groups of few people are hidden, it must leave each of them every number that it may have.
// Where it is not safe, counts give way, those of the last analysis in the study first, and what depends on
// them is looked at again. Nothing else has been opened when this begins.
//
// Where sites are protected, a difference must be safe in the view of each of them, too: without its own people. Who is
// withheld may then be few there or many, so what is known is less, and ranges are those of few.
//
// Security   as the engine's protocol
// Reveals    to the compute parties, per relation and pass, whether it is safe. Where it is, everyone can tell from what
//            is shown; where it is not, counts are missing, and a difference of nested groups is then known to be some
//            but fewer than the minimum
// Rounds     a comparison, a conjunction and an opening, all relations side by side; once more each time counts gave way
//            and one conjunction per doubling of views, where sites are protected
// Sent       as two comparisons of 35 bits per relation that is not safe or unsafe whatever the records are
// Requires   a minimum above 1; families in the order in which they take precedence
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "mpc/engine.h"
#include "release/relations.h"

namespace cohortium::release {

enum class Standing {
  kShown,
  kNone,    // not shown, but that it is nobody has been told
  kFew,     // withheld: 0 to minimum - 1
  kSome,    // withheld: 1 to minimum - 1
  kEnough,  // withheld although it is enough: with it, something else would follow
  kClosed   // not shown for a reason that is no secret of its own
};

// Counts that one analysis may show, of populations without a row in common.
struct Family {
  std::vector<Population> populations;
  mpc::Shared<mpc::u64> counts;
  std::vector<mpc::Shared<mpc::u64>> others = {};  // where sites are protected, the same without each of them
  // Where every population here is part of the one at the same place of another family, that family.
  std::optional<std::size_t> inside = {};
};

struct Standings {
  std::vector<Standing> groups;
  // Where `inside` is given: what is known of those in the other family's population only. kShown: nothing is.
  std::vector<Standing> rests = {};
};

// What has been decided so far, and how to decide otherwise.
class Decisions {
 public:
  virtual ~Decisions() = default;
  virtual std::vector<Standings> standings() const = 0;  // by family
  // Of a count that is shown: it is not, nor is what cannot be shown without it.
  virtual void withdraw(std::size_t family, std::size_t place) = 0;
};

void settle_across(mpc::Engine& engine, const Relations& relations, const std::vector<Family>& families,
                   Decisions& decisions, mpc::u64 minimum);

}  // namespace cohortium::release
