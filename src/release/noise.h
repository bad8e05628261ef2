// Differential privacy of counts: noise is added to shared counts before anything is computed of them, so that every
// number that comes out, every rule's outcome included, follows from noisy counts alone.
//
// Security   as the engine's protocol; nobody knows the noise (oblivious/discrete_noise.h)
// Reveals    nothing about the counts
// Protects   a person with at most `rows_per_person` rows, present or absent (add-remove neighbours), against everybody
//            who sees what is released, whatever else they know
// Source     Dwork, McSherry, Nissim, Smith, TCC 2006; Bun and Steinke, TCC 2016; Canonne, Kamath, Steinke, NeurIPS 2020
#pragma once

#include <cstdint>
#include <optional>

#include "mpc/engine.h"

namespace cohortium::release {

// What a study asks for: exactly one of rho and epsilon.
struct PrivacyRule {
  std::optional<double> rho;      // zCDP, by discrete Gaussian noise
  std::optional<double> epsilon;  // pure differential privacy, by discrete Laplace noise
  int rows_per_person = 1;

  double loss() const;  // of the whole study, as rho of zCDP
};

// What is added to every count.
struct Noise {
  std::optional<std::uint64_t> variance;  // discrete Gaussian
  std::optional<double> scale;            // discrete Laplace

  double standard_deviation() const;
  double error(double confidence) const;  // not exceeded in absolute value with this probability
  double distance() const;                // of what is drawn for one count from the named distribution
};

// The least noise for which `vectors` vectors of counts together keep the rule. A row adds 1 to one count of each vector.
Noise noise_for(const PrivacyRule& rule, std::size_t vectors);

// counts + noise, where that lies in [0, 2^32), else the nearest end. Counts are below 2^32.
mpc::Shared<mpc::u128> add_noise(mpc::Engine& engine, const mpc::Shared<mpc::u128>& counts, const Noise& noise);

}  // namespace cohortium::release
