// Fine and Gray's model, its steps opened.
//
// Local      per point of the public time grid, how many people leave by the cause, by others, and are censored; the counts of
//            fine_gray.h
// Step       at public coefficients, the moments of fine_gray_sums.h
// Under MPC  sums over sites; the rules of models/model_disclosure.h, before the first step; the weights of people whose competing event lies
//            behind, from the Kaplan-Meier curve of censoring; score, information, likelihood; the variance of the score
// Opened     every step's coefficients, and the score, information and likelihood over all sites; nothing on the time grid
// Error      double rounding of sites' sums to 2^-40; score and information within about 2^-36 per event over the probability not
//            to be censored by then
// Source     Fine and Gray, JASA 1999; as R's cmprsk::crr, whose variance takes the estimate of G into account
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/fixed_point.h"
#include "statistics/models/opened_newton.h"
#include "statistics/survival/fine_gray.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

constexpr double largest_predictor = 12;  // sums of e^(2 * 12) over 2^26 people have 61 bits
constexpr std::size_t usual_steps = 5;
using Vector = std::vector<double>;

class FineGrayOpened final : public Analysis {
 public:
  explicit FineGrayOpened(const EntryContext& context)
      : model_(context, Opened::kSteps),
        size_{.grid = model_.grid(), .columns = model_.size()},
        most_steps_(context.entry.steps == 0 ? most_newton_steps : context.entry.steps) {
    if (size_.moments() > (std::size_t{1} << 22)) {
      throw Failure(
          {.code = "study.too_large",
           .message = "each site would have to share more than 4,194,304 numbers per step",
           .where = context.at("formula"),
           .remedy = "use a coarser time step, a narrower range or fewer covariates, or keep the steps hidden"});
    }
  }

  Declaration declare() const override {
    Declaration declaration = model_.declaration("opened");
    declaration.analyst_learns.push_back(
        "compute parties and sites also learn every step of the fit: its coefficients; compute parties the score, the "
        "information matrix and the likelihood over all sites, too");
    declaration.aggregate_size += kLeavings * size_.grid;
    declaration.steps = most_steps_;
    declaration.step_size = size_.moments();
    declaration.error_bound = error_bound;
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    std::vector<u128> counts = model_.counts(table);
    const std::size_t start = counts.size();
    counts.resize(start + kLeavings * size_.grid);
    FineGrayReader reader(model_, table);
    FineGrayRow row;
    for (std::size_t i = 0; i < table.rows; ++i) {
      if (reader.read(i, row)) counts[start + row.leaving * size_.grid + row.time] += 1;
    }
    return counts;
  }

  std::vector<u128> step(const data::Table& table, std::span<const double> state) const override {
    double largest = 0;
    for (const double b : state) largest += std::abs(b);
    if (state.size() != size_.columns || !(largest <= largest_predictor)) {
      throw Failure({.code = "study.bad_step", .message = "the compute parties ask for a step out of bounds"});
    }
    std::vector<double> sums(size_.moments());
    FineGrayReader reader(model_, table);
    FineGrayRow row;
    for (std::size_t i = 0; i < table.rows; ++i) {
      if (reader.read(i, row)) add_moments(row, state, sums);
    }
    std::vector<u128> answer;
    for (const double sum : sums) answer.push_back(mpc::encode_fixed<u128>(sum, moment_bits));
    return answer;
  }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const std::size_t d = size_.columns, pairs = d * (d + 1) / 2;
    const std::vector<mpc::SharedFault> doubts = model_.doubts(engine, inputs.aggregate);
    mpc::SharedCells cells = model_.released(engine, inputs.aggregate, doubts);
    const mpc::SharedBits few = oblivious::or_all(engine, {doubts[0].bit, doubts[1].bit});
    NewtonFit fit{.beta = Vector(d), .information = Vector(d * d)};
    Shared<u128> variance = oblivious::constant_fill(engine, pairs, u128{0});
    // A forecast, whose vectors have no components, opens nothing to go by.
    const bool forecast = inputs.aggregate.components == 0;
    if (is_open(engine, model_.people(inputs.aggregate), few, model_.rule().minimum_cell) || forecast) {
      const CensoringWeights weights =
          censoring_weights(engine, size_, slice(inputs.aggregate, model_.count_size(), kLeavings * size_.grid));
      Shared<u128> moments;
      FineGrayTerms terms;
      const auto evaluate = [&](const Vector& beta) {
        moments = inputs.ask(beta);
        terms = fine_gray_terms(engine, size_, weights, moments, beta);
        return open_point(engine, terms);
      };
      for (std::size_t step = 1; forecast && step < usual_steps; ++step) evaluate(fit.beta);
      fit = newton(d, largest_predictor, most_steps_, evaluate);
      variance = fine_gray_variance(engine, size_, weights, terms, moments);
      cells.faults.push_back(
          {terms.outside, "sums of hazards exceed 2^22: centre the covariates, or ask of fewer people"});
    }
    std::vector<u128> found{static_cast<u128>(fit.outcome), fit.steps};
    const auto add = [&](double x) { found.push_back(std::bit_cast<std::uint64_t>(x)); };
    for (const double x : {fit.likelihood, fit.null_likelihood}) add(x);
    for (const double x : fit.beta) add(x);
    for (const double x : fit.information) add(x);
    cells.values.insert(cells.values.end(), {engine.constant(std::span<const u128>(found)), variance});
    return {.cells = std::move(cells), .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    if (!cells.passed.front()) return model_.present(cells, "opened", std::nullopt, withheld_note(cells), 0);
    const std::vector<u128>& found = cells.values[2];
    const auto ended = static_cast<NewtonOutcome>(static_cast<int>(found[0]));
    if (ended == NewtonOutcome::kConverged)
      return model_.present(cells, "opened", fit_of(found, cells.values[3]), "", error_bound);
    const std::string note = ended == NewtonOutcome::kSingular
                                 ? "a covariate is constant or follows from others (singular information)"
                             : ended == NewtonOutcome::kTooFar
                                 ? "a coefficient grows without end (separated records), or covariates are too many"
                                 : "the likelihood has no maximum within reach (no convergence)";
    return model_.present(cells, "opened", std::nullopt, note, 0);
  }

