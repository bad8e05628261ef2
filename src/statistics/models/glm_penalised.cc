// Penalised models whose steps are opened: Newton's method on sums at public coefficients, each step's quadratic problem solved
// by coordinate descent, and by a linear system of the columns that are not 0 once their signs stand.
// Source     Friedman, Hastie, Tibshirani, Journal of Statistical Software 2010
#include <algorithm>
#include <cmath>

#include "statistics/models/glm_walk.h"
#include "statistics/models/least_squares.h"

namespace cohortium::statistics {
namespace {

constexpr int most_sweeps = 2000, most_halvings = 10, most_polish = 8;
constexpr double close_objective = 1e-10, close_estimates = 1e-27;

// b'Ab / 2 - q'b + sum of lasso |b|, with the ridge in A.
struct Quadratic {
  std::vector<long double> a, q;
  std::vector<double> lasso;

  std::size_t size() const { return q.size(); }
  long double slope(const std::vector<double>& b, std::size_t j) const {
    long double sum = q[j];
    for (std::size_t k = 0; k < size(); ++k) sum -= a[j * size() + k] * b[k];
    return sum;
  }
  void descend(std::vector<double>& b) const {
    for (int sweep = 0; sweep < most_sweeps; ++sweep) {
      double moved = 0;
      for (std::size_t j = 0; j < size(); ++j) {
        const long double curve = a[j * size() + j];
        if (!(curve > 0)) continue;
        const long double target = slope(b, j) + curve * b[j], over = std::max(std::abs(target) - lasso[j], 0.0L);
        const auto next = static_cast<double>(std::copysign(over, target) / curve);
        moved = std::max(moved, std::abs(next - b[j]));
        b[j] = next == 0 ? 0 : next;
      }
      if (moved < 1e-15) return;
    }
  }
  // Solves for the columns that are not 0; kept where no sign changes.
  void solve_active(std::vector<double>& b) const {
    std::vector<long double> matrix(a.size()), right(size());
    for (std::size_t j = 0; j < size(); ++j) {
      if (b[j] == 0) continue;
      right[j] = q[j] - std::copysign(lasso[j], b[j]);
      for (std::size_t k = 0; k < size(); ++k) matrix[j * size() + k] = b[k] == 0 ? 0 : a[j * size() + k];
    }
    const SymmetricSolution solution = solve_symmetric(matrix, right, 0, 1e-18L);
    for (std::size_t j = 0; j < size(); ++j) {
      const auto value = static_cast<double>(solution.x[j]);
      if (b[j] != 0 && (solution.left_out[j] || (lasso[j] > 0 && value * b[j] <= 0))) return;
    }
    for (std::size_t j = 0; j < size(); ++j) b[j] = b[j] == 0 ? 0 : static_cast<double>(solution.x[j]);
  }
};

}  // namespace

void GlmWalk::find_penalised(Progress& progress, Point& point) const {
  const std::vector<double> lasso = model_.scaled_lasso(), ridge = model_.scaled_ridge();
  const auto objective = [&](const Point& at) {
    double sum = at.deviance / 2;
    for (std::size_t j = 0; j < columns_; ++j) {
      const double b = at.state[2 + j];
      sum += ridge[j] * b * b / 2 + lasso[j] * std::abs(b);
    }
    return sum;
  };
  std::vector<double> state(state_size());
  state[0] = kFamily;
  point = visit(progress, state);
  bool close = false;
  for (int iteration = 0, polish = 0; usable(point); ++iteration) {
    Quadratic model{.a = information(point.sums), .q = std::vector<long double>(columns_), .lasso = lasso};
    std::vector<double> b(point.state.begin() + 2, point.state.end());
    for (std::size_t j = 0; j < columns_; ++j) {
      model.q[j] = score(point.sums)[j];
      for (std::size_t k = 0; k < columns_; ++k) model.q[j] += model.a[j * columns_ + k] * b[k];
    }
    for (std::size_t j = 0; j < columns_; ++j) model.a[j * columns_ + j] += ridge[j];
    std::vector<double> target = b;
    model.descend(target);
    model.solve_active(target);
    long double decrement = 0;
    progress.largest_move = 0;
    for (std::size_t j = 0; j < columns_; ++j) {
      progress.largest_move = std::max(progress.largest_move, std::abs(target[j] - b[j]));
      for (std::size_t k = 0; k < columns_; ++k)
        decrement += model.a[j * columns_ + k] * (target[j] - b[j]) * (target[k] - b[k]);
    }
    const double size = std::abs(objective(point)) + 0.1;
    if (close && (decrement < close_estimates * size || ++polish > most_polish)) return;
    if (!close && iteration >= most_iterations()) {
      progress.status = progress.largest_move > 1 ? kSeparated : kNotConverged;
      return;
    }
    std::copy(target.begin(), target.end(), state.begin() + 2);
    Point next = visit(progress, state);
    for (int halving = 0;
         halving < most_halvings && (!usable(next) || objective(next) > objective(point) + 1e-9 * size); ++halving) {
      for (std::size_t j = 0; j < columns_; ++j) state[2 + j] = (state[2 + j] + b[j]) / 2;
      next = visit(progress, state);
    }
    close = close || std::abs(objective(next) - objective(point)) < close_objective * size;
    point = std::move(next);
  }
  progress.status = kNoMean;
}

}  // namespace cohortium::statistics
