#include "release/opening.h"

#include "base/error.h"
#include "release/rounding.h"

namespace cohortium::release {

void Opening::add(const mpc::Shared<mpc::u128>& values) {
  if (values.size > 0) parts_.push_back(values);
}

void Opening::run(mpc::Engine& engine) {
  if (parts_.empty()) return;
  const mpc::Shared<mpc::u128> all = concatenate(std::span<const mpc::Shared<mpc::u128>>(parts_));
  values_ = engine.open(round_to_ > 1 ? rounded(engine, all, round_to_) : all);
}

mpc::u128 Opening::next() {
  COHORTIUM_CHECK(position_ < values_.size());
  return values_[position_++];
}

std::vector<std::size_t> indices_of(const std::vector<bool>& flags) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i]) indices.push_back(i);
  }
  return indices;
}

}  // namespace cohortium::release
