#include "statistics/models/least_squares.h"

namespace cohortium::statistics {

SymmetricSolution solve_symmetric(std::span<const long double> matrix, std::span<const long double> right,
                                  long double total, long double tolerance) {
  const std::size_t n = right.size(), width = n + 1;
  std::vector<long double> a(width * width);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) a[i * width + j] = matrix[i * n + j];
    a[i * width + n] = a[n * width + i] = right[i];
  }
  a[n * width + n] = total;
  SymmetricSolution solution{.x = std::vector<long double>(n),
                             .inverse = std::vector<long double>(n * n),
                             .left_out = std::vector<bool>(n, false),
                             .explained = std::vector<long double>(n)};
  for (std::size_t k = 0; k < n; ++k) {
    const long double pivot = a[k * width + k], diagonal = matrix[k * n + k];
    if (!(pivot > tolerance * diagonal) || !(diagonal > 0)) {
      solution.left_out[k] = true;
      continue;
    }
    ++solution.rank;
    const long double before = a[n * width + n];
    for (std::size_t i = 0; i < width; ++i) {
      if (i == k) continue;
      const long double factor = a[i * width + k] / pivot;
      for (std::size_t j = 0; j < width; ++j) {
        if (j != k) a[i * width + j] -= factor * a[k * width + j];
      }
    }
    for (std::size_t i = 0; i < width; ++i) {
      if (i == k) continue;
      a[i * width + k] = -a[i * width + k] / pivot;
      a[k * width + i] = a[k * width + i] / pivot;
    }
    a[k * width + k] = 1 / pivot;
    solution.explained[k] = before - a[n * width + n];
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (solution.left_out[i]) continue;
    solution.x[i] = a[i * width + n];
    for (std::size_t j = 0; j < n; ++j) {
      if (!solution.left_out[j]) solution.inverse[i * n + j] = a[i * width + j];
    }
  }
  solution.rest = a[n * width + n];
  return solution;
}

}  // namespace cohortium::statistics
