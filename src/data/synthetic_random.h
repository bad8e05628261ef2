// The random numbers of synthetic records: the same seed gives the same everywhere.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace cohortium::data {

// The standard fixes mt19937_64's output but not the distributions' algorithms: these are our own.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t site) : generator_(seed * 0x9e3779b97f4a7c15u + site) {}
  double uniform() { return (static_cast<double>(generator_() >> 11) + 0.5) * 0x1p-53; }  // in (0, 1)
  double exponential(double rate) { return rate == 0 ? HUGE_VAL : -std::log(uniform()) / rate; }
  // A bell of three uniforms: mean 0, standard deviation 1, within 3.
  double bell() { return 2 * (uniform() + uniform() + uniform() - 1.5); }

 private:
  std::mt19937_64 generator_;
};

}  // namespace cohortium::data
