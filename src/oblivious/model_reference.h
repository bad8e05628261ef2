// Generalised linear models in double arithmetic, step for step what oblivious/generalised_linear.h does: for tests and
// benchmarks to compare with.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "oblivious/generalised_linear.h"

namespace cohortium::oblivious {

struct PlainModelRecords {
  std::vector<double> x;  // row after row, the first column ones
  std::vector<double> y, weight, offset;
  std::size_t rows = 0, columns = 0;
};

struct PlainModelFit {
  std::vector<double> coefficients, covariance;
  double deviance = 0, pearson = 0, theta = 0, twice_log_likelihood = 0;
};

using PlainMatrix = std::vector<std::vector<double>>;

// Solves in place of the last columns: a is d rows of d + m.
inline void plain_eliminate(PlainMatrix& a) {
  for (std::size_t j = 0; j < a.size(); ++j) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (i == j) continue;
      const double factor = a[i][j] / a[j][j];
      for (std::size_t k = j; k < a[i].size(); ++k) a[i][k] -= factor * a[j][k];
    }
  }
  for (std::size_t j = 0; j < a.size(); ++j) {
    for (std::size_t k = a.size(); k < a[j].size(); ++k) a[j][k] /= a[j][j];
  }
}

struct PlainWorking {
  double residual = 0, weight = 0, twice_log = 0;  // twice_log without functions of y alone
};

inline PlainWorking plain_working(Family family, double y, double eta, double theta) {
  switch (family) {
    case Family::kLogit: {
      const double p = 1 / (1 + std::exp(-eta));
      return {y - p, p * (1 - p), 2 * (y * eta - (std::max(eta, 0.0) + std::log1p(std::exp(-std::abs(eta)))))};
    }
    case Family::kProbit: {
      const auto tail = [](double x) { return 0.5 * std::erfc(x / std::sqrt(2.0)); };
      const double density = std::exp(-eta * eta / 2) / std::sqrt(8 * std::atan(1.0));
      return {y > 0.5 ? density / tail(-eta) : -density / tail(eta), density * density / tail(eta) / tail(-eta),
              2 * std::log(y > 0.5 ? tail(-eta) : tail(eta))};
    }
    case Family::kPoisson:
      return {y - std::exp(eta), std::exp(eta), 2 * (y * eta - std::exp(eta))};
    case Family::kGamma:
      return {y * std::exp(-eta) - 1, 1, -2 * (eta + y * std::exp(-eta) - 1)};
    case Family::kNegativeBinomial: {
      const double q = theta / (theta + std::exp(eta));
      return {y * q - theta * (1 - q), theta * (1 - q),
              2 * ((theta + y) * std::log(q) - y * std::log(theta) + y * eta + std::lgamma(theta + y) -
                   std::lgamma(theta))};
    }
    default:  // links of link_model.h: statistics/models/glm_hidden_test.cc compares them
      break;
  }
  return {};
}

// R's first step: working weight and z - offset of one row.
inline std::pair<double, double> plain_start(Family family, double y, double weight, double offset) {
  switch (family) {
    case Family::kLogit:
    case Family::kProbit: {
      const double p = (weight * y + 0.5) / (weight + 1);
      if (family == Family::kLogit) return {p * (1 - p), std::log(p / (1 - p)) + (y - p) / (p * (1 - p)) - offset};
      double eta = 0;  // the quantile, by Newton's method
      for (int i = 0; i < 60; ++i) {
        eta -= (0.5 * std::erfc(-eta / std::sqrt(2.0)) - p) * std::sqrt(8 * std::atan(1.0)) * std::exp(eta * eta / 2);
      }
      const double density = std::exp(-eta * eta / 2) / std::sqrt(8 * std::atan(1.0));
      return {density * density / (p * (1 - p)), eta + (y - p) / density - offset};
    }
    case Family::kGamma:
      return {1, std::log(y) - offset};
    case Family::kPoisson:
    case Family::kNegativeBinomial: {
      const double mu = family == Family::kPoisson ? y + 0.1 : y + (y == 0 ? 1.0 / 6 : 0);
      return {family == Family::kPoisson ? mu : mu / (1 + mu), std::log(mu) + (y - mu) / mu - offset};
    }
    default:
      break;
  }
  return {};
}

