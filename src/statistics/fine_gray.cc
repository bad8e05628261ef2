// Fine and Gray's model of the subdistribution hazard of one cause, its steps opened.
//
// Local      per point of the public time grid, how many people leave by the cause, by others, and are censored; n; for
//            covariates that are 0 or 1, how many people and how many with the event have 1, and of every two both
// Step       at public coefficients, the moments of fine_gray_sums.h
// Under MPC  sums over sites; the minimum-cell rule, before the first step; the weights of people whose competing event lies
//            behind, from the Kaplan-Meier curve of censoring; score, information, likelihood; the variance of the score
// Opened     every step's coefficients, and the score, information and likelihood over all sites; nothing on the time grid
// Error      double rounding of sites' sums to 2^-40; score and information within about 2^-36 per event over the probability not
//            to be censored by then
// Source     Fine and Gray, JASA 1999; as R's cmprsk::crr, whose variance takes the estimate of G into account
#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"
#include "oblivious/fixed_point.h"
#include "statistics/competing_counts.h"
#include "statistics/design_matrix.h"
#include "statistics/distributions.h"
#include "statistics/fine_gray_sums.h"
#include "statistics/opened_newton.h"
#include "statistics/test_result.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

constexpr double largest_predictor = 12;  // sums of e^(2 * 12) over 2^26 people have 61 bits
using Vector = std::vector<double>;

// The entry without what belongs to the cause: the design would take `positive` for its own outcome.
AnalysisEntry entry_of_design(AnalysisEntry entry) {
  entry.positive.clear();
  return entry;
}

