// How a test is presented: one statistic with its p-value, estimates with limits, and what they follow from.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "statistics/entries.h"
#include "statistics/grouping.h"

namespace cohortium::statistics {

struct TestEstimate {
  std::string name;
  double value = 0;
  std::optional<double> lower = {}, upper = {};
};

struct TestResult {
  std::string method, statistic_name;
  std::optional<double> statistic = {}, p = {};
  std::vector<double> degrees_of_freedom = {};
  std::vector<TestEstimate> estimates = {};
  nlohmann::json groups = nlohmann::json::array();  // group, label, n, mean, sd
  nlohmann::json cells = nlohmann::json::array();   // levels, labels, n
  std::string note = {};                            // why there is no statistic, where it is not withheld
};

// Numbers that are not finite are absent.
nlohmann::json test_json(const TestResult& result, const nlohmann::json& by, double confidence);

// The "cells" of a table of counts; all null when `counts` is empty.
nlohmann::json cells_json(const Grouping& grouping, const std::vector<double>& counts);

}  // namespace cohortium::statistics
