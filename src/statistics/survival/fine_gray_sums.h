// The score, information and likelihood of Fine and Gray's model, and the variance of its score, on shares of sums over
// people who leave at each point of the public time grid, taken at public coefficients.
//
// Moments    of people with a time, by how they leave (kLeavings: of the cause, of another, censored) and by power p = 0, 1, 2
//            of e = exp(x beta): sums of e^p times 1, x_j (columns), x_j x_k (j <= k, row after row); moment_bits fraction bits;
//            leaving after leaving, power after power, monomial after monomial, a grid each
// Domain     |x| <= 1; sums of e over all people below 2^22, above 2^-20 at every event; censoring leaves at least 2^-20
// Reveals    nothing
// Rounds     weights: those of two divisions and a running product; score: of normalise, reciprocal_of_mantissa and
//            natural_logarithm, plus about 10; variance: about 20
// Error      of a term: 2^-36, divided by the probability not to be censored by then
// Method     a person whose competing event was at s stays at risk with weight G(t-) / G(s-): the sums over these are
//            G(t-) times a running sum, which is local
// Source     Fine and Gray, JASA 1999; censoring and ties as in R's cmprsk::crr
#pragma once

#include <cstddef>
#include <span>

#include "mpc/engine.h"

namespace cohortium::statistics {

inline constexpr int moment_bits = 40;
inline constexpr int score_bits = 44;
inline constexpr int likelihood_bits = 36;
enum Leaving : std::size_t { kOfCause, kOfOther, kCensored, kLeavings };

struct FineGraySize {
  std::size_t grid = 0, columns = 0;
  std::size_t monomials() const { return 1 + columns + columns * (columns + 1) / 2; }
  std::size_t moments() const { return kLeavings * 3 * monomials() * grid; }
  std::size_t place(std::size_t leaving, std::size_t power, std::size_t monomial) const {
    return ((leaving * 3 + power) * monomials() + monomial) * grid;
  }
  std::size_t product(std::size_t j, std::size_t k) const {  // the monomial x_j x_k, j <= k
    return 1 + columns + j * columns - j * (j + 1) / 2 + k;
  }
};

// What does not depend on coefficients.
struct CensoringWeights {
  mpc::Shared<mpc::u128> events;                // of the cause
  mpc::Shared<mpc::u128> staying, inverse;      // G(t-), 56 fraction bits; 1 / G(t-), 36
  mpc::Shared<mpc::u128> per_person, censored;  // 1 / n and the censored over n; 56
};
// Numbers of people who leave, leaving after leaving.
CensoringWeights censoring_weights(mpc::Engine& engine, const FineGraySize& size,
                                   const mpc::Shared<mpc::u128>& leaving);

struct FineGrayTerms {
  mpc::Shared<mpc::u128> score, information;  // score_bits; row after row
  mpc::Shared<mpc::u128> likelihood;          // likelihood_bits
  mpc::SharedBits outside;                    // whether sums are too large
  mpc::Shared<mpc::u128> hazard, means;  // events over those at risk; means at risk, column after column; score_bits
  mpc::Shared<mpc::u128> left;           // sums over earlier competing events over G(s-): monomials 1, x_j; moment_bits
};
FineGrayTerms fine_gray_terms(mpc::Engine& engine, const FineGraySize& size, const CensoringWeights& weights,
                              const mpc::Shared<mpc::u128>& moments, std::span<const double> beta);

// Of the score, with moment_bits: j <= k, row after row.
mpc::Shared<mpc::u128> fine_gray_variance(mpc::Engine& engine, const FineGraySize& size,
                                          const CensoringWeights& weights, const FineGrayTerms& terms,
                                          const mpc::Shared<mpc::u128>& moments);

}  // namespace cohortium::statistics
