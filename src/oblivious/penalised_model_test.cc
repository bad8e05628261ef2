// Penalised logistic models on secret records against coordinate descent in double arithmetic.
#include "oblivious/penalised_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {
namespace {

struct Records {
  std::vector<double> x, y, weight;  // x column after column, the first of ones
  std::size_t rows = 0, columns = 0;
  double at(std::size_t row, std::size_t column) const { return x[column * rows + row]; }
};

// Columns share a part of each other; the last `empty` rows are zeros.
Records made(std::size_t rows, std::size_t columns, std::size_t empty, unsigned seed) {
  std::mt19937_64 random(seed);
  const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  Records records{std::vector<double>(rows * columns), std::vector<double>(rows), std::vector<double>(rows), rows,
                  columns};
  for (std::size_t i = 0; i + empty < rows; ++i) {
    double eta = -0.3;
    const double common = uniform() - 0.5;
    for (std::size_t j = 0; j < columns; ++j) {
      const double width = 1 / static_cast<double>(1 + j % 3);
      const double value = j == 0 ? 1 : std::ldexp(std::round(std::ldexp(width * (common + uniform() - 0.5), 30)), -30);
      records.x[j * rows + i] = value;
      if (j > 0 && j < 4) eta += value * (j % 2 == 0 ? 2 : -1.5);
    }
    records.weight[i] = 1;
    records.y[i] = uniform() < 1 / (1 + std::exp(-eta)) ? 1 : 0;
  }
  return records;
}

double risk(const Records& r, const std::vector<double>& b, std::size_t row) {
  double eta = 0;
  for (std::size_t j = 0; j < r.columns; ++j) eta += r.at(row, j) * b[j];
  return 1 / (1 + std::exp(-eta));
}

// Newton's method, each step solved by coordinate descent to the last digits.
std::vector<double> minimised(const Records& r, const std::vector<double>& lasso, const std::vector<double>& ridge) {
  const std::size_t d = r.columns;
  std::vector<double> b(d);
  for (int step = 0; step < 30; ++step) {
    std::vector<double> a(d * d), gap(d), next = b;
    for (std::size_t i = 0; i < r.rows; ++i) {
      const double p = risk(r, b, i), w = r.weight[i] * p * (1 - p);
      for (std::size_t j = 0; j < d; ++j) {
        gap[j] += r.weight[i] * (r.y[i] - p) * r.at(i, j);
        for (std::size_t k = 0; k < d; ++k) a[j * d + k] += w * r.at(i, j) * r.at(i, k);
      }
    }
    for (std::size_t j = 0; j < d; ++j) gap[j] -= ridge[j] * b[j], a[j * d + j] += ridge[j];
    for (int sweep = 0; sweep < 3000; ++sweep) {
      for (std::size_t j = 0; j < d; ++j) {
        const double u = gap[j] + a[j * d + j] * next[j];
        const double value = std::copysign(std::max(std::abs(u) - lasso[j], 0.0), u) / a[j * d + j],
                     by = value - next[j];
        for (std::size_t k = 0; k < d; ++k) gap[k] -= a[k * d + j] * by;
        next[j] = value;
      }
    }
    b = next;
  }
  return b;
}

double deviance(const Records& r, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < r.rows; ++i) {
    const double p = risk(r, b, i);
    sum -= 2 * r.weight[i] * (r.y[i] > 0 ? std::log(p) : std::log1p(-p));
  }
  return sum;
}

struct Opened {
  std::vector<double> coefficients, active;
  double deviance = 0;
  bool singular = false, not_converged = false;
};

Opened fitted(const char* protocol, const Records& r, const std::vector<double>& lasso,
              const std::vector<double>& ridge, int steps) {
  const auto results = mpc::simulate(protocol, [&](Engine& e) {
    const auto words = [&](const std::vector<double>& values, int bits) {
      std::vector<u128> encoded;
      for (const double value : values) encoded.push_back(mpc::encode_fixed<u128>(value, bits));
      return input(e, encoded);
    };
    const ModelRecords records{.x = words(r.x, covariate_bits),
                               .y = words(r.y, 0),
                               .weight = words(r.weight, 0),
                               .rows = r.rows,
                               .columns = r.columns};
    const PenalisedFit fit = fit_penalised(e, records, words({0}, model_bits), {.lasso = lasso, .ridge = ridge},
                                           {.family = Family::kLogit, .steps = steps, .total_bits = 12});
    const auto numbers = [&](const Shared<u128>& values, int bits) {
      std::vector<double> decoded;
      for (const u128 word : e.open(values)) decoded.push_back(mpc::decode_fixed(word, bits));
      return decoded;
    };
    return Opened{.coefficients = numbers(fit.coefficients, model_bits),
                  .active = numbers(fit.active, 0),
                  .deviance = numbers(fit.deviance, model_bits)[0],
                  .singular = e.open_bits(fit.singular)[0] != 0,
                  .not_converged = e.open_bits(fit.not_converged)[0] != 0};
  });
  return results[0];
}

class Penalised : public testing::TestWithParam<const char*> {};

TEST_P(Penalised, EqualsCoordinateDescentWithExactZeros) {
  const Records records = made(400, 7, 9, 3);
  for (const double penalty : {0.5, 4.0, 12.0, 1e6}) {
    for (const double squares : {0.0, 3.0}) {
      std::vector<double> lasso(7, penalty), ridge(7, squares);
      lasso[0] = ridge[0] = 0;
      const std::vector<double> want = minimised(records, lasso, ridge);
      const Opened got = fitted(GetParam(), records, lasso, ridge, 12);
      EXPECT_FALSE(got.singular);
      EXPECT_FALSE(got.not_converged);
      for (std::size_t j = 0; j < 7; ++j) {
        EXPECT_NEAR(got.coefficients[j], want[j], 1e-9) << j << " " << penalty;
        EXPECT_EQ(got.coefficients[j] == 0, want[j] == 0) << j << " " << penalty;
        EXPECT_EQ(got.active[j], want[j] == 0 ? 0 : 1) << j << " " << penalty;
      }
      EXPECT_NEAR(got.deviance, deviance(records, want), 1e-7);
    }
  }
}

TEST_P(Penalised, RidgeAloneIsNewtonsMethod) {
  const Records records = made(300, 5, 7, 4);
  const std::vector<double> none(5, 0), ridge{0, 2, 0.5, 8, 30};
  const std::vector<double> want = minimised(records, none, ridge);
  const Opened got = fitted(GetParam(), records, none, ridge, 8);
  EXPECT_FALSE(got.not_converged);
  for (std::size_t j = 0; j < 5; ++j) EXPECT_NEAR(got.coefficients[j], want[j], 1e-10) << j;
  EXPECT_TRUE(fitted(GetParam(), records, none, ridge, 2).not_converged);
}

TEST_P(Penalised, DependentColumnsHaveASolutionWithSquares) {
  Records records = made(200, 4, 5, 5);
  for (std::size_t i = 0; i < records.rows; ++i) records.x[3 * records.rows + i] = records.x[2 * records.rows + i];
  const std::vector<double> none(4, 0), ridge{0, 1, 1, 1};
  const Opened got = fitted(GetParam(), records, none, ridge, 8);
  EXPECT_FALSE(got.singular);
  EXPECT_NEAR(got.coefficients[2], got.coefficients[3], 1e-9);
  EXPECT_TRUE(fitted(GetParam(), records, none, none, 8).singular);
}

INSTANTIATE_TEST_SUITE_P(Protocols, Penalised, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