class FineGray final : public Analysis {
 public:
  explicit FineGray(const EntryContext& context)
      : columns_(context),
        entry_(entry_of_design(context.entry)),
        design_({entry_, context.path, context.columns, context.rule}, {context.entry.time, context.entry.event}),
        rule_(context.rule),
        confidence_(context.entry.confidence) {
    if (context.entry.positive.size() != 1) {
      throw Failure({.code = "study.bad_causes",
                     .message = "the model is about one cause",
                     .where = context.at("positive"),
                     .remedy = "name its code alone"});
    }
    if (context.entry.strength != "opened") {
      throw Failure({.code = "study.only_opened",
                     .message = "this model's steps cannot be hidden",
                     .where = context.at("strength"),
                     .remedy = "choose \"opened\" if its leakage statement is acceptable"});
    }
    cause_ = columns_.cause(context.entry.positive.front(), context.at("positive"));
    size_ = {.grid = columns_.grid(), .columns = design_.columns().size() - first()};
    if (size_.columns == 0 || design_.has_response() || design_.has_offset()) {
      throw Failure({.code = "study.bad_formula",
                     .message = "the model needs a formula with covariates, without a left side and without an offset",
                     .where = context.at("formula"),
                     .remedy = "write ~ age + sex"});
    }
    if (size_.moments() > (std::size_t{1} << 22)) {
      throw Failure({.code = "study.too_large",
                     .message = "each site would have to share more than 4,194,304 numbers per step",
                     .where = context.at("formula"),
                     .remedy = "use a coarser time step, a narrower range or fewer covariates"});
    }
    for (std::size_t j = 0; j < size_.columns; ++j) {
      const Interval range = design_.columns()[first() + j].range;
      centre_.push_back((range.low + range.high) / 2);
      half_.push_back(range.high > range.low ? (range.high - range.low) / 2 : 1);
      if (range.low == 0 && range.high == 1) binary_.push_back(j);
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes =
        "a Fine-Gray model of " + cause() + " over " + columns_.time().name + ": " + design_.describe();
    const std::string few = below_minimum(rule_);
    declaration.analyst_learns = {
        "coefficients with standard errors, the log-likelihood, and the numbers of people and of events of " + cause() +
            ", over all sites together; nothing when there are " + few + " or such events, or when some but " + few +
            " have a level of a covariate, or of two, or such an event with it",
        "compute parties and sites also learn every step of the fit: its coefficients; compute parties the score, the "
        "information matrix and the likelihood over all sites, too"};
    declaration.columns = design_.reads();
    declaration.aggregate = columns_.key() + "\x1f" + std::to_string(cause_) + "\x1f" + design_.key();
    declaration.aggregate_size = 2 + cells() + kLeavings * size_.grid;
    declaration.steps = most_newton_steps;
    declaration.step_size = size_.moments();
    declaration.error_bound = std::ldexp(1.0, -30);
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    std::vector<u128> counts(2 + cells() + kLeavings * size_.grid);
    each_person(table, [&](const Vector& x, std::size_t leaving, std::size_t time) {
      const bool event = leaving == kOfCause;
      counts[0] += 1;
      counts[1] += event;
      std::size_t next = 2;
      const auto has = [&](std::size_t b) { return x[binary_[b]] > 0; };  // -1 or 1
      for (std::size_t a = 0; a < binary_.size(); ++a) {
        counts[next++] += has(a) && event;
        for (std::size_t b = a; b < binary_.size(); ++b) counts[next++] += has(a) && has(b);
      }
      counts[2 + cells() + leaving * size_.grid + time] += 1;
    });
    return counts;
  }

  std::vector<u128> step(const data::Table& table, std::span<const double> state) const override {
    double largest = 0;
    for (const double b : state) largest += std::abs(b);
    if (state.size() != size_.columns || !(largest <= largest_predictor)) {
      throw Failure({.code = "study.bad_step", .message = "the compute parties ask for a step out of bounds"});
    }
    std::vector<double> sums(size_.moments());
    each_person(table, [&](const Vector& x, std::size_t leaving, std::size_t time) {
      double predictor = 0;
      for (std::size_t j = 0; j < x.size(); ++j) predictor += x[j] * state[j];
      double power = 1;
      for (std::size_t p = 0; p < 3; ++p, power *= std::exp(predictor)) {
        const auto at = [&](std::size_t monomial) -> double& { return sums[size_.place(leaving, p, monomial) + time]; };
        at(0) += power;
        for (std::size_t j = 0; j < x.size(); ++j) {
          at(1 + j) += power * x[j];
          for (std::size_t k = j; k < x.size(); ++k) at(size_.product(j, k)) += power * x[j] * x[k];
        }
      }
    });
    std::vector<u128> answer;
    for (const double sum : sums) answer.push_back(mpc::encode_fixed<u128>(sum, moment_bits));
    return answer;
  }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const std::size_t d = size_.columns;
    const Shared<u128> people = slice(inputs.aggregate, 0, 1), events = slice(inputs.aggregate, 1, 1);
    const mpc::SharedBits few = any_few(engine, inputs.aggregate);
    NewtonFit fit{.beta = Vector(d), .information = Vector(d * d)};
    const std::size_t pairs = d * (d + 1) / 2;
    Shared<u128> variance = oblivious::constant_fill(engine, pairs, u128{0});
    std::vector<mpc::SharedFault> faults{
        {few, "some but " + below_minimum(rule_) + " share a level of a covariate, or of two, or have an event"}};
    if ((engine.open_bits(engine.not_bits(few))[0] & 1) != 0) {
      const CensoringWeights weights =
          censoring_weights(engine, size_, slice(inputs.aggregate, 2 + cells(), kLeavings * size_.grid));
      Shared<u128> moments;
      FineGrayTerms terms;
      fit = newton(d, largest_predictor, [&](const Vector& beta) {
        moments = inputs.ask(beta);
        terms = fine_gray_terms(engine, size_, weights, moments, beta);
        return open_point(engine, terms);
      });
      variance = fine_gray_variance(engine, size_, weights, terms, moments);
      faults.push_back({terms.outside, "sums of hazards exceed 2^22: centre the covariates, or ask of fewer people"});
    }
    std::vector<u128> found{static_cast<u128>(fit.outcome)};
    const auto add = [&](double x) { found.push_back(std::bit_cast<std::uint64_t>(x)); };
    for (const double x : {fit.likelihood, fit.null_likelihood}) add(x);
    for (const double x : fit.beta) add(x);
    for (const double x : fit.information) add(x);
    mpc::SharedCells cells{.people = people,
                           .values = {events, engine.constant(std::span<const u128>(found)), variance},
                           .together = true,
                           .events = events};
    cells.faults = std::move(faults);
    return {.cells = std::move(cells), .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    TestResult result{.method = "Fine-Gray model of " + cause() + ", " + design_.describe() + ", steps opened",
                      .statistic_name = "Wald χ²"};
    double error = 0;
    if (cells.passed.front()) {
      present_fit(cells, result);
      error = std::ldexp(1.0, -30);
    } else if (!cells.faults.empty()) {
      result.note = "withheld: " + cells.faults.front();
    }
    nlohmann::json out = test_json(result, names_of(columns_.grouping().columns()), confidence_);
    out["error_bound"] = error;
    return out;
  }

 private:
  std::string cause() const { return columns_.causes()[cause_].label; }
  std::size_t first() const { return design_.has_intercept() ? 1 : 0; }
  // Per covariate of 0 and 1: with the event, with 1, and with another covariate's 1.
  std::size_t cells() const { return binary_.size() + binary_.size() * (binary_.size() + 1) / 2; }

  // Calls visit(x, leaving, time) for every row that takes part; covariates between -1 and 1.
  template <class Visit>
  void each_person(const data::Table& table, const Visit& visit) const {
    const data::Column& time = table.column(columns_.time().name);
    const std::vector<std::size_t> kinds = columns_.kinds(table);
    DesignReader reader(design_, table);
    DesignRow row;
    Vector x(size_.columns);
    for (std::size_t i = 0; i < table.rows; ++i) {
      if (kinds[i] > columns_.causes().size() || !reader.read(i, row)) continue;
      for (std::size_t j = 0; j < x.size(); ++j) x[j] = (row.x[first() + j] - centre_[j]) / half_[j];
      const std::size_t leaving = kinds[i] == columns_.causes().size() ? kCensored
                                  : kinds[i] == cause_                 ? kOfCause
                                                                       : kOfOther;
      visit(x, leaving, time.grid[i]);
    }
  }

  // One bit: whether people, events, or people and events by covariates are some but too few; or there are none at all.
  mpc::SharedBits any_few(mpc::Engine& engine, const Shared<u128>& aggregate) const {
    const auto at = [&](std::size_t i) { return slice(aggregate, i, 1); };
    const Shared<u128> people = at(0), events = at(1);
    std::vector<std::size_t> event_place, own_place;
    std::size_t next = 2;
    for (std::size_t a = 0; a < binary_.size(); ++a) {
      event_place.push_back(next);
      own_place.push_back(next + 1);
      next += 1 + binary_.size() - a;
    }
    std::vector<Shared<u128>> counts{people, events, subtract(people, events)};
    for (std::size_t a = 0; a < binary_.size(); ++a) {
      const Shared<u128> own = at(own_place[a]);
      for (const Shared<u128>& count :
           {at(event_place[a]), subtract(events, at(event_place[a])), own, subtract(people, own)})
        counts.push_back(count);
      for (std::size_t b = a + 1; b < binary_.size(); ++b) {
        const Shared<u128> other = at(own_place[b]), both = at(own_place[a] + b - a);
        for (const Shared<u128>& count :
             {both, subtract(own, both), subtract(other, both), add(subtract(people, own), subtract(both, other))})
          counts.push_back(count);
      }
    }
    const Shared<u128> all = concatenate(std::span<const Shared<u128>>(counts));
    const mpc::SharedBits below = oblivious::less_than_public(engine, all, u128{rule_.minimum_cell}, mpc::count_bits);
    const mpc::SharedBits none = oblivious::less_than_public(engine, all, u128{1}, mpc::count_bits);
    const mpc::SharedBits few = exclusive_or(below, none);  // the second implies the first
    std::vector<mpc::SharedBits> planes{slice(none, 0, 1), slice(none, 1, 1)};
    for (std::size_t i = 0; i < all.size; ++i) planes.push_back(slice(few, i, 1));
    return oblivious::or_all(engine, std::move(planes));
  }

  static NewtonPoint open_point(mpc::Engine& engine, const FineGrayTerms& terms) {
    NewtonPoint point;
    for (const u128 x : engine.open(terms.score)) point.score.push_back(mpc::decode_fixed(x, score_bits));
    for (const u128 x : engine.open(terms.information)) point.information.push_back(mpc::decode_fixed(x, score_bits));
    point.likelihood = mpc::decode_fixed(engine.open(terms.likelihood)[0], likelihood_bits);
    return point;
  }

  void present_fit(const mpc::ReleasedCells& cells, TestResult& result) const {
    const std::size_t d = size_.columns;
    const std::vector<u128>& found = cells.values[1];
    std::size_t next = 1;
    const auto number = [&] { return std::bit_cast<double>(static_cast<std::uint64_t>(found[next++])); };
    const double likelihood = number(), null_likelihood = number();
    if (cells.people[0]) result.estimates.push_back({"people", to_double(*cells.people[0])});
    result.estimates.push_back({"events", to_double(cells.values[0][0])});
    const auto outcome = static_cast<NewtonOutcome>(static_cast<int>(found[0]));
    if (outcome != NewtonOutcome::kConverged) {
      result.note = outcome == NewtonOutcome::kSingular ? "the information matrix is singular"
                    : outcome == NewtonOutcome::kTooFar ? "a coefficient grows without end, or covariates are too many"
                                                        : "not converged";
      return;
    }
    Vector beta(d), information(d * d), meat(d * d);
    for (double& x : beta) x = number();
    for (double& x : information) x = number();
    std::size_t pair = 0;
    for (std::size_t j = 0; j < d; ++j) {
      for (std::size_t k = j; k < d; ++k, ++pair)
        meat[j * d + k] = meat[k * d + j] = mpc::decode_fixed(cells.values[2][pair], moment_bits);
    }
    const Vector bread = *inverse_of(information, d);
    Vector covariance(d * d, 0);
    for (std::size_t i = 0; i < d * d * d * d; ++i) {
      const std::size_t row = i / (d * d * d), column = i / (d * d) % d, j = i / d % d, k = i % d;
      covariance[row * d + column] += bread[row * d + j] * meat[j * d + k] * bread[k * d + column];
    }
    if (const auto inverse = inverse_of(covariance, d)) {
      const Vector product = times(*inverse, beta);
      double statistic = 0;
      for (std::size_t j = 0; j < d; ++j) statistic += beta[j] * product[j];
      result.statistic = statistic;
      result.degrees_of_freedom = {static_cast<double>(d)};
      result.p = chi_square_upper_tail(statistic, static_cast<double>(d));
    }
    const double z = normal_quantile((1 + confidence_) / 2);
    for (std::size_t j = 0; j < d; ++j) {
      const std::string& name = design_.columns()[first() + j].name;
      const double value = beta[j] / half_[j], error = std::sqrt(covariance[j * d + j]) / half_[j];
      result.estimates.push_back({name, value, value - z * error, value + z * error});
      result.estimates.push_back({"standard error, " + name, error});
      result.estimates.push_back({"p, " + name, normal_two_sided(value / error)});
      result.estimates.push_back(
          {"hazard ratio, " + name, std::exp(value), std::exp(value - z * error), std::exp(value + z * error)});
    }
    result.estimates.push_back({"log-likelihood", likelihood});
    result.estimates.push_back({"log-likelihood without covariates", null_likelihood});
  }

  CompetingColumns columns_;
  AnalysisEntry entry_;
  DesignMatrix design_;
  mpc::ReleaseRule rule_;
  double confidence_;
  std::size_t cause_ = 0;
  FineGraySize size_;
  Vector centre_, half_;
  std::vector<std::size_t> binary_;  // covariates that are 0 or 1
};

}  // namespace

std::unique_ptr<Analysis> make_fine_gray(const EntryContext& context) { return std::make_unique<FineGray>(context); }

}  // namespace cohortium::statistics
