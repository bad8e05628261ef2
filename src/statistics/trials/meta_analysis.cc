// Meta-analysis with sites as studies: fixed effect, or random effects by DerSimonian and Laird or by restricted maximum
// likelihood. No site's estimate is opened, to anyone.
//
// Local      the site's estimate y and its variance v in the clear (statistics/trials/site_estimate.h); with w = 1/v: w, w^2, w y,
//            w y^2, the number of people, and y, v and 1 in the site's own places of the aggregate
// Under MPC  sums over sites. Random effects, in fixed point: the variance between sites tau^2 and Q
//            (statistics/trials/between_sites.h); the weights 1 / (v_i + tau^2), their sum and that of their products with y_i
// Released   k and people; fixed: sums of w, wy and wy^2; random: both last sums, tau^2, and Q. Nothing with fewer than three
//            sites or too few people, or where the steps to tau^2 have not converged. Of three sites with random effects Q
//            is kept back: a site that knows its own estimate would face as many equations as unknowns of the others
// Error      sums: 2^-36; random effects: declared in the result
// Source     DerSimonian and Laird (1986); Harville (1977); Higgins and Thompson (2002); Higgins, Thompson and Spiegelhalter
//            (2009)
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/compare.h"
#include "oblivious/fixed_point.h"
#include "statistics/distributions.h"
#include "statistics/entries.h"
#include "statistics/test_result.h"
#include "statistics/trials/between_sites.h"
#include "statistics/trials/kinds.h"
#include "statistics/trials/site_estimate.h"

namespace cohortium::statistics {
namespace {

using mpc::i128;
using mpc::Shared;
using mpc::u128;
using mpc::u64;

constexpr std::size_t sites = mpc::maximum_sites;
constexpr int likelihood_steps = 10;
constexpr double largest_estimate = 16, largest_variance = 256, least_variance = 0x1.1p-20;
enum Place : std::size_t { kSites, kPeople, kWeights, kSquares, kProducts, kSquareProducts, kFirstSlot };

u128 fixed(long double x, int bits) {
  return static_cast<u128>(static_cast<i128>(std::nearbyint(std::ldexp(x, bits))));
}

class MetaAnalysis final : public Analysis {
 public:
  explicit MetaAnalysis(const EntryContext& context)
      : measure_(context),
        rule_(context.rule),
        random_(context.entry.method != "fixed"),
        steps_(context.entry.method != "reml" ? 0
               : context.entry.steps == 0     ? likelihood_steps
                                              : static_cast<int>(context.entry.steps)),
        confidence_(context.entry.confidence) {}

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the meta-analysis over sites of " + measure_.describe();
    declaration.analyst_learns = {
        random_
            ? "the pooled estimate with its standard error, the variance between sites, and with four sites or more "
              "Cochran's Q and what follows from them; the number of sites and people that have part; no site's "
              "estimate"
            : "the pooled estimate with its standard error, Cochran's Q and what follows from them; the number of "
              "sites and people that have part; no site's estimate",
        "nothing when fewer than three sites have an estimate, or these have " + below_minimum(rule_)};
    if (steps_ > 0)
      declaration.analyst_learns.push_back(
          "if the variance between sites does not converge, that, and the number of people alone");
    declaration.columns = measure_.columns();
    declaration.aggregate = "estimates of sites\x1f" + measure_.key();
    declaration.aggregate_size = kFirstSlot + 3 * sites;
    constexpr double weight = 1 / least_variance;
    declaration.aggregate_bounds = {bits(1),
                                    counts_of_people(1),
                                    fixed_numbers(1, 0, weight, sum_bits),
                                    fixed_numbers(1, 0, weight * weight, sum_bits),
                                    fixed_numbers(1, -weight * largest_estimate, weight * largest_estimate, sum_bits),
                                    fixed_numbers(1, 0, weight * largest_estimate * largest_estimate, sum_bits),
                                    fixed_numbers(sites, -largest_estimate, largest_estimate, estimate_bits),
                                    fixed_numbers(sites, 0, largest_variance, variance_bits),
                                    bits(sites)};
    declaration.error_bound = random_ ? 0x1p-20 : 0x1p-30;  // the result knows better
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    COHORTIUM_CHECK(table.site < sites);
    std::vector<u128> out(declare().aggregate_size);
    const auto estimate = measure_.estimate(table);
    if (!estimate) return out;
    const double scale = measure_.scale();
    const long double y = estimate->value * scale, v = estimate->variance * scale * scale, w = 1 / v;
    if (!(std::abs(y) < largest_estimate && v < largest_variance && v >= least_variance)) {
      throw Failure({.code = "study.estimate_out_of_range",
                     .message = "the site's estimate or its variance is too large or too small to be pooled",
                     .where = measure_.name(),
                     .remedy = "use another measure, or a column's range that fits the values"});
    }
    out[kSites] = 1;
    out[kPeople] = static_cast<u128>(estimate->people);
    out[kWeights] = fixed(w, sum_bits);
    out[kSquares] = fixed(w * w, sum_bits);
    out[kProducts] = fixed(w * y, sum_bits);
    out[kSquareProducts] = fixed(w * y * y, sum_bits);
    out[kFirstSlot + table.site] = fixed(y, estimate_bits);
    out[kFirstSlot + sites + table.site] = fixed(v, variance_bits);
    out[kFirstSlot + 2 * sites + table.site] = 1;
    return out;
  }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const Shared<u128>& all = inputs.aggregate;
    auto sum = [&](Place place) { return slice(all, place, 1); };
    // Fewer than three sites; than four.
    const std::vector<u64> bounds{3, 4};
    const auto below =
        oblivious::less_than(engine, narrow(tile(sum(kSites), 2)), engine.constant(std::span<const u64>(bounds)), 8);
    const auto few = slice(below, 0, 1);
    mpc::SharedCells cells{.people = engine.keep_where(engine.not_bits(few), sum(kPeople)),
                           .values = {sum(kSites)},
                           .together = true,
                           .faults = {{few, "fewer than three sites have an estimate"}}};
    if (!random_) {
      cells.values.insert(cells.values.end(), {sum(kWeights), sum(kProducts), sum(kSquareProducts)});
      return {.cells = std::move(cells), .curve = {}};
    }
    const SharedEstimates estimates = estimates_of(engine, all);
    const MomentEstimate moments =
        moment_estimate(engine, {sum(kSites), sum(kWeights), sum(kSquares), sum(kProducts), sum(kSquareProducts)});
    Shared<u128> between = moments.variance;
    if (steps_ > 0) {
      const LikelihoodEstimate found = restricted_likelihood_estimate(engine, estimates, moments, steps_);
      between = found.variance;
      cells.faults.push_back({engine.and_bits(found.not_converged, engine.not_bits(few)),
                              "the variance between sites has not converged in " + std::to_string(steps_) + " steps"});
    }
    const Shared<u128> weights = random_effects_weights(engine, estimates, between);
    cells.values.insert(
        cells.values.end(),
        {sum_blocks(weights, sites), engine.dot_truncate(weights, estimates.value, sites, estimate_bits), between,
         engine.keep_where(engine.not_bits(slice(below, 1, 1)), moments.q)});
    return {.cells = std::move(cells), .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    TestResult result{.method = steps_ > 0 ? "Random effects (restricted maximum likelihood)"
                                : random_  ? "Random effects (DerSimonian and Laird)"
                                           : "Fixed effect (inverse variance)",
                      .statistic_name = "z"};
    for (const std::string& fault : outcome.cells->faults) result.note = fault;
    nlohmann::json out;
    double error_bound = declare().error_bound;
    if (outcome.cells->passed.front()) error_bound = fill(result, *outcome.cells);
    out = test_json(result, nlohmann::json::array(), confidence_);
    out["error_bound"] = error_bound;
    return out;
  }

