#include "statistics/estimate.h"

#include "statistics/entries.h"

namespace cohortium::statistics {

nlohmann::json estimate_json(const Grouping& grouping, std::size_t index, const Estimate& estimate) {
  nlohmann::json group = {{"group", grouping.code(index)},    {"label", grouping.label(index)},
                          {"n", count_json(estimate.n)},      {"events", count_json(estimate.events)},
                          {"value", to_json(estimate.value)}, {"lower", to_json(estimate.lower)},
                          {"upper", to_json(estimate.upper)}};
  if (estimate.person_time) group["person_time"] = *estimate.person_time;
  return group;
}

}  // namespace cohortium::statistics
