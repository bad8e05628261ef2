// Collects what may be opened, opens it at once, and hands it back in the same order.
//
// Where numbers of people are rounded, everything that is collected counts people, and only its multiple is opened
// (release/rounding.h).
#pragma once

#include <cstddef>
#include <vector>

#include "mpc/engine.h"

namespace cohortium::release {

class Opening {
 public:
  explicit Opening(mpc::u64 round_to = 1) : round_to_(round_to) {}
  void add(const mpc::Shared<mpc::u128>& values);
  void run(mpc::Engine& engine);
  mpc::u128 next();

 private:
  const mpc::u64 round_to_;
  std::vector<mpc::Shared<mpc::u128>> parts_;
  std::vector<mpc::u128> values_;
  std::size_t position_ = 0;
};

// Where `flags` are set.
std::vector<std::size_t> indices_of(const std::vector<bool>& flags);

}  // namespace cohortium::release