 private:
  // Places of no site get a variance of 1.
  static SharedEstimates estimates_of(mpc::Engine& engine, const Shared<u128>& all) {
    const Shared<u128> here = slice(all, kFirstSlot + 2 * sites, sites),
                       nobody = subtract(oblivious::constant_fill(engine, sites, u128{1}), here);
    return {.here = here,
            .value = slice(all, kFirstSlot, sites),
            .variance = add(slice(all, kFirstSlot + sites, sites), scale(nobody, u128{1} << variance_bits))};
  }

  // Returns the error bound.
  double fill(TestResult& result, const mpc::ReleasedCells& cells) const {
    const double k = to_double(cells.values[0][0]), scale = measure_.scale();
    const int bits = random_ ? weight_bits : sum_bits;
    const double weights = mpc::decode_fixed(cells.values[1][0], bits),
                 products = mpc::decode_fixed(cells.values[2][0], bits);
    const double value = products / weights / scale, error = 1 / std::sqrt(weights) / scale;
    const double z = normal_quantile(0.5 + confidence_ / 2);
    result.statistic = value / error;
    result.p = normal_two_sided(*result.statistic);
    result.estimates.push_back({measure_.name(), value, value - z * error, value + z * error});
    if (!measure_.ratio_name().empty())
      result.estimates.push_back(
          {measure_.ratio_name(), std::exp(value), std::exp(value - z * error), std::exp(value + z * error)});
    result.estimates.push_back({"standard error", error});
    if (random_) {
      const double tau = mpc::decode_fixed(cells.values[3][0], variance_bits) / (scale * scale);
      result.estimates.push_back({"variance between sites (tau²)", std::max(0.0, tau)});
      const double reach =
          student_quantile(0.5 + confidence_ / 2, k - 2) * std::sqrt(std::max(0.0, tau) + error * error);
      result.estimates.push_back({"prediction", value, value - reach, value + reach});
    }
    if (!random_ || k >= 4) {
      const double q = random_ ? mpc::decode_fixed(cells.values[4][0], sum_bits)
                               : mpc::decode_fixed(cells.values[3][0], sum_bits) - products * products / weights;
      result.estimates.push_back({"heterogeneity (Q)", std::max(0.0, q)});
      result.estimates.push_back({"p of heterogeneity", chi_square_upper_tail(std::max(0.0, q), k - 1)});
      result.estimates.push_back({"I² (%)", q > k - 1 ? 100 * (q - (k - 1)) / q : 0});
    }
    result.estimates.push_back({"sites", k});
    result.estimates.push_back({"people", to_double(*cells.people[0])});
    // Of sums: a unit per site against the sum. Of random effects: the denominators' unit of 2^-28 against the sum of
    // weights, which is at least that released; and each variance's unit of 2^-44 against 2^-20 or more.
    // An iteration that ends within 2^-24 of its own leaves four times as much.
    if (!random_) return k * 0x1p-36 / weights;
    return (steps_ > 0 ? 4 : 1) * (0x1p-24 + 0x1p-25 / weights);
  }

  EffectMeasure measure_;
  mpc::ReleaseRule rule_;
  bool random_;
  int steps_;  // of restricted maximum likelihood; 0: by moments
  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_meta_analysis(const EntryContext& context) {
  return std::make_unique<MetaAnalysis>(context);
}

}  // namespace cohortium::statistics
