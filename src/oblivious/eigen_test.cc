// Eigenvalues and eigenvectors by what defines them: V'V = 1 and A V = V diag(values).
#include "oblivious/eigen.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {
namespace {

using Matrix = std::vector<long double>;  // row-major

class EigenTest : public testing::TestWithParam<const char*> {
 protected:
  void check(Matrix a, std::size_t d) {
    long double norm = 0;
    for (long double value : a) norm += value * value;
    const long double scale = norm > 0 ? 0.49L / std::sqrt(norm) : 1;
    std::vector<u128> words;
    for (long double& value : a) {
      value = std::round(std::ldexp(value * scale, eigen_fraction_bits));
      words.push_back(static_cast<u128>(static_cast<mpc::i128>(value)));
      value = std::ldexp(value, -eigen_fraction_bits);
    }
    const auto opened = opened_signed<u128>(GetParam(), [&](Engine& e) {
      const Eigen eigen = eigen_decomposition(e, {.elements = input(e, words), .rows = d, .columns = d});
      const std::array parts{eigen.vectors.elements, eigen.values};
      return mpc::concatenate(std::span<const Shared<u128>>(parts));
    });
    Matrix v;
    for (mpc::i128 word : opened) v.push_back(std::ldexp(static_cast<long double>(word), -eigen_fraction_bits));
    const long double bound = std::ldexp(static_cast<long double>(d * d), -34);
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t j = 0; j < d; ++j) {
        long double orthogonal = 0, image = 0;
        for (std::size_t k = 0; k < d; ++k) {
          orthogonal += v[k * d + i] * v[k * d + j];
          image += a[i * d + k] * v[k * d + j];
        }
        ASSERT_LE(std::abs(orthogonal - (i == j ? 1 : 0)), bound) << d << ": " << i << ", " << j;
        ASSERT_LE(std::abs(image - v[i * d + j] * v[d * d + j]), bound) << d << ": " << i << ", " << j;
      }
    }
  }
};

TEST_P(EigenTest, RandomMatrices) {
  for (std::size_t d : {1, 2, 3, 4, 7, 10, 32}) {
    std::mt19937_64 random(d);
    Matrix a(d * d);
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        a[i * d + j] = a[j * d + i] = std::ldexp(static_cast<long double>(random() >> 11), -52) - 1;
      }
    }
    check(a, d);
  }
}

TEST_P(EigenTest, EqualAndExtremeEigenvalues) {
  check({0, 0, 0, 0}, 2);
  check({1, 0, 0, 0, 1, 0, 0, 0, 1}, 3);
  check(Matrix(16, 1), 4);  // 4, 0, 0, 0
  check({1, 1e-9L, 1e-9L, 1}, 2);
  check({1, 1e-6L, 0, 1e-6L, 1e-12L, 0, 0, 0, -1}, 3);
  check({0, 1, 1, 0}, 2);
}

INSTANTIATE_TEST_SUITE_P(Protocols, EigenTest, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
