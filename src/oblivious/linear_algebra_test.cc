// Linear systems, inverses and factors of secret matrices against long double arithmetic, well and badly conditioned,
// and singular ones, which must be told apart by the shared bit alone.
#include "oblivious/linear_algebra.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <utility>

#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {
namespace {

using Matrix = std::vector<std::vector<long double>>;
constexpr int a_bits = 30;

// X'X of n random rows in [-1, 1]^d, whose columns differ in scale by powers of ten, plus `ridge` on the diagonal.
Matrix information(std::size_t d, std::size_t n, long double ridge, unsigned seed) {
  std::mt19937_64 random(seed);
  Matrix x(n, std::vector<long double>(d)), a(d, std::vector<long double>(d));
  for (auto& row : x) {
    for (std::size_t j = 0; j < d; ++j) {
      const auto uniform = std::ldexp(static_cast<long double>(random() >> 11), -52) - 1;
      row[j] = uniform * std::pow(10.0L, static_cast<long double>(j % 3) - 1);
    }
  }
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) {
      for (const auto& row : x) a[i][j] += row[i] * row[j];
    }
    a[i][i] += ridge;
    for (std::size_t j = 0; j < d; ++j) a[i][j] = std::round(std::ldexp(a[i][j], a_bits)) * std::ldexp(1.0L, -a_bits);
  }
  return a;
}

// By Gauss-Jordan with row pivoting.
Matrix solved(Matrix a, Matrix b) {
  const std::size_t d = a.size();
  for (std::size_t j = 0; j < d; ++j) {
    std::size_t best = j;
    for (std::size_t i = j; i < d; ++i) {
      if (std::abs(a[i][j]) > std::abs(a[best][j])) best = i;
    }
    std::swap(a[j], a[best]);
    std::swap(b[j], b[best]);
    for (std::size_t i = 0; i < d; ++i) {
      if (i == j) continue;
      const long double factor = a[i][j] / a[j][j];
      for (std::size_t k = 0; k < d; ++k) a[i][k] -= factor * a[j][k];
      for (std::size_t k = 0; k < b[i].size(); ++k) b[i][k] -= factor * b[j][k];
    }
  }
  for (std::size_t i = 0; i < d; ++i) {
    for (auto& value : b[i]) value /= a[i][i];
  }
  return b;
}

std::vector<u128> encoded(const Matrix& a, int bits) {
  std::vector<u128> words;
  for (const auto& row : a) {
    for (long double value : row)
      words.push_back(static_cast<u128>(static_cast<mpc::i128>(std::round(std::ldexp(value, bits)))));
  }
  return words;
}

SharedMatrix shared(Engine& engine, const Matrix& a, int bits) {
  return {.elements = input(engine, encoded(a, bits)), .rows = a.size(), .columns = a[0].size()};
}

class LinearAlgebra : public testing::TestWithParam<const char*> {
 protected:
  // Elements of the result and, last, the bit "singular".
  std::vector<long double> run(const std::function<std::pair<Shared<u128>, SharedBits>(Engine&)>& body, int bits) {
    const auto opened = mpc::simulate(GetParam(), [&](Engine& engine) {
      const auto [values, singular] = body(engine);
      auto words = engine.open(values);
      words.push_back(u128{engine.open_bits(singular)[0]} << bits);
      return words;
    });
    for (const auto& words : opened) EXPECT_EQ(words, opened[0]);
    std::vector<long double> result;
    for (u128 word : opened[0]) result.push_back(std::ldexp(static_cast<long double>(signed_value(word)), -bits));
    return result;
  }
};

constexpr PositiveDefiniteDomain domain{.diagonal_bits = 50, .fraction_bits = a_bits};

TEST_P(LinearAlgebra, SolvesSystems) {
  for (std::size_t d : {1, 2, 3, 7, 20, 64}) {
    const Matrix a = information(d, 5 * d + 20, 0.01L, static_cast<unsigned>(d));
    Matrix b(d, std::vector<long double>(2));
    for (std::size_t i = 0; i < d; ++i) b[i] = {std::sqrt(a[i][i]) * (i % 2 == 0 ? 1 : -1), a[i][0]};
    for (auto& row : b) {
      for (auto& value : row) value = std::round(std::ldexp(value, 40)) * std::ldexp(1.0L, -40);
    }
    const auto x = run(
        [&](Engine& e) {
          const auto s = solve(e, shared(e, a, a_bits), shared(e, b, 40), domain,
                               {.fraction_bits = 40, .right_bits = 56, .solution_bits = 40});
          return std::pair{s.x.elements, s.singular};
        },
        40);
    const Matrix exact = solved(a, b);
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t k = 0; k < 2; ++k)
        EXPECT_LE(std::abs(x[2 * i + k] - exact[i][k]), 1e-8L * (1 + std::abs(exact[i][k])))
            << d << ": " << i << ", " << k;
    }
    EXPECT_EQ(x.back(), 0) << d;
  }
}

