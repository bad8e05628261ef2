// Programs over the fixed-point functions that algorithm_programs() does not run yet.
#include "inputs.h"
#include "oblivious/baseline_hazard.h"
#include "oblivious/calibration.h"
#include "oblivious/cox_regression.h"
#include "oblivious/discrete_noise.h"
#include "oblivious/division.h"
#include "oblivious/eigen.h"
#include "oblivious/exponential.h"
#include "oblivious/fixed_point.h"
#include "oblivious/generalised_linear.h"
#include "oblivious/hazard.h"
#include "oblivious/linear_algebra.h"
#include "oblivious/logarithm.h"
#include "oblivious/logistic.h"
#include "oblivious/logistic_regression.h"
#include "oblivious/normal.h"
#include "oblivious/one_hot.h"
#include "oblivious/penalised_model.h"
#include "oblivious/proportional_hazards.h"
#include "oblivious/public_table.h"
#include "oblivious/robust_covariance.h"
#include "oblivious/square_root.h"
#include "oblivious/subdistribution.h"
#include "oblivious/working_model.h"
#include "programs.h"

namespace cohortium::conformance {
namespace {

using mpc::Engine;
using mpc::Shared;

template <class W>
Shared<W> share(Engine& engine, const std::vector<W>& values) {
  return engine.share(0, engine.self() == 0 ? std::span<const W>(values) : std::span<const W>(), values.size());
}

template <class W>
Shared<W> below(Engine& engine, std::size_t n, unsigned seed, int bits) {
  std::vector<W> values = ring_elements<W>(n, seed);
  for (W& value : values) value &= (W{1} << bits) - 1;
  return share(engine, values);
}

template <class W>
std::vector<Program> programs_over(const std::string& ring) {
  return {
      {"divide_signed" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto numerator = share(e, signed_elements<W>(n, 14, seed)), d = below<W>(e, n, seed, 31);
         oblivious::divide(e, numerator, d, {.denominator_bits = 31, .quotient_bits = 15, .fraction_bits = 16});
         oblivious::reciprocal(e, d, 16, {.denominator_bits = 31, .quotient_bits = 16, .fraction_bits = 6});
       }},
      {"exponential" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto x = share(e, signed_elements<W>(n, 18, seed));
         oblivious::exponential(e, x, 5, 16);
         oblivious::exponential_saturated(e, x, 6, 16);
       }},
      {"logistic" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto x = share(e, signed_elements<W>(n, 30, seed));
         oblivious::logistic(e, x, 16);
         oblivious::logistic_approximate(e, x, 16);
       }},
      {"roots_and_logarithm" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto d = below<W>(e, n, seed, 31);
         oblivious::square_root(e, d, 31, 8);
         oblivious::inverse_square_root(e, d, 31, 16);
         oblivious::natural_logarithm(e, d, 31, 16, 16);
       }},
      {"normal" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto x = share(e, signed_elements<W>(n, 20, seed));
         oblivious::normal_tail(e, x, 16);
         oblivious::error_function(e, x, 16);
       }},
      {"public_table" + ring,
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto planes = oblivious::demultiplex(e, e.to_bits(below<W>(e, n, seed, 5), 5));
         oblivious::index_of<W>(e, planes);
       }},
  };
}

// With strata and weights, which take most steps.
void cox_regression(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  oblivious::SurvivalRows rows{.rows = n, .columns = 2, .strata = 2};
  rows.key = below<u64>(e, n, seed, 5);
  rows.key_bits = 5;
  rows.event = e.bit(below<u64>(e, n, seed + 1, 1), 0);
  const auto counts = below<u128>(e, n, seed + 2, 1);
  rows.covariates = oblivious::standardised(e, below<u128>(e, 2 * n, seed, 52), counts).covariates;
  rows.weight = below<u128>(e, n, seed, 36);
  rows.weight_fraction_bits = 36;
  rows.stratum = below<u128>(e, 2 * n, seed, 1);
  for (oblivious::Ties ties : {oblivious::Ties::kBreslow, oblivious::Ties::kEfron}) {
    oblivious::CoxFit fit = oblivious::cox_regression(e, oblivious::risk_sets(e, rows, ties), 2);
    oblivious::scale_back(e, fit, below<u128>(e, 2, seed, 10));
  }
}

