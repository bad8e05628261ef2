#include "statistics/enough_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "oblivious/boolean.h"
#include "oblivious/compare.h"

namespace cohortium::statistics {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

EnoughRecords::EnoughRecords(const mpc::ReleaseRule& rule, std::size_t parameters)
    : parameters_(parameters), per_parameter_(rule.people_per_parameter()) {
  least_limiting_ = static_cast<u64>(std::ceil(per_parameter_ * static_cast<double>(parameters)));
  const u64 left_over = rule.minimum_cell > 1 ? parameters + rule.minimum_cell : 0;
  least_people_ = std::max(least_limiting_, left_over);
}

mpc::SharedFault EnoughRecords::fault(mpc::Engine& engine, const Shared<u128>& people,
                                      const Shared<u128>& limiting) const {
  mpc::SharedFault fault{.bit = {},
                         .what = "too few people for " + std::to_string(parameters_) + " parameters",
                         .rule = fmt::format("rows per parameter {} of the study", per_parameter_)};
  std::vector<u64> least(people.size, least_people_);
  least.insert(least.end(), limiting.size, least_limiting_);
  if (std::all_of(least.begin(), least.end(), [](u64 bound) { return bound == 0; })) {
    fault.bit = engine.constant_bits(std::vector<u64>{0}, 1);
    return fault;
  }
  const std::vector<Shared<u128>> counts{people, limiting};
  const SharedBits few = oblivious::less_than(engine, mpc::narrow(concatenate(std::span(counts))),
                                              engine.constant(std::span<const u64>(least)), mpc::count_bits + 1);
  std::vector<SharedBits> planes;
  for (std::size_t i = 0; i < few.size; ++i) planes.push_back(slice(few, i, 1));
  fault.bit = oblivious::or_all(engine, std::move(planes));
  return fault;
}

std::string EnoughRecords::sentence(const std::string& limiting) const {
  std::string text = fmt::format("fewer than {} people for its {} parameters", least_people_, parameters_);
  if (!limiting.empty() && least_limiting_ > 0) text += fmt::format(", or fewer than {} {}", least_limiting_, limiting);
  return text;
}

Shared<u128> with_and_without(const Shared<u128>& people, const Shared<u128>& with) {
  const std::vector<Shared<u128>> parts{with, subtract(people, with)};
  return concatenate(std::span(parts));
}

}  // namespace cohortium::statistics
