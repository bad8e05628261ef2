// What was released against the pooled answer, number by number.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "study/pooled_reference.h"

namespace cohortium::study {
namespace {

using nlohmann::json;

class Comparison {
 public:
  void compare(const json& released, const std::optional<double>& expected) {
    if (!released.is_number() || !expected) return;
    const double difference = std::abs(released.get<double>() - *expected) / std::max(1.0, std::abs(*expected));
    agreement_.largest_difference = std::max(agreement_.largest_difference, difference);
    ++agreement_.numbers;
  }
  const Agreement& agreement() const { return agreement_; }

 private:
  Agreement agreement_;
};

void compare_numbers(const json& released, const json& expected, Comparison& comparison) {
  if (expected.is_number()) comparison.compare(released, expected.get<double>());
  if (!expected.is_structured() || released.size() != expected.size()) return;
  for (const auto& [key, value] : expected.items()) {
    if (key == "error_bound") continue;  // of both the same, or of numbers that are compared themselves
    if (expected.is_array()) compare_numbers(released.at(std::stoul(key)), value, comparison);
    if (expected.is_object() && released.contains(key)) compare_numbers(released.at(key), value, comparison);
  }
}

void compare_stratum(const data::ColumnDeclaration& time, const PooledStratum& pooled, const json& released,
                     Comparison& comparison) {
  const auto& rows = pooled.rows;
  const auto& statistics = pooled.statistics;
  auto point = [&](const json& at) {
    return static_cast<std::size_t>(std::llround((at.get<double>() - time.low) / time.step));
  };
  comparison.compare(released.at("n"), rows.front().at_risk);
  for (std::size_t i = 0; i < released.at("time").size(); ++i) {
    const std::size_t from = point(released.at("time_from")[i]), to = point(released.at("time")[i]);
    double events = 0;
    for (std::size_t t = from; t <= to; ++t) events += *rows[t].events;
    comparison.compare(released.at("n_event")[i], events);
    comparison.compare(released.at("n_risk")[i], rows[from].at_risk);
    if (released.contains("cumhaz")) {
      comparison.compare(released["cumhaz"][i], rows[to].hazard);
      comparison.compare(released["std_err_cumhaz"][i], pooled.hazard.standard_error[to]);
      continue;
    }
    comparison.compare(released.at("surv")[i], rows[to].survival);
    comparison.compare(released.at("std_err_surv")[i], statistics.standard_error[to]);
    comparison.compare(released.at("lower_log")[i], statistics.log[to].lower);
    comparison.compare(released.at("upper_log")[i], statistics.log[to].upper);
    comparison.compare(released.at("lower_loglog")[i], statistics.log_log[to].lower);
    comparison.compare(released.at("upper_loglog")[i], statistics.log_log[to].upper);
  }
}

void compare_log_rank(const PooledLogRank& pooled, const json& released, Comparison& comparison) {
  if (released.at("chisq").is_null()) return;
  comparison.compare(released["chisq"], pooled.test.chi_square);
  comparison.compare(released["p"], pooled.test.p);
  for (std::size_t g = 0; g < pooled.sums.observed.size(); ++g) {
    comparison.compare(released.at("observed")[g], pooled.sums.observed[g]);
    comparison.compare(released.at("expected")[g], pooled.sums.expected[g]);
  }
}

void compare_moments(const PooledMoments& pooled, const json& released, Comparison& comparison) {
  comparison.compare(released.at("n"), pooled.n);
  comparison.compare(released.at("mean"), pooled.mean);
  comparison.compare(released.at("variance"), pooled.variance);
  if (pooled.variance) comparison.compare(released.at("sd"), std::sqrt(*pooled.variance));
}

}  // namespace

Agreement compare(const json& analyses, const json& others) {
  Comparison comparison;
  compare_numbers(analyses, others, comparison);
  return comparison.agreement();
}

Agreement compare(const Study& study, const PooledAnswer& pooled, const json& analyses) {
  Comparison comparison;
  for (const auto& entry : study.analyses) {
    const PooledAnalysis& expected = pooled.analyses.at(entry.id);
    const json& released = analyses.at(entry.id);
    for (std::size_t i = 0; i < expected.counts.size(); ++i)
      comparison.compare(released.at("cells")[i].at("n"), expected.counts[i]);
    for (std::size_t i = 0; i < expected.moments.size(); ++i)
      compare_moments(expected.moments[i], released.at("groups")[i], comparison);
    for (std::size_t i = 0; i < expected.means.size(); ++i) {
      comparison.compare(released.at("groups")[i].at("value"), expected.means[i].value);
      comparison.compare(released.at("groups")[i].at("standard_error"), expected.means[i].standard_error);
    }
    const bool is_curve = released.contains("curve");
    for (std::size_t i = 0; is_curve && i < expected.strata.size(); ++i) {
      const auto time = std::find_if(study.data.columns.begin(), study.data.columns.end(),
                                     [&](const auto& column) { return column.name == entry.time; });
      compare_stratum(*time, expected.strata[i], released.at("strata")[i], comparison);
    }
    if (entry.kind == "log_rank" && !expected.log_rank.sums.observed.empty())
      compare_log_rank(expected.log_rank, released, comparison);
  }
  return comparison.agreement();
}

}  // namespace cohortium::study
