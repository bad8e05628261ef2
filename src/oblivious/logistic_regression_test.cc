// Regression on secret records against the same steps in double arithmetic.
#include "oblivious/logistic_regression.h"

#include <gtest/gtest.h>

#include <cmath>

#include "oblivious/fixed_point.h"
#include "oblivious/logistic_reference.h"
#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {
namespace {

class LogisticRegression : public testing::TestWithParam<const char*> {};

Records shared(Engine& engine, const PlainRecords& plain) {
  const auto [x, y] = record_words(plain);
  return {.x = input(engine, x), .y = input(engine, y), .rows = plain.rows, .columns = plain.columns, .x_bits = 1};
}

TEST_P(LogisticRegression, EpochFollowsThePlainOne) {
  const PlainRecords plain = made_records(700, 5, 1);
  for (Sigmoid sigmoid : {Sigmoid::kExact, Sigmoid::kApproximate}) {
    const auto beta = opened_signed<u64>(GetParam(), [&](Engine& e) {
      return logistic_epoch(e, shared(e, plain), constant_fill(e, 5, u64{0}),
                            {.batch = 128, .rate_shift = 1, .sigmoid = sigmoid});
    });
    const auto exact = plain_epoch(plain, 128, 0.5, sigmoid == Sigmoid::kExact);
    for (std::size_t j = 0; j < 5; ++j) {
      EXPECT_NEAR(std::ldexp(static_cast<double>(beta[j]), -epoch_fraction_bits), exact[j], 1e-4) << j;
    }
  }
}

TEST_P(LogisticRegression, NewtonConverges) {
  const PlainRecords plain = made_records(600, 4, 2);
  const auto opened = mpc::simulate(GetParam(), [&](Engine& e) {
    const NewtonFit fit = logistic_newton(e, shared(e, plain), 6);
    auto words = e.open(fit.coefficients);
    words.push_back(e.open_bits(fit.singular)[0]);
    return words;
  });
  const auto exact = plain_newton(plain, 6);
  for (std::size_t j = 0; j < 4; ++j) {
    EXPECT_NEAR(mpc::decode_fixed(opened[0][j], newton_fraction_bits), exact[j], 1e-4) << j;
  }
  EXPECT_EQ(opened[0][4], u128{0});
}

TEST_P(LogisticRegression, DependentColumnsAreFoundSingular) {
  PlainRecords plain = made_records(200, 3, 3);
  for (std::size_t i = 0; i < plain.rows; ++i) plain.x[3 * i + 2] = plain.x[3 * i + 1];
  const auto opened = mpc::simulate(
      GetParam(), [&](Engine& e) { return e.open_bits(logistic_newton(e, shared(e, plain), 1).singular); });
  EXPECT_EQ(opened[0][0], 1U);
}

INSTANTIATE_TEST_SUITE_P(Protocols, LogisticRegression, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