TEST_P(LinearAlgebra, InvertsWhatIsBadlyConditioned) {
  Matrix a(5, std::vector<long double>(5));  // Hilbert's matrix: condition number 4.8e5
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 5; ++j)
      a[i][j] = std::round(std::ldexp(1.0L / static_cast<long double>(i + j + 1), 45)) * std::ldexp(1.0L, -45);
  }
  Matrix identity(5, std::vector<long double>(5));
  for (std::size_t i = 0; i < 5; ++i) identity[i][i] = 1;
  const auto x = run(
      [&](Engine& e) {
        const auto s = inverse(e, shared(e, a, 45), {.diagonal_bits = 47, .fraction_bits = 45}, 30);
        return std::pair{s.x.elements, s.singular};
      },
      30);
  const Matrix exact = solved(a, identity);
  for (std::size_t i = 0; i < 25; ++i) {
    const long double value = exact[i / 5][i % 5];
    EXPECT_LE(std::abs(x[i] - value), 5e5L * 5 * 9 * std::ldexp(1.0L, -46) * 1.8e5L) << i;
  }
  EXPECT_EQ(x.back(), 0);
}

TEST_P(LinearAlgebra, FactorsMultiplyBack) {
  const std::size_t d = 6;
  const Matrix a = information(d, 30, 0.1L, 9);
  const auto opened = run(
      [&](Engine& e) {
        const Factors factors = factorise(e, shared(e, a, a_bits), domain);
        const std::array parts{factors.lower.elements, factors.pivots,
                               mpc::scale(factors.scaling, u128{1} << matrix_fraction_bits)};
        return std::pair{mpc::concatenate(std::span<const Shared<u128>>(parts)), factors.singular};
      },
      matrix_fraction_bits);
  const long double* pivots = opened.data() + d * d;
  const long double* t = pivots + d;
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) {
      long double sum = 0;
      for (std::size_t k = 0; k <= std::min(i, j); ++k) sum += opened[i * d + k] * pivots[k] * opened[j * d + k];
      const long double scaled = a[i][j] * t[i] * t[j] * std::ldexp(1.0L, a_bits - 50);
      EXPECT_LE(std::abs(sum - scaled), std::ldexp(1.0L, -42)) << i << ", " << j;
    }
    EXPECT_GE(pivots[i], 0);
    EXPECT_LE(pivots[i], 1);
  }
  EXPECT_EQ(opened.back(), 0);
}

TEST_P(LinearAlgebra, SingularAndIndefiniteAreOneSharedBit) {
  Matrix dependent = information(4, 20, 0, 3);  // the last column is the sum of two others
  for (std::size_t i = 0; i < 3; ++i) dependent[3][i] = dependent[i][3] = dependent[0][i] + dependent[1][i];
  dependent[3][3] = dependent[0][0] + 2 * dependent[0][1] + dependent[1][1];
  Matrix zero_row = information(4, 20, 0, 4);
  for (std::size_t i = 0; i < 4; ++i) zero_row[2][i] = zero_row[i][2] = 0;
  const Matrix indefinite{{1, 0.9L, 0.1L, 0}, {0.9L, 1, 0.9L, 0}, {0.1L, 0.9L, 1, 0}, {0, 0, 0, 1}};
  const Matrix zero(4, std::vector<long double>(4));
  for (const Matrix& a : {dependent, zero_row, indefinite, zero}) {
    const auto x = run(
        [&](Engine& e) {
          const auto s = inverse(e, shared(e, a, a_bits), domain, 20);
          return std::pair{mpc::slice(s.x.elements, 0, 0), s.singular};
        },
        20);
    EXPECT_EQ(x.back(), 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, LinearAlgebra, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
