// The steps of a generalised linear model that is fitted in the open: what sites answer at public coefficients, and where
// the fit goes from the sums over all sites. No shares here: glm_opened.cc carries the sums.
//
// Convergence is R's (relative change of the deviance below 1e-8, 25 steps); a few steps more bring the estimates to the
// last digits.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "statistics/models/glm.h"

namespace cohortium::statistics {

struct GlmTotals {
  double weight = 0, outcome = 0;  // sums of weights, of weighted outcomes
};

// Where a walk ended: what the analyst gets, and the parties agree on.
struct GlmSteps {
  enum Field : std::size_t { kStatus, kCount, kNullDeviance, kLargestMove, kFields };
  std::vector<double> state = {};        // of the last question
  std::vector<long double> answer = {};  // to it
  std::vector<double> fields = {};
};

class GlmWalk {
 public:
  using Ask = std::function<std::vector<long double>(std::span<const double> state)>;

  explicit GlmWalk(const GlmModel& model);
  std::size_t state_size() const { return 2 + columns_; }
  std::size_t answer_size() const { return columns_ * (columns_ + 1) / 2 + columns_ + kExtras; }
  std::size_t most_steps() const;

  // A site's part of the sums. All of them NaN where the coefficients give some row no mean. Fails with study.bad_step.
  std::vector<long double> answer(const data::Table& table, std::span<const double> state) const;
  GlmSteps run(const GlmTotals& totals, const Ask& ask) const;
  // Nothing where there is no solution; then `note` says why. n, weight and constant are left to the caller.
  std::optional<GlmFit> fit(const GlmSteps& steps, std::string& note) const;

 private:
  enum Phase { kStart, kFamily, kPoisson };
  enum Status { kConverged, kSeparated, kSingular, kNotConverged, kNoMean, kNobody, kNoOverdispersion };
  enum Extra : std::size_t { kDeviance, kPearson, kLikelihood, kThetaScore, kThetaInformation, kMoment, kExtras };
  struct Point {
    std::vector<double> state;
    std::vector<long double> sums;
    double deviance = 0;
  };
  struct Move {
    std::vector<double> by;
    double decrement = 0, largest = 0;
    bool singular = false;
  };
  struct Progress {
    const Ask& ask;
    Status status = kConverged;
    std::size_t count = 0;
    double largest_move = 0;
  };

  // Of steps until convergence; some more follow.
  int most_iterations() const { return model_.steps > 0 ? static_cast<int>(model_.steps) : 25; }
  const Family& family_in(Phase phase) const { return phase == kPoisson ? poisson_ : model_.family; }
  bool add_row(const GlmRow& row, Phase phase, std::span<const double> state, std::vector<long double>& sums) const;
  void add_extras(const GlmRow& row, const Family& family, double mean, double theta, long double* extras) const;
  long double extra(const std::vector<long double>& sums, Extra which) const;
  std::vector<long double> information(const std::vector<long double>& sums) const;  // square
  std::span<const long double> score(const std::vector<long double>& sums) const;
  bool usable(const Point& point) const;
  Point visit(Progress& progress, std::vector<double> state) const;
  Move move_from(const Point& point, const std::vector<bool>& left_out) const;
  std::vector<bool> begin(Progress& progress, Phase phase, Point& point) const;
  void iterate(Progress& progress, Point& point, const std::vector<bool>& left_out) const;
  void find_theta(Progress& progress, Point& point, const std::vector<bool>& left_out) const;
  // With penalties, from 0 (glm_penalised.cc).
  void find_penalised(Progress& progress, Point& point) const;
  double null_deviance(Progress& progress, const GlmTotals& totals, double theta) const;

  const GlmModel& model_;
  Family poisson_;
  std::size_t columns_;
};

}  // namespace cohortium::statistics
