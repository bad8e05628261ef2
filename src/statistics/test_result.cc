#include "statistics/test_result.h"

#include <cmath>

namespace cohortium::statistics {
namespace {

nlohmann::json finite(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

}  // namespace

nlohmann::json test_json(const TestResult& result, const nlohmann::json& by, double confidence) {
  nlohmann::json estimates = nlohmann::json::array();
  for (const TestEstimate& estimate : result.estimates) {
    estimates.push_back({{"name", estimate.name},
                         {"value", finite(estimate.value)},
                         {"lower", finite(estimate.lower)},
                         {"upper", finite(estimate.upper)}});
  }
  nlohmann::json out = {{"method", result.method},
                        {"statistic_name", result.statistic_name},
                        {"statistic", finite(result.statistic)},
                        {"df", result.degrees_of_freedom},
                        {"p", finite(result.p)},
                        {"confidence", confidence},
                        {"by", by},
                        {"estimates", std::move(estimates)},
                        {"groups", result.groups},
                        {"cells", result.cells}};
  if (!result.note.empty()) out["note"] = result.note;
  return out;
}

nlohmann::json cells_json(const Grouping& grouping, const std::vector<double>& counts) {
  nlohmann::json cells = nlohmann::json::array();
  for (std::size_t i = 0; i < grouping.size(); ++i) {
    cells.push_back({{"levels", grouping.codes(i)},
                     {"labels", grouping.labels(i)},
                     {"n", counts.empty() ? nlohmann::json(nullptr) : count_json(std::optional(counts[i]))}});
  }
  return cells;
}

}  // namespace cohortium::statistics
