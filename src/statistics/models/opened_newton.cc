#include "statistics/models/opened_newton.h"

#include <algorithm>
#include <cmath>

namespace cohortium::statistics {

using Vector = std::vector<double>;

std::optional<Vector> inverse_of(Vector a, std::size_t d) {
  Vector inverse(d * d, 0);
  for (std::size_t i = 0; i < d; ++i) inverse[i * d + i] = 1;
  const Vector original = a;
  for (std::size_t i = 0; i < d; ++i) {
    const double pivot = a[i * d + i];
    if (!(pivot > 1e-9 * original[i * d + i]) || !std::isfinite(pivot)) return std::nullopt;
    for (std::size_t k = 0; k < d; ++k) a[i * d + k] /= pivot, inverse[i * d + k] /= pivot;
    for (std::size_t row = 0; row < d; ++row) {
      const double factor = a[row * d + i];
      if (row == i) continue;
      for (std::size_t k = 0; k < d; ++k) {
        a[row * d + k] -= factor * a[i * d + k];
        inverse[row * d + k] -= factor * inverse[i * d + k];
      }
    }
  }
  return inverse;
}

Vector times(const Vector& matrix, const Vector& x) {
  Vector result(x.size(), 0);
  for (std::size_t i = 0; i < matrix.size(); ++i) result[i / x.size()] += matrix[i] * x[i % x.size()];
  return result;
}

NewtonFit newton(std::size_t d, double reach, std::size_t most,
                 const std::function<NewtonPoint(const Vector& beta)>& evaluate) {
  NewtonFit fit{.beta = Vector(d), .information = Vector(d * d)};
  Vector best(d), at(d);
  double best_likelihood = 0;
  for (std::size_t step = 0; step < most; ++step) {
    const NewtonPoint point = evaluate(at);
    if (step == 0) fit.null_likelihood = point.likelihood;
    fit.steps = step + 1;
    fit.likelihood = point.likelihood;
    fit.information = point.information;
    fit.beta = at;
    if (step > 0 && !(point.likelihood > best_likelihood - 1e-9 * std::abs(best_likelihood))) {
      for (std::size_t j = 0; j < d; ++j) at[j] = (at[j] + best[j]) / 2;
      continue;
    }
    const auto inverse = inverse_of(fit.information, d);
    if (!inverse) {
      fit.outcome = NewtonOutcome::kSingular;
      return fit;
    }
    best = at;
    best_likelihood = point.likelihood;
    const Vector move = times(*inverse, point.score);
    double largest = 0, sum = 0;
    for (std::size_t j = 0; j < d; ++j) {
      largest = std::max(largest, std::abs(move[j]));
      sum += std::abs(at[j] + move[j]);
    }
    if (largest < 1e-9) {
      fit.outcome = NewtonOutcome::kConverged;
      return fit;
    }
    if (!(sum <= reach)) {
      fit.outcome = NewtonOutcome::kTooFar;
      return fit;
    }
    for (std::size_t j = 0; j < d; ++j) at[j] += move[j];
  }
  return fit;
}

}  // namespace cohortium::statistics
