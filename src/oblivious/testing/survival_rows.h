// Made survival records, in the clear and as shared rows, for tests of Cox regression.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "oblivious/cox_reference.h"
#include "oblivious/cox_regression.h"
#include "oblivious/fixed_point.h"
#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {

inline constexpr int time_bits = 8, weight_bits = 36;

struct Shape {
  std::size_t rows = 60, columns = 3;
  int times = 20, strata = 1;
  bool entries = false, weights = false, offsets = false;
};

inline PlainSurvival made(const Shape& shape, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  PlainSurvival p{.columns = shape.columns};
  for (std::size_t i = 0; i < shape.rows; ++i) {
    double eta = 0;
    for (std::size_t j = 0; j < shape.columns; ++j) {
      p.x.push_back(std::ldexp(
          std::round(std::ldexp(j == 1 ? std::round(uniform(random)) : std::clamp(normal(random) / 4, -1.0, 1.0), 20)),
          -20));
      eta += p.x.back() * (j % 2 == 0 ? 1.5 : -0.7);
    }
    const double time =
        1 + std::floor(std::min(-std::log(uniform(random)) * std::exp(-eta) * shape.times / 3, shape.times - 1.0));
    p.time.push_back(time);
    p.entry.push_back(shape.entries ? std::floor(uniform(random) * time) : -1);
    p.event.push_back(uniform(random) < 0.7);
    p.weight.push_back(shape.weights ? std::ldexp(std::round(std::ldexp(0.5 + uniform(random), 20)), -20) : 1);
    p.offset.push_back(shape.offsets ? std::ldexp(std::round(std::ldexp(uniform(random), 20)), -20) : 0);
    p.stratum.push_back(static_cast<int>(i) % shape.strata);
  }
  return p;
}

// The rows as shares: with `spare` rows of zeros behind them, and each row's entry as a row of its own.
inline SurvivalRows shared(Engine& engine, const PlainSurvival& p, const Shape& shape, const Shared<u128>& covariates,
                           std::size_t spare) {
  const std::size_t n = p.rows() + spare, copies = shape.entries ? 2 : 1, d = p.columns;
  std::vector<u64> key, event;
  std::vector<u128> weight, offset, stratum;
  const int stratum_bits = 3;
  for (std::size_t i = 0; i < n * copies; ++i) {
    const std::size_t row = i % n;
    const bool real = row < p.rows(), entry = i >= n;
    const double time = !real ? 0 : entry ? p.entry[row] : p.time[row];
    key.push_back(real ? (static_cast<u64>(p.stratum[row]) << time_bits) + 255 - static_cast<u64>(time)
                       : u64{1} << (time_bits + stratum_bits));
    event.push_back(real && !entry && p.event[row]);
    const double w = real ? (entry ? -p.weight[row] : p.weight[row]) : 0;
    weight.push_back(mpc::encode_fixed<u128>(w, shape.weights ? weight_bits : 0));
    offset.push_back(real ? mpc::encode_fixed<u128>(p.offset[row], predictor_fraction_bits) : 0);
  }
  for (int s = 0; s < shape.strata; ++s) {
    for (std::size_t i = 0; i < n * copies; ++i) stratum.push_back(i % n < p.rows() && p.stratum[i % n] == s);
  }
  SurvivalRows rows{.rows = n * copies, .columns = d, .strata = static_cast<std::size_t>(shape.strata)};
  rows.key = input(engine, key);
  rows.key_bits = time_bits + stratum_bits + 1;
  rows.event = engine.is_zero(mpc::subtract(constant_fill(engine, key.size(), u64{1}), input(engine, event)), 1);
  rows.covariates = covariates;
  if (copies == 2) {
    std::vector<Shared<u128>> columns;
    for (std::size_t j = 0; j < d; ++j) columns.insert(columns.end(), 2, mpc::slice(covariates, j * n, n));
    rows.covariates = mpc::concatenate(std::span<const Shared<u128>>(columns));
  }
  rows.weight = input(engine, weight);
  rows.weight_fraction_bits = shape.weights ? weight_bits : 0;
  if (shape.offsets) rows.offset = input(engine, offset);
  if (shape.strata > 1) rows.stratum = input(engine, stratum);
  return rows;
}

inline std::vector<u128> columns_of(const PlainSurvival& p, std::size_t spare, int bits) {
  std::vector<u128> all;
  for (std::size_t j = 0; j < p.columns; ++j) {
    for (std::size_t i = 0; i < p.rows() + spare; ++i)
      all.push_back(i < p.rows() ? mpc::encode_fixed<u128>(p.x[i * p.columns + j], bits) : 0);
  }
  return all;
}

// Every protocol with either way to take ties, and their name.
inline auto protocols_and_ties() {
  return testing::Combine(testing::Values("plaintext", "replicated3"), testing::Values(Ties::kBreslow, Ties::kEfron));
}
inline std::string protocol_and_ties_name(const testing::TestParamInfo<std::tuple<const char*, Ties>>& instance) {
  return std::string(std::get<0>(instance.param)) + (std::get<1>(instance.param) == Ties::kEfron ? "Efron" : "Breslow");
}

}  // namespace cohortium::oblivious
