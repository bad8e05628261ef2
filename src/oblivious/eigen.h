// Eigenvalues and eigenvectors of small symmetric secret matrices, in Z_2^128 fixed point.
//
// Domain     A symmetric, 1 <= d <= 32 rows, 40 fraction bits, Frobenius norm below 1/2: the caller scales
// Result     A = V diag(values) V', V orthogonal, 40 fraction bits; in no order
// Error      V'V = 1 and A V = V diag(values), each element within d^2 2^-34, after enough sweeps: off-diagonal elements
//            shrink quadratically, and 8 sweeps (the default) leave less than that in every matrix of the tests, d = 32 among them; the
//            number of sweeps is public and fixed, so convergence is not tested and nothing about A is revealed
// Rounds     per sweep d - 1 steps (d where d is odd) of about 130 (few-rounds kernels)
// Method     Jacobi's rotations in the order of a round-robin tournament: each step rotates d / 2 disjoint pairs at once.
//            tan(angle) = 2 a_pq sign(h) / (|h| + sqrt(h^2 + 4 a_pq^2)), h = a_qq - a_pp, needs few digits; its cosine
//            1 / sqrt(1 + tan^2) has all, so that every rotation is orthogonal whatever its angle
// Source     Golub and Van Loan, Matrix Computations, 8.5
#pragma once

#include "oblivious/linear_algebra.h"

namespace cohortium::oblivious {

inline constexpr int eigen_fraction_bits = 40;

struct Eigen {
  Shared<u128> values;
  SharedMatrix vectors;  // column j belongs to value j
};
Eigen eigen_decomposition(Engine& engine, const SharedMatrix& a, int sweeps = 8);

}  // namespace cohortium::oblivious
