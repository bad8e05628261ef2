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

// Each row's hazard e^(x beta + offset) times its weight.
inline std::vector<double> plain_risks(const PlainSurvival& p, const std::vector<double>& beta) {
  std::vector<double> risk(p.rows());
  for (std::size_t i = 0; i < p.rows(); ++i) {
    double eta = p.offset[i];
    for (std::size_t j = 0; j < p.columns; ++j) eta += beta[j] * p.x[i * p.columns + j];
    risk[i] = p.weight[i] * std::exp(eta);
  }
  return risk;
}

// One term of the likelihood: an event, the part of the tied events that has left, its weight, and those at risk.
struct PlainTerm {
  std::size_t event = 0;
  double part = 0, weight = 0, tied = 0;
  PlainSums at_risk;  // with `part` of the tied events taken off
};

inline bool plain_tied(const PlainSurvival& p, std::size_t i, std::size_t e) {
  return p.event[i] && p.time[i] == p.time[e] && p.stratum[i] == p.stratum[e];
}
inline bool plain_at_risk(const PlainSurvival& p, std::size_t i, std::size_t e) {
  return p.stratum[i] == p.stratum[e] && p.time[i] >= p.time[e] && p.entry[i] < p.time[e];
}

inline std::vector<PlainTerm> plain_terms(const PlainSurvival& p, const std::vector<double>& risk, bool efron) {
  std::vector<PlainTerm> terms;
  for (std::size_t e = 0; e < p.rows(); ++e) {
    if (!p.event[e]) continue;
    double count = 0, weight = 0, before = 0;
    for (std::size_t i = 0; i < p.rows(); ++i) {
      if (!plain_tied(p, i, e)) continue;
      count += 1;
      weight += p.weight[i];
      before += i < e;
    }
    PlainTerm term{.event = e,
                   .part = efron ? before / count : 0,
                   .weight = weight / count,
                   .tied = count,
                   .at_risk = plain_sums(p, risk, [&](std::size_t i) { return plain_at_risk(p, i, e); })};
    const PlainSums leaving = plain_sums(p, risk, [&](std::size_t i) { return plain_tied(p, i, e); });
    term.at_risk.s0 -= term.part * leaving.s0;
    for (std::size_t j = 0; j < leaving.s1.size(); ++j) term.at_risk.s1[j] -= term.part * leaving.s1[j];
    for (std::size_t j = 0; j < leaving.s2.size(); ++j) term.at_risk.s2[j] -= term.part * leaving.s2[j];
    terms.push_back(std::move(term));
  }
  return terms;
}

// Each row's part of the score, row after row.
inline std::vector<double> plain_score_residuals(const PlainSurvival& p, const std::vector<double>& beta, bool efron) {
  const std::size_t d = p.columns;
  const auto risk = plain_risks(p, beta);
  std::vector<double> scores(p.rows() * d);
  for (const PlainTerm& term : plain_terms(p, risk, efron)) {
    for (std::size_t i = 0; i < p.rows(); ++i) {
      const bool tied = plain_tied(p, i, term.event);
      const double absent = tied ? term.part : 0;
      const double expected =
          plain_at_risk(p, i, term.event) ? risk[i] * (1 - absent) * term.weight / term.at_risk.s0 : 0;
      const double happened = tied ? p.weight[i] / term.tied : 0;
      for (std::size_t j = 0; j < d; ++j)
        scores[i * d + j] += (happened - expected) * (p.x[i * d + j] - term.at_risk.s1[j] / term.at_risk.s0);
    }
  }
  return scores;
}

inline PlainLikelihood plain_likelihood(const PlainSurvival& p, const std::vector<double>& beta, bool efron) {
  const std::size_t d = p.columns;
  const auto risk = plain_risks(p, beta);
  PlainLikelihood result{.value = 0, .gradient = std::vector<double>(d), .information = std::vector<double>(d * d)};
  for (const PlainTerm& term : plain_terms(p, risk, efron)) {
    const std::size_t e = term.event;
    const auto& [s0, s1, s2] = term.at_risk;
    result.value += p.weight[e] * std::log(risk[e] / p.weight[e]) - term.weight * std::log(s0);
    for (std::size_t j = 0; j < d; ++j) {
      result.gradient[j] += p.weight[e] * p.x[e * d + j] - term.weight * s1[j] / s0;
      for (std::size_t k = 0; k < d; ++k)
        result.information[j * d + k] += term.weight * (s2[j * d + k] / s0 - s1[j] / s0 * s1[k] / s0);
    }
  }
  return result;
}

}  // namespace cohortium::oblivious
