// The study that is benchmarked: its result is the plaintext protocol's, a wrong one is noticed, and its forecast is the
// one of `study check`.
#include "bench/survival_study.h"

#include <gtest/gtest.h>

#include "bench/workload.h"
#include "mpc/forecast/run_cost.h"
#include "mpc/simulate.h"
#include "study/forecast.h"

namespace cohortium::bench {
namespace {

std::vector<mpc::ReleasedOutcome> secure_outcomes(const std::vector<mpc::u128>& aggregates) {
  return mpc::simulate("replicated3", [&](mpc::Engine& engine) {
    const std::span<const mpc::u128> values = aggregates;
    return survival_plan().secure(
        engine, {.aggregates = engine.share(0, engine.self() == 0 ? values : values.first(0), values.size())});
  })[0];
}

TEST(SurvivalStudy, EqualsPlaintext) {
  for (std::size_t patients : {0, 1, 2, 40, 3000}) {
    const auto aggregates = survival_aggregates(patients);
    EXPECT_EQ(compare_with_plaintext(secure_outcomes(aggregates), aggregates), "") << patients;
  }
}

TEST(SurvivalStudy, ShowsSomethingAndNoticesAChange) {
  const auto aggregates = survival_aggregates(3000);
  const auto outcomes = secure_outcomes(aggregates);
  ASSERT_TRUE(outcomes[0].curve.has_value());
  EXPECT_GT((*outcomes[0].curve)[0].steps.size(), 10u);
  for (std::size_t tampered : {std::size_t{0}, aggregates.size() - 1}) {
    auto others = aggregates;
    others[tampered] += 20;
    EXPECT_NE(compare_with_plaintext(outcomes, others), "") << tampered;
  }
}

TEST(SurvivalStudy, IsForecastAsStudyCheckDoes) {
  const Workload workload = workloads_named(all_workloads(), {"kaplan_meier_log_rank"}).front();
  for (const study::Network& network : study::networks()) {
    const mpc::Link link{.latency_seconds = network.latency_seconds, .bytes_per_second = network.bytes_per_second};
    const mpc::RunCost cost = mpc::forecast_run("replicated3", link, 1,
                                                [&](mpc::Engine& engine) { return workload.prepare(engine, 50).run; });
    const study::Forecast expected = study::forecast(survival_plan(), network);
    EXPECT_EQ(cost.rounds, expected.rounds) << network.name;
    EXPECT_EQ(cost.most_bytes(), expected.bytes_sent) << network.name;
    EXPECT_DOUBLE_EQ(cost.seconds, expected.seconds) << network.name;
  }
}

}  // namespace
}  // namespace cohortium::bench
