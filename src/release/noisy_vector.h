// Noise on a vector whose stretches are counts and sums of different kinds, all within one loss (release/noise.h).
//
// Security, Reveals, Protects   as release/noise.h
#pragma once

#include <cstdint>
#include <span>

#include "mpc/engine.h"
#include "release/noise.h"

namespace cohortium::release {

// The least noise on one of `vectors` vectors which together keep the rule, each with an equal part of the loss. A row adds
// to one element of each vector, to this one at most `most` in absolute value. Fails with study.noise_too_large.
Noise noise_for(const PrivacyRule& rule, std::size_t vectors, std::uint64_t most);

// A stretch and what it gets. Of people: as add_noise of counts; else signed sums below 2^100, noise and all.
struct NoisyStretch {
  std::size_t size = 0;
  Noise noise = {};
  bool people = true;
};

// All stretches of a vector, one after the other. Those that get the same noise get it in the same rounds.
mpc::Shared<mpc::u128> add_noise(mpc::Engine& engine, const mpc::Shared<mpc::u128>& values,
                                 std::span<const NoisyStretch> stretches);

}  // namespace cohortium::release
