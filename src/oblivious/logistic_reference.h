// Logistic regression in double arithmetic, step for step what oblivious/logistic_regression.h does: for tests and
// benchmarks to compare with. And records to run it on.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace cohortium::oblivious {

struct PlainRecords {
  std::vector<double> x, y;  // x row-major, multiples of 2^-16
  std::size_t rows = 0, columns = 0;
};

// Columns in [-1, 1), the first all ones; y drawn by a model with coefficients between -1 and 1. The same everywhere.
inline PlainRecords made_records(std::size_t rows, std::size_t columns, unsigned seed) {
  std::mt19937_64 random(seed);
  PlainRecords records{
      .x = std::vector<double>(rows * columns), .y = std::vector<double>(rows), .rows = rows, .columns = columns};
  for (std::size_t i = 0; i < rows; ++i) {
    double predictor = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      const double value = j == 0 ? 1 : static_cast<double>(random() >> 47) / 65536 - 1;
      records.x[i * columns + j] = value;
      predictor += value * (static_cast<double>((7 * j + 3) % 11) / 5 - 1);
    }
    records.y[i] = static_cast<double>(random() >> 11) * 0x1p-53 < 1 / (1 + std::exp(-predictor)) ? 1 : 0;
  }
  return records;
}

inline double plain_logistic(double x) { return 1 / (1 + std::exp(-x)); }

inline double plain_logistic_pieces(double x) {
  const double size = std::abs(x);
  return 0.5 + std::copysign(7.0 / 32 * std::min(size, 1.625) + std::max(0.0, std::min(size, 3.6875) - 1.625) / 16, x);
}

inline std::vector<double> plain_predictors(const PlainRecords& records, const std::vector<double>& beta,
                                            std::size_t from, std::size_t count) {
  std::vector<double> result(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < records.columns; ++j) {
      result[i] += records.x[(from + i) * records.columns + j] * beta[j];
    }
  }
  return result;
}

inline std::vector<double> plain_epoch(const PlainRecords& records, std::size_t batch, double rate, bool exact) {
  std::vector<double> beta(records.columns);
  for (std::size_t from = 0; from + batch <= records.rows; from += batch) {
    const auto predictors = plain_predictors(records, beta, from, batch);
    std::vector<double> gradient(records.columns);
    for (std::size_t i = 0; i < batch; ++i) {
      const double p = exact ? plain_logistic(predictors[i]) : plain_logistic_pieces(predictors[i]);
      for (std::size_t j = 0; j < records.columns; ++j) {
        gradient[j] += (p - records.y[from + i]) * records.x[(from + i) * records.columns + j];
      }
    }
    for (std::size_t j = 0; j < records.columns; ++j) beta[j] -= rate / static_cast<double>(batch) * gradient[j];
  }
  return beta;
}

inline std::vector<double> plain_newton(const PlainRecords& records, int steps) {
  const std::size_t d = records.columns;
  std::vector<double> beta(d);
  for (int step = 0; step < steps; ++step) {
    const auto predictors = plain_predictors(records, beta, 0, records.rows);
    std::vector<std::vector<double>> system(d, std::vector<double>(d + 1));  // information and gradient
    for (std::size_t i = 0; i < records.rows; ++i) {
      const double p = plain_logistic(predictors[i]);
      const double* row = records.x.data() + i * d;
      for (std::size_t j = 0; j < d; ++j) {
        for (std::size_t k = 0; k < d; ++k) system[j][k] += p * (1 - p) * row[j] * row[k];
        system[j][d] += (records.y[i] - p) * row[j];
      }
    }
    for (std::size_t j = 0; j < d; ++j) {  // positive definite: no pivoting
      for (std::size_t i = 0; i < d; ++i) {
        if (i == j) continue;
        const double factor = system[i][j] / system[j][j];
        for (std::size_t k = j; k <= d; ++k) system[i][k] -= factor * system[j][k];
      }
    }
    for (std::size_t j = 0; j < d; ++j) beta[j] += system[j][d] / system[j][j];
  }
  return beta;
}

// x and y as ring elements.
inline std::pair<std::vector<std::uint64_t>, std::vector<std::uint64_t>> record_words(const PlainRecords& records) {
  std::vector<std::uint64_t> x, y;
  for (double value : records.x) x.push_back(static_cast<std::uint64_t>(static_cast<std::int64_t>(value * 65536)));
  for (double value : records.y) y.push_back(static_cast<std::uint64_t>(value));
  return {std::move(x), std::move(y)};
}

}  // namespace cohortium::oblivious
