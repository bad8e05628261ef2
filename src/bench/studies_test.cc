// The studies that are benchmarked: their results are the plaintext protocol's, a wrong one is noticed, and their forecast
// is the one of `study check`.
#include "bench/studies.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bench/workload.h"
#include "mpc/forecast/run_cost.h"
#include "mpc/simulate.h"
#include "study/forecast.h"

namespace cohortium::bench {
namespace {

release::ReleasedStudy secure_outcomes(const study::Plan& plan, const std::vector<mpc::u128>& aggregates) {
  return mpc::simulate("replicated3", [&](mpc::Engine& engine) {
    const std::span<const mpc::u128> values = aggregates;
    return plan.secure(engine,
                       {.aggregates = engine.share(0, engine.self() == 0 ? values : values.first(0), values.size())});
  })[0];
}

TEST(Studies, EqualPlaintext) {
  for (const auto& study_of : {survival_study, table_study}) {
    const BenchStudy& study = study_of();
    for (std::size_t records : {0, 1, 2, 40, 3000}) {
      const auto aggregates = study.aggregates(study.plan, records);
      EXPECT_EQ(compare_with_plaintext(study.plan, secure_outcomes(study.plan, aggregates), aggregates), "") << records;
    }
  }
}

TEST(Studies, ShowSomethingAndNoticeAChange) {
  for (const auto& study_of : {survival_study, table_study}) {
    const BenchStudy& study = study_of();
    const auto aggregates = study.aggregates(study.plan, 3000);
    const auto released = secure_outcomes(study.plan, aggregates);
    const auto& outcomes = released.outcomes;
    if (outcomes[0].curve) {
      EXPECT_GT((*outcomes[0].curve)[0].steps.size(), 10u);
    } else {
      EXPECT_GT(std::count(outcomes[0].cells->passed.begin(), outcomes[0].cells->passed.end(), true), 50);
    }
    for (std::size_t tampered : {std::size_t{0}, aggregates.size() - 1}) {
      auto others = aggregates;
      others[tampered] += 20;
      EXPECT_NE(compare_with_plaintext(study.plan, released, others), "") << tampered;
    }
  }
}

TEST(Studies, AreForecastAsStudyCheckDoes) {
  const std::pair<const char*, const BenchStudy&> named[] = {{"kaplan_meier_log_rank", survival_study()},
                                                             {"table_10x10", table_study()}};
  for (const auto& [name, study] : named) {
    const Workload workload = workloads_named(all_workloads(), {name}).front();
    for (const study::Network& network : study::networks()) {
      const mpc::Link link{.latency_seconds = network.latency_seconds, .bytes_per_second = network.bytes_per_second};
      const mpc::RunCost cost = mpc::forecast_run(
          "replicated3", link, 1, [&](mpc::Engine& engine) { return workload.prepare(engine, 50).run; });
      const study::Forecast expected = study::forecast(study.plan, network);
      EXPECT_EQ(cost.rounds, expected.rounds) << network.name;
      EXPECT_EQ(cost.most_bytes(), expected.bytes_sent) << network.name;
      EXPECT_DOUBLE_EQ(cost.seconds, expected.seconds) << network.name;
    }
  }
}

}  // namespace
}  // namespace cohortium::bench
