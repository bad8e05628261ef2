// Symmetric equations A x = b in the clear, in long double, with R's treatment of columns that follow from the others.
//
// Columns are taken in their order; one whose pivot falls below `tolerance` times its own diagonal is left out, as R's
// lm and glm do (their QR has a tolerance on norms: here it is on squares). Method: Gauss-Jordan in place.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace cohortium::statistics {

struct SymmetricSolution {
  std::vector<long double> x;        // 0 where left out
  std::vector<long double> inverse;  // row after row; 0 in rows and columns left out
  std::vector<bool> left_out;
  std::vector<long double> explained;  // by how much each column lowered `total`, in the order of columns
  long double rest = 0;                // what remains of `total`
  std::size_t rank = 0;
};

// `matrix` row after row, symmetric; `total` is b's own square (y'y), 0 where it is of no interest.
SymmetricSolution solve_symmetric(std::span<const long double> matrix, std::span<const long double> right,
                                  long double total, long double tolerance);

}  // namespace cohortium::statistics
