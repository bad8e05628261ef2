// Small dense linear algebra on secret symmetric positive definite matrices, in Z_2^128 fixed point.
//
// Every function first scales the matrix by secret powers of two, A' = T A T, so that its diagonal lies in [1/4, 1); all
// work is done on A' with 48 fraction bits.
//
// Domain     A symmetric, d <= 64 rows, elements with domain.fraction_bits fraction bits; as ring integers 0 <= a_ii <
//            2^diagonal_bits, 1 <= diagonal_bits <= 62, and a_ij^2 <= a_ii a_jj, as X'WX has it. Products t_i b_i of
//            the right-hand sides with the scaling (t_i^2 a_ii < 2^diagonal_bits) below 2^right_bits, right_bits <= 100.
//            Solutions below 2^62 as ring integers
// Singular   pivots are compared with the public threshold 2^-pivot_bits; the outcome, "some pivot was smaller", is one
//            SHARED bit, and everything else is computed all the same. Where it is 1, results mean nothing; an
//            indefinite matrix, a zero row and linearly dependent columns all come out as 1. Nothing is opened
// Error      with k the condition number of A': as if each element of A' had been changed by at most (d + 4) 2^-46, so
//            the solution is off by about k d (d + 4) 2^-46 of its size, as long as this is well below 1; and by 2
//            units in the last place. Pivots down to 2^-pivot_bits allow k up to about 2^pivot_bits; <= 24 is checked
// Rounds     solve, inverse: about 30 + 33 d (few-rounds kernels); factorise: the same
// Method     Gauss-Jordan elimination without pivoting (positive definite matrices need none): per column one reciprocal
//            of the pivot, one column of multipliers and one update by an outer product, all right-hand sides included
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

// Row-major.
struct SharedMatrix {
  Shared<u128> elements;
  std::size_t rows = 0, columns = 0;
};

SharedMatrix transpose(const SharedMatrix& a);  // local
// Elements with `drop` fraction bits too many lose them: 1 unit of error. drop = 0: exact.
SharedMatrix product(Engine& engine, const SharedMatrix& a, const SharedMatrix& b, int drop);

struct PositiveDefiniteDomain {
  int diagonal_bits = 0;
  int fraction_bits = 0;
  int pivot_bits = 24;
};
struct RightSide {
  int fraction_bits = 0;  // of b
  int right_bits = 0;     // see Domain
  int solution_bits = 0;  // fraction bits of the solution
};

struct Solution {
  SharedMatrix x;
  SharedBits singular;  // one bit
};
// A x = b, for every column of b.
Solution solve(Engine& engine, const SharedMatrix& a, const SharedMatrix& b, const PositiveDefiniteDomain& domain,
               const RightSide& right);
// A^-1 with solution_bits fraction bits.
Solution inverse(Engine& engine, const SharedMatrix& a, const PositiveDefiniteDomain& domain, int solution_bits);

// T A T = L D L' with L unit lower triangular (48 fraction bits) and D the pivots.
struct Factors {
  SharedMatrix lower;
  Shared<u128> pivots;   // 48 fraction bits
  Shared<u128> scaling;  // t_i = 2^s_i: T = diag(t_i) / 2^((diagonal_bits - fraction_bits) / 2)
  SharedBits singular;
};
Factors factorise(Engine& engine, const SharedMatrix& a, const PositiveDefiniteDomain& domain);

inline constexpr int matrix_fraction_bits = 48;

}  // namespace cohortium::oblivious
