// The cumulative baseline hazard of secret rows at public times against its definition in double arithmetic.
#include "oblivious/baseline_hazard.h"

#include <gtest/gtest.h>

#include <tuple>

#include "oblivious/testing/survival_rows.h"

namespace cohortium::oblivious {
namespace {

class BaselineHazardTest : public testing::TestWithParam<std::tuple<const char*, Ties>> {
 protected:
  void check(const Shape& shape, unsigned seed) {
    const auto [protocol, ties] = GetParam();
    const PlainSurvival plain = made(shape, seed);
    const std::size_t spare = seed % 5;
    const std::vector<double> beta(shape.columns, 0.375);
    // Points 0 .. shape.times of each stratum, from the latest, and one that comes behind the time 0.
    std::vector<u64> keys;
    for (int s = 0; s < shape.strata; ++s) {
      for (int time = shape.times; time >= -1; --time)
        keys.push_back((static_cast<u64>(s) << time_bits) + 255 - static_cast<u64>(time));
    }
    const auto opened = mpc::simulate(protocol, [&, the_ties = ties](Engine& e) {
      const auto rows = shared(e, plain, shape, input(e, columns_of(plain, spare, covariate_fraction_bits)), spare);
      const RiskSets sets = risk_sets(e, rows, the_ties);
      const std::vector<u128> at(shape.columns, mpc::encode_fixed<u128>(beta[0], coefficient_fraction_bits));
      return e.open(baseline_hazard(e, sets, risk_terms(e, sets, input(e, at)), keys));
    });
    std::vector<double> expected(static_cast<std::size_t>(shape.strata * (shape.times + 1)));
    for (const PlainTerm& term : plain_terms(plain, plain_risks(plain, beta), ties == Ties::kEfron)) {
      for (int time = static_cast<int>(plain.time[term.event]); time <= shape.times; ++time)
        expected[static_cast<std::size_t>(plain.stratum[term.event] * (shape.times + 1) + time)] +=
            term.weight / term.at_risk.s0;
    }
    ASSERT_EQ(opened[0].size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(mpc::decode_fixed(opened[0][i], hazard_fraction_bits), expected[i], 1e-10) << i;
  }
};

TEST_P(BaselineHazardTest, FollowsTheDefinition) {
  check({}, 1);
  check({.times = 3}, 2);
  check({.rows = 2, .columns = 1}, 5);
}
TEST_P(BaselineHazardTest, WithEverything) {
  check({.rows = 90, .times = 20, .strata = 3, .entries = true, .weights = true, .offsets = true}, 3);
}

INSTANTIATE_TEST_SUITE_P(Protocols, BaselineHazardTest, protocols_and_ties(), protocol_and_ties_name);

}  // namespace
}  // namespace cohortium::oblivious