struct PlainStart {
  std::vector<double> information, right;
};

inline PlainStart plain_start(const PlainModelRecords& records, Family family) {
  const std::size_t d = records.columns;
  PlainStart start{std::vector<double>(d * d), std::vector<double>(d)};
  for (std::size_t i = 0; i < records.rows; ++i) {
    if (records.weight[i] == 0) continue;
    const auto [w, z] = plain_start(family, records.y[i], records.weight[i], records.offset[i]);
    const double* const x = records.x.data() + i * d;
    for (std::size_t j = 0; j < d; ++j) {
      for (std::size_t k = 0; k < d; ++k) start.information[j * d + k] += records.weight[i] * w * x[j] * x[k];
      start.right[j] += records.weight[i] * w * x[j] * z;
    }
  }
  return start;
}

// theta stays 1 where `fit_theta` is not set.
inline PlainModelFit plain_fit(const PlainModelRecords& records, Family family, int steps, int largest_outcome) {
  const std::size_t d = records.columns;
  const PlainStart start = plain_start(records, family);
  PlainMatrix first(d, std::vector<double>(d + 1));
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t k = 0; k < d; ++k) first[j][k] = start.information[j * d + k];
    first[j][d] = start.right[j];
  }
  plain_eliminate(first);
  PlainModelFit fit;
  for (std::size_t j = 0; j < d; ++j) fit.coefficients.push_back(first[j][d]);
  double log_theta = 0;
  for (int step = 0; step < steps; ++step) {
    const double theta = std::exp(log_theta);
    PlainMatrix system(d, std::vector<double>(2 * d + 1));
    double twice_log = 0, score = 0, information = 0, pearson = 0;
    for (std::size_t i = 0; i < records.rows; ++i) {
      const double weight = records.weight[i], y = records.y[i];
      if (weight == 0) continue;
      const double* const x = records.x.data() + i * d;
      double eta = records.offset[i];
      for (std::size_t j = 0; j < d; ++j) eta += x[j] * fit.coefficients[j];
      const PlainWorking row = plain_working(family, y, eta, theta);
      twice_log += weight * row.twice_log;
      pearson += weight * row.residual * row.residual;
      for (std::size_t j = 0; j < d; ++j) {
        for (std::size_t k = 0; k < d; ++k) system[j][k] += weight * row.weight * x[j] * x[k];
        system[j][d] += weight * row.residual * x[j];
      }
      const double q = theta / (theta + std::exp(eta));
      score += weight * (theta * (std::log(q) + 1 - q) - q * y);
      information -= weight * (theta * (1 - q) * (1 - q) + q * q * y);
      for (int j = 0; j < largest_outcome && y > j; ++j) {
        score += weight * theta / (theta + j);
        information += weight * theta / (theta + j) * theta / (theta + j);
      }
    }
    for (std::size_t j = 0; j < d; ++j) system[j][d + 1 + j] = 1;
    plain_eliminate(system);
    fit.covariance.clear();
    for (std::size_t j = 0; j < d; ++j) {
      fit.coefficients[j] += system[j][d];
      fit.covariance.insert(fit.covariance.end(), system[j].begin() + d + 1, system[j].end());
    }
    fit.deviance = -twice_log;
    fit.twice_log_likelihood = twice_log;
    fit.pearson = pearson;
    log_theta += std::clamp(score / std::abs(information - score), -1.0, 1.0);
    fit.theta = std::exp(log_theta);
  }
  return fit;
}

}  // namespace cohortium::oblivious