// A model of two columns on n records, of counts up to 3 or of 0 and 1.
Program model_program(const std::string& name, oblivious::Family family, bool weighted) {
  return {name, [=](Engine& e, std::size_t n, unsigned seed) {
            if (n == 0) return;
            oblivious::ModelPlan plan{.family = family, .steps = 2, .highest = 4, .weighted = weighted};
            if (weighted) plan.weight_bits = 4;
            if (oblivious::is_gamma(family) || oblivious::is_gaussian(family)) plan.outcome_bits = 20;
            if (family == oblivious::Family::kNegativeBinomial) plan.largest_outcome = 3;
            if (family == oblivious::Family::kLogit && !weighted) plan.cheap_steps = 1;
            oblivious::ModelRecords records{.x = below<u128>(e, 2 * n, seed, 36),
                                            .y = below<u128>(e, n, seed, 1),
                                            .weight = below<u128>(e, n, seed, 1),
                                            .rows = n,
                                            .columns = 2};
            if (weighted) records.offset = below<u128>(e, n, seed, 40);
            oblivious::fit_model(e, records,
                                 {.information = below<u128>(e, 4, seed, 40),
                                  .right = below<u128>(e, 2, seed, 40),
                                  .saturated = below<u128>(e, 1, seed, 44),
                                  .exceeding = below<u128>(e, plan.largest_outcome, seed, 10)},
                                 plan);
          }};
}

// One of two columns with a penalty on absolute values.
void penalised_model(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  const oblivious::ModelRecords records{.x = below<u128>(e, 2 * n, seed, 36),
                                        .y = below<u128>(e, n, seed, 1),
                                        .weight = below<u128>(e, n, seed, 1),
                                        .rows = n,
                                        .columns = 2};
  const std::vector<double> lasso{0, 2}, ridge{0, 1};
  oblivious::fit_penalised(e, records, below<u128>(e, 1, seed, 44), {.lasso = lasso, .ridge = ridge},
                           {.steps = oblivious::active_set_steps + 1, .total_bits = 12});
}

// What diagnostics of a model do with its predictions.
void calibration(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  const auto before = below<u64>(e, n, seed, 10);
  const auto weight = below<u128>(e, n, seed, 1), event = below<u128>(e, n, seed + 1, 1);
  const auto predictors = share(e, signed_elements<u128>(n, 46, seed));
  const auto risk = oblivious::probabilities(e, oblivious::Family::kProbit, predictors);
  oblivious::probabilities(e, oblivious::Family::kCloglog, predictors);
  oblivious::merged_groups(e, oblivious::risk_groups(e, before, weight, event, risk, 4), 11);
}

// Two covariates, one stratum, no weights.
oblivious::SurvivalRows survival_rows(Engine& e, std::size_t n, unsigned seed) {
  oblivious::SurvivalRows rows{.rows = n, .columns = 2};
  rows.key = below<u64>(e, n, seed, 5);
  rows.key_bits = 5;
  rows.event = e.bit(below<u64>(e, n, seed + 1, 1), 0);
  rows.covariates = below<u128>(e, 2 * n, seed, 44);
  rows.weight = below<u128>(e, n, seed + 2, 1);
  return rows;
}

void proportional_hazards(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  const oblivious::RiskSets sets = oblivious::risk_sets(e, survival_rows(e, n, seed), oblivious::Ties::kEfron);
  oblivious::proportional_hazards(e, sets, oblivious::cox_regression(e, sets, 2));
}

// What may be asked of a fitted model, of two strata of rows that are given twice.
void cox_questions(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  oblivious::SurvivalRows rows = survival_rows(e, 2 * n, seed);
  rows.strata = 2;
  rows.stratum = below<u128>(e, 4 * n, seed, 1);
  const std::vector<u64> points{3, 2, 4, 19, 17, 20};
  for (oblivious::Ties ties : {oblivious::Ties::kBreslow, oblivious::Ties::kEfron}) {
    const oblivious::RiskSets sets = oblivious::risk_sets(e, rows, ties);
    oblivious::CoxFit fit;
    fit.coefficients = below<u128>(e, 2, seed, 40);
    fit.covariance = below<u128>(e, 4, seed, 40);
    fit.terms = oblivious::risk_terms(e, sets, fit.coefficients);
    oblivious::robust_covariance(e, sets, fit, 2);
    oblivious::baseline_hazard(e, sets, fit.terms, points);
  }
}

void subdistribution(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  oblivious::SurvivalRows rows = survival_rows(e, n, seed);
  rows.competing = e.bit(below<u64>(e, n, seed + 3, 1), 0);
  oblivious::RiskSets sets = oblivious::risk_sets(e, rows, oblivious::Ties::kBreslow);
  const oblivious::Censoring censoring = oblivious::subdistribution(e, sets);
  const oblivious::CoxFit fit = oblivious::cox_regression(e, sets, 2);
  oblivious::sandwich(e, fit, oblivious::score_variance(e, sets, censoring, fit.terms));
}

}  // namespace

