// Collects what may be opened, opens it at once, and hands it back in the same order.
#pragma once

#include <cstddef>
#include <vector>

#include "mpc/engine.h"

namespace cohortium::release {

class Opening {
 public:
  void add(const mpc::Shared<mpc::u128>& values);
  void run(mpc::Engine& engine);
  mpc::u128 next();

 private:
  std::vector<mpc::Shared<mpc::u128>> parts_;
  std::vector<mpc::u128> values_;
  std::size_t position_ = 0;
};

// Where `flags` are set.
std::vector<std::size_t> indices_of(const std::vector<bool>& flags);

}  // namespace cohortium::release
