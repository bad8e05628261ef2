// The normal tail and the error function against the C library, over the whole line.
#include "oblivious/normal.h"

#include <gtest/gtest.h>

#include <cmath>

#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {
namespace {

class Normal : public testing::TestWithParam<const char*> {
 protected:
  template <class W, class Function, class Exact>
  void check(int f, Function function, Exact exact) {
    std::vector<W> x;
    for (int i = -1100; i <= 1100; ++i) x.push_back(mpc::encode_fixed<W>(i / 128.0 + (i % 3) * 0.001, f));
    for (double value : {-1e4, 1e4, -8.0, 8.0, 8.0 - std::ldexp(1.0, -f)}) x.push_back(mpc::encode_fixed<W>(value, f));
    for (int unit = -2; unit <= 2; ++unit) x.push_back(static_cast<W>(unit));
    const auto y = opened_signed<W>(GetParam(), [&](Engine& e) { return function(e, input(e, x), f); });
    for (std::size_t i = 0; i < x.size(); ++i) {
      const long double value = std::ldexp(static_cast<long double>(signed_value(x[i])), -f);
      ASSERT_LE(std::abs(static_cast<long double>(y[i]) - std::ldexp(exact(value), f)), 2)
          << "f " << f << ", x " << static_cast<double>(value);
    }
  }
};

TEST_P(Normal, TailWithinTwoUnits) {
  const auto exact = [](long double x) { return std::erfc(x / std::sqrt(2.0L)) / 2; };
  for (int f : {3, 8, 16, 24}) check<u64>(f, normal_tail<u64>, exact);
  for (int f : {16, 32}) check<u128>(f, normal_tail<u128>, exact);
}

TEST_P(Normal, ErrorFunctionWithinTwoUnits) {
  const auto exact = [](long double x) { return std::erf(x); };
  for (int f : {3, 16, 22}) check<u64>(f, error_function<u64>, exact);
  for (int f : {16, 30}) check<u128>(f, error_function<u128>, exact);
}

INSTANTIATE_TEST_SUITE_P(Protocols, Normal, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
