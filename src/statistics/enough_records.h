// Whether there are enough people for what a model estimates: one with as many coefficients as people is a copy of their
// records, so a model is shown only where there are enough people per parameter, and enough left over.
//
// Security   the engine's
// Reveals    nothing; the fault goes to the door, or is part of what is opened before a model's steps are
// Rounds     those of one comparison, and of a disjunction of at most three bits
#pragma once

#include <cstddef>
#include <string>

#include "mpc/engine.h"
#include "mpc/outcome.h"

namespace cohortium::statistics {

// The study's rule on people per parameter, for a model of so many.
class EnoughRecords {
 public:
  EnoughRecords(const mpc::ReleaseRule& rule, std::size_t parameters);

  // The least number of people: enough per parameter, and the minimum cell more than there are parameters.
  mpc::u64 least_people() const { return least_people_; }
  // The least number of those whose number limits what a model can tell: with an event, without the outcome.
  mpc::u64 least_limiting() const { return least_limiting_; }
  // Set where `people` (one count) or one of `limiting` (any number of them; none is an empty vector) is too small.
  mpc::SharedFault fault(mpc::Engine& engine, const mpc::Shared<mpc::u128>& people,
                         const mpc::Shared<mpc::u128>& limiting) const;
  // "fewer than 12 people for its 4 parameters", for leakage statements; `limiting` is what limits, or "".
  std::string sentence(const std::string& limiting) const;

 private:
  std::size_t parameters_;
  double per_parameter_;
  mpc::u64 least_people_, least_limiting_;
};

// With the outcome and without it, of counts of all people and of those who have it.
mpc::Shared<mpc::u128> with_and_without(const mpc::Shared<mpc::u128>& people, const mpc::Shared<mpc::u128>& with);

}  // namespace cohortium::statistics
