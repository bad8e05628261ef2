// Cox regression in double arithmetic, straight from the definition: what tests compare the secret one with.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace cohortium::oblivious {

struct PlainSurvival {
  std::size_t columns = 0;
  std::vector<double> entry = {}, time = {}, weight = {}, offset = {};
  std::vector<int> event = {}, stratum = {};
  std::vector<double> x = {};  // row after row
  std::size_t rows() const { return time.size(); }
};

struct PlainLikelihood {
  double value = 0;
  std::vector<double> gradient, information;
};

// The sums over rows that `at_risk` selects: S0, S1, S2.
struct PlainSums {
  double s0 = 0;
  std::vector<double> s1, s2;
};

template <class Selected>
PlainSums plain_sums(const PlainSurvival& p, const std::vector<double>& risk, const Selected& selected) {
  const std::size_t d = p.columns;
  PlainSums sums{.s0 = 0, .s1 = std::vector<double>(d), .s2 = std::vector<double>(d * d)};
  for (std::size_t i = 0; i < p.rows(); ++i) {
    if (!selected(i)) continue;
    sums.s0 += risk[i];
    for (std::size_t j = 0; j < d; ++j) {
      sums.s1[j] += risk[i] * p.x[i * d + j];
      for (std::size_t k = 0; k < d; ++k) sums.s2[j * d + k] += risk[i] * p.x[i * d + j] * p.x[i * d + k];
    }
  }
  return sums;
}

inline PlainLikelihood plain_likelihood(const PlainSurvival& p, const std::vector<double>& beta, bool efron) {
  const std::size_t d = p.columns;
  std::vector<double> eta(p.offset), risk(p.rows());
  for (std::size_t i = 0; i < p.rows(); ++i) {
    for (std::size_t j = 0; j < d; ++j) eta[i] += beta[j] * p.x[i * d + j];
    risk[i] = p.weight[i] * std::exp(eta[i]);
  }
  PlainLikelihood result{.value = 0, .gradient = std::vector<double>(d), .information = std::vector<double>(d * d)};
  for (std::size_t e = 0; e < p.rows(); ++e) {
    if (!p.event[e]) continue;
    result.value += p.weight[e] * eta[e];
    for (std::size_t j = 0; j < d; ++j) result.gradient[j] += p.weight[e] * p.x[e * d + j];
    const auto tied = [&](std::size_t i) {
      return p.event[i] && p.time[i] == p.time[e] && p.stratum[i] == p.stratum[e];
    };
    double count = 0, weight = 0, before = 0;
    for (std::size_t i = 0; i < p.rows(); ++i) {
      if (!tied(i)) continue;
      count += 1;
      weight += p.weight[i];
      before += i < e;
    }
    const PlainSums all = plain_sums(p, risk, [&](std::size_t i) {
      return p.stratum[i] == p.stratum[e] && p.time[i] >= p.time[e] && p.entry[i] < p.time[e];
    });
    const PlainSums leaving = plain_sums(p, risk, tied);
    const double part = efron ? before / count : 0, w = weight / count;
    const double s0 = all.s0 - part * leaving.s0;
    result.value -= w * std::log(s0);
    for (std::size_t j = 0; j < d; ++j) {
      const double mean = (all.s1[j] - part * leaving.s1[j]) / s0;
      result.gradient[j] -= w * mean;
      for (std::size_t k = 0; k < d; ++k) {
        const double other = (all.s1[k] - part * leaving.s1[k]) / s0;
        result.information[j * d + k] += w * ((all.s2[j * d + k] - part * leaving.s2[j * d + k]) / s0 - mean * other);
      }
    }
  }
  return result;
}

}  // namespace cohortium::oblivious
