// Noise for differential privacy, drawn jointly: whole numbers of a public distribution that nobody knows.
//
// No real number takes part. Every digit comes from coins of exactly known bias (biased_coins.h), so there is no rounding
// that would tell one input from another (Mironov, CCS 2012). `distance` bounds by how much the probability of any set
// of outcomes may differ from that of the named distribution; it counts towards delta of a mechanism.
//
// Laplace    P(x) proportional to exp(-|x| / scale): the difference of two geometric numbers, whose binary digits are
//            independent coins. 2^-20 <= scale <= 2^40
// Gaussian   P(x) proportional to exp(-x^2 / (2 variance)), 1 <= variance <= 2^40. Proposals of Laplace type are kept
//            with the right probability; which are kept is opened, it does not depend on the values kept
// Reveals    Gaussian: which proposals are kept
// Rounds     Laplace: 6, and those of from_bits; Gaussian: about 40
// Sent       Laplace: 2 L coins per number, L = log2(45 scale); Gaussian: 2.5 (3 L + log2(variance)) coins per number and as many again for the first
//            fifty
// Fails      Gaussian: with release.noise_exhausted when too few proposals are kept, with probability below 2^-40:
//            nothing has been revealed, and the run can be repeated
// Source     Canonne, Kamath, Steinke, NeurIPS 2020 (arXiv:2004.00010), algorithm 3; digits of geometric numbers: Dwork,
//            Kenthapadi, McSherry, Mironov, Naor, Eurocrypt 2006, section 4
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

inline constexpr double largest_noise = 0x1p40;  // scale of Laplace noise, variance of Gaussian noise

Shared<u128> discrete_laplace(Engine& engine, double scale, std::size_t count);
Shared<u128> discrete_gaussian(Engine& engine, u64 variance, std::size_t count);

// Per number.
double laplace_distance(double scale);
double gaussian_distance(u64 variance);

}  // namespace cohortium::oblivious
