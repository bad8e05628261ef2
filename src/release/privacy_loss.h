// How much a noisy release tells of one person: zero-concentrated differential privacy (zCDP), whose losses add up.
//
// A release has loss rho when the Renyi divergence of order a between its distributions on any two sets of records that
// differ by one person is at most rho a, for every a > 1. Small rho is good: 0.005 is strong, 0.5 ordinary.
//
// Source     Bun and Steinke, TCC 2016 (arXiv:1605.02065): propositions 1.4, 1.6, 1.7; Canonne, Kamath, Steinke, NeurIPS
//            2020 (arXiv:2004.00010): theorem 4 (discrete Gaussian), proposition 12 (epsilon of rho and delta)
#pragma once

#include <cstdint>

namespace cohortium::release {

// Of whole numbers of which one person changes several: `squares` is the sum of the squares of these changes (at most),
// `sum` that of their absolute values.
double gaussian_loss(double squares, std::uint64_t variance);  // rho of discrete Gaussian noise
double laplace_loss(double epsilon);                           // rho of epsilon-differential privacy

// The least variance (a whole number, at least 1) and the least scale that keep the loss.
std::uint64_t gaussian_variance(double squares, double rho);
double laplace_scale(double sum, double epsilon);

// The least epsilon for which loss rho is (epsilon, delta)-differential privacy. 0 < delta < 1.
double epsilon_of(double rho, double delta);

}  // namespace cohortium::release