 private:
  // What one person adds to the moments.
  void add_moments(const FineGrayRow& row, std::span<const double> state, std::vector<double>& sums) const {
    const Vector& x = row.x;
    double predictor = 0;
    for (std::size_t j = 0; j < x.size(); ++j) predictor += x[j] * state[j];
    double power = 1;
    for (std::size_t p = 0; p < 3; ++p, power *= std::exp(predictor)) {
      const auto at = [&](std::size_t monomial) -> double& {
        return sums[size_.place(row.leaving, p, monomial) + row.time];
      };
      at(0) += power;
      for (std::size_t j = 0; j < x.size(); ++j) {
        at(1 + j) += power * x[j];
        for (std::size_t k = j; k < x.size(); ++k) at(size_.product(j, k)) += power * x[j] * x[k];
      }
    }
  }

  static NewtonPoint open_point(mpc::Engine& engine, const FineGrayTerms& terms) {
    NewtonPoint point;
    for (const u128 x : engine.open(terms.score)) point.score.push_back(mpc::decode_fixed(x, score_bits));
    for (const u128 x : engine.open(terms.information)) point.information.push_back(mpc::decode_fixed(x, score_bits));
    point.likelihood = mpc::decode_fixed(engine.open(terms.likelihood)[0], likelihood_bits);
    return point;
  }

  // The covariance is I^-1 V I^-1.
  FineGrayFit fit_of(const std::vector<u128>& found, const std::vector<u128>& variance) const {
    const std::size_t d = size_.columns;
    std::size_t next = 2;
    const auto number = [&] { return std::bit_cast<double>(static_cast<std::uint64_t>(found[next++])); };
    FineGrayFit fit{.coefficients = Vector(d), .covariance = Vector(d * d)};
    fit.steps = static_cast<std::size_t>(found[1]);
    fit.likelihood = number();
    fit.null_likelihood = number();
    Vector information(d * d), meat(d * d);
    for (double& x : fit.coefficients) x = number();
    for (double& x : information) x = number();
    std::size_t pair = 0;
    for (std::size_t j = 0; j < d; ++j) {
      for (std::size_t k = j; k < d; ++k, ++pair)
        meat[j * d + k] = meat[k * d + j] = mpc::decode_fixed(variance[pair], moment_bits);
    }
    const Vector bread = *inverse_of(information, d);
    for (std::size_t i = 0; i < d * d * d * d; ++i) {
      const std::size_t row = i / (d * d * d), column = i / (d * d) % d, j = i / d % d, k = i % d;
      fit.covariance[row * d + column] += bread[row * d + j] * meat[j * d + k] * bread[k * d + column];
    }
    return fit;
  }

  static constexpr double error_bound = 0x1p-30;
  FineGrayModel model_;
  FineGraySize size_;
  std::size_t most_steps_;
};

}  // namespace

std::unique_ptr<Analysis> make_fine_gray_opened(const EntryContext& context) {
  return std::make_unique<FineGrayOpened>(context);
}

}  // namespace cohortium::statistics