const std::vector<Program>& numeric_programs() {
  static const std::vector<Program> programs = [] {
    std::vector<Program> all = programs_over<u64>("_64");
    const auto wide = programs_over<u128>("_128");
    all.insert(all.end(), wide.begin(), wide.end());
    all.push_back({"solve", [](Engine& e, std::size_t n, unsigned seed) {
                     const oblivious::SharedMatrix a{.elements = below<u128>(e, 9, seed, 20), .rows = 3, .columns = 3};
                     const std::size_t columns = n % 5 + 1;
                     const oblivious::SharedMatrix b{
                         .elements = below<u128>(e, 3 * columns, seed, 20), .rows = 3, .columns = columns};
                     const oblivious::PositiveDefiniteDomain domain{.diagonal_bits = 30, .fraction_bits = 20};
                     oblivious::solve(e, a, b, domain, {.fraction_bits = 20, .right_bits = 40, .solution_bits = 20});
                     oblivious::factorise(e, a, domain);
                   }});
    all.push_back({"discrete_noise", [](Engine& e, std::size_t n, unsigned) {
                     oblivious::discrete_laplace(e, 2.5, n);
                     oblivious::discrete_gaussian(e, 9, n / 8 + 1);
                   }});
    all.push_back({"logistic_regression", [](Engine& e, std::size_t n, unsigned seed) {
                     if (n == 0) return;
                     const oblivious::Records records{.x = below<u64>(e, 2 * n, seed, 16),
                                                      .y = below<u64>(e, n, seed, 1),
                                                      .rows = n,
                                                      .columns = 2,
                                                      .x_bits = 0};
                     oblivious::logistic_newton(e, records, 2);
                     oblivious::logistic_epoch(e, records, below<u64>(e, 2, seed, 4),
                                               {.batch = 32, .sigmoid = oblivious::Sigmoid::kApproximate});
                   }});
    all.push_back(model_program("model_logit", oblivious::Family::kLogit, false));
    all.push_back(model_program("model_probit", oblivious::Family::kProbit, false));
    all.push_back(model_program("model_poisson", oblivious::Family::kPoisson, true));
    all.push_back(model_program("model_gamma", oblivious::Family::kGamma, false));
    all.push_back(model_program("model_negative_binomial", oblivious::Family::kNegativeBinomial, true));
    all.push_back(model_program("model_cloglog", oblivious::Family::kCloglog, true));
    all.push_back(model_program("model_log_binomial", oblivious::Family::kLogBinomial, false));
    all.push_back(model_program("model_poisson_identity", oblivious::Family::kPoissonIdentity, true));
    all.push_back(model_program("model_poisson_sqrt", oblivious::Family::kPoissonSqrt, false));
    all.push_back(model_program("model_gamma_inverse", oblivious::Family::kGammaInverse, false));
    all.push_back(model_program("model_gamma_identity", oblivious::Family::kGammaIdentity, false));
    all.push_back(model_program("model_gaussian", oblivious::Family::kGaussian, true));
    all.push_back(model_program("model_gaussian_log", oblivious::Family::kGaussianLog, false));
    all.push_back(model_program("model_gaussian_inverse", oblivious::Family::kGaussianInverse, false));
    all.push_back({"penalised_model", penalised_model});
    all.push_back({"calibration", calibration});
    all.push_back({"hazard", [](Engine& e, std::size_t n, unsigned seed) {
                     const auto x = share(e, signed_elements<u128>(n, 20, seed));
                     oblivious::normal_hazard(e, x, 16);
                     oblivious::log_normal_tail(e, x, 16);
                   }});
    all.push_back({"eigen_decomposition", [](Engine& e, std::size_t n, unsigned seed) {
                     const std::size_t d = n % 4 + 1;
                     const auto elements = share(e, signed_elements<u128>(d * d, 37, seed));
                     oblivious::eigen_decomposition(e, {.elements = elements, .rows = d, .columns = d}, 1);
                   }});
    all.push_back({"cox_regression", cox_regression});
    all.push_back({"cox_questions", cox_questions});
    all.push_back({"proportional_hazards", proportional_hazards});
    all.push_back({"subdistribution", subdistribution});
    all.push_back({"widen", [](Engine& e, std::size_t n, unsigned seed) {
                     oblivious::widen(e, share(e, signed_elements<u64>(n, 40, seed)), 40);
                   }});
    return all;
  }();
  return programs;
}

}  // namespace cohortium::conformance
