// Newton's method in the clear, on sums that are opened step by step, and the matrices it needs.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace cohortium::statistics {

inline constexpr std::size_t most_newton_steps = 30;

// The inverse of a positive definite matrix, row after row; nothing where it is none.
std::optional<std::vector<double>> inverse_of(std::vector<double> matrix, std::size_t columns);
std::vector<double> times(const std::vector<double>& matrix, const std::vector<double>& x);

struct NewtonPoint {
  std::vector<double> score, information;
  double likelihood = 0;
};
enum class NewtonOutcome { kConverged, kSingular, kTooFar, kNotConverged };
struct NewtonFit {
  NewtonOutcome outcome = NewtonOutcome::kNotConverged;
  std::vector<double> beta, information;  // where the last point was taken
  double likelihood = 0, null_likelihood = 0;
  std::size_t steps = 0;  // points taken
};
// From 0, with halved steps where the likelihood falls, until no coefficient moves by 1e-9; at points whose coefficients have
// absolute values that add up to no more than `reach`, and at no more than `most` of them.
NewtonFit newton(std::size_t columns, double reach, std::size_t most,
                 const std::function<NewtonPoint(const std::vector<double>& beta)>& evaluate);

}  // namespace cohortium::statistics
