// Functions of fixed-point numbers as workloads, 16 fraction bits.
#include <cmath>

#include "bench/inputs.h"
#include "bench/workload.h"
#include "oblivious/division.h"
#include "oblivious/exponential.h"
#include "oblivious/logarithm.h"
#include "oblivious/logistic.h"
#include "oblivious/square_root.h"

namespace cohortium::bench {
namespace {

constexpr int fraction_bits = 16;
constexpr std::size_t elements = 100'000;
constexpr double units = 2;  // the stated error of every function here

// A function of one column: input(n) gives its elements, expected(element) the exact value.
template <RingWord W, class Input, class Run, class Expected>
Workload of_one_column(const std::string& name, const std::string& summary, Input input, Run run, Expected expected) {
  return make_workload(
      name, summary, elements,
      [=](Engine& engine, std::size_t n) { return share_from_first<W>(engine, n, [=] { return input(n); }); }, run,
      [=](Engine& engine, const Shared<W>& out, std::size_t n) {
        const std::vector<W> in = input(engine.self() == 0 ? n : 0);
        return compare_numbers(engine, out, fraction_bits, units, [&](std::size_t i) { return expected(in[i]); });
      });
}

// Of every magnitude below 2^bits, from 1.
template <RingWord W>
std::vector<W> magnitudes(std::size_t n, unsigned seed, int bits) {
  std::vector<W> values = random_words<W>(n, seed, bits);
  for (std::size_t i = 0; i < n; ++i) values[i] = (values[i] >> (i % bits)) | 1;
  return values;
}

struct Fraction {
  Shared<u64> numerator, denominator;
};

Workload divide() {
  constexpr int bits = 31;
  const auto denominators = [](std::size_t n) { return magnitudes<u64>(n, 1, bits); };
  const auto numerators = [=](std::size_t n) {
    std::vector<u64> values = random_words<u64>(n, 2, bits);
    const auto largest = denominators(n);
    for (std::size_t i = 0; i < n; ++i) values[i] %= largest[i] + 1;
    return values;
  };
  return make_workload(
      "fixed_divide", "n / d of integers below 2^31", elements,
      [=](Engine& engine, std::size_t n) {
        return Fraction{share_from_first<u64>(engine, n, [=] { return numerators(n); }),
                        share_from_first<u64>(engine, n, [=] { return denominators(n); })};
      },
      [](Engine& engine, const Fraction& in) {
        return oblivious::divide(engine, in.numerator, in.denominator,
                                 {.denominator_bits = bits, .quotient_bits = 1, .fraction_bits = fraction_bits});
      },
      [=](Engine& engine, const Shared<u64>& out, std::size_t n) {
        const std::size_t checked = engine.self() == 0 ? n : 0;
        const auto above = numerators(checked), below = denominators(checked);
        return compare_numbers(engine, out, fraction_bits, units, [&](std::size_t i) {
          return static_cast<double>(above[i]) / static_cast<double>(below[i]);
        });
      });
}

Workload square_root() {
  constexpr int bits = 32;
  return of_one_column<u128>(
      "fixed_sqrt", "square roots of integers below 2^32", [](std::size_t n) { return magnitudes<u128>(n, 3, bits); },
      [](Engine& engine, const Shared<u128>& d) { return oblivious::square_root(engine, d, bits, fraction_bits); },
      [](u128 d) { return std::sqrt(static_cast<double>(d)); });
}

Workload exponential() {
  return of_one_column<u64>(
      "fixed_exp", "e^x, |x| <= 10", [](std::size_t n) { return random_numbers<u64>(n, 4, -10, 10, fraction_bits); },
      [](Engine& engine, const Shared<u64>& x) {
        return oblivious::exponential(engine, x, {.lowest = 15, .highest = 15, .fraction_bits = fraction_bits});
      },
      [](u64 x) { return std::exp(mpc::decode_fixed(x, fraction_bits)); });
}

Workload logistic() {
  return of_one_column<u64>(
      "fixed_logistic", "1 / (1 + e^-x), |x| <= 20",
      [](std::size_t n) { return random_numbers<u64>(n, 6, -20, 20, fraction_bits); },
      [](Engine& engine, const Shared<u64>& x) { return oblivious::logistic(engine, x, fraction_bits); },
      [](u64 x) { return 1 / (1 + std::exp(-mpc::decode_fixed(x, fraction_bits))); });
}

Workload logarithm() {
  constexpr int bits = 32;
  return of_one_column<u64>(
      "fixed_log", "ln x, 2^-16 <= x < 2^16", [](std::size_t n) { return magnitudes<u64>(n, 5, bits); },
      [](Engine& engine, const Shared<u64>& x) {
        return oblivious::natural_logarithm(engine, x, bits, fraction_bits, fraction_bits);
      },
      [](u64 x) { return std::log(std::ldexp(static_cast<double>(x), -fraction_bits)); });
}

}  // namespace

std::vector<Workload> number_workloads() { return {divide(), square_root(), exponential(), logarithm(), logistic()}; }

}  // namespace cohortium::bench
