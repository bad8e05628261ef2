// The effect of a treatment by inverse probability weighting, everything hidden: a logistic model of the treatment gives each
// person's propensity, weighted means of the outcome are compared, and balance before and after tells how well it worked.
//
// Local      numbers of people by arm and outcome; sums and squares of every column by arm; what statistics/models/glm_secure.h
//            lists for the model; each row's scaled columns, treatment and outcome as shares
// Under MPC  the model of the treatment; weights 1 / P(own arm), or e^predictor of the untreated; weighted sums
// Released   weighted sums by arm, n of each arm; the minimum-cell rule on arms, arms by outcome, and levels of the columns
// Error      propensities to 2^-40; sums below 1e-8
// Source     Horvitz and Thompson (1952), normalised (Hajek); standard errors: Lunceford and Davidian, Statistics in
//            Medicine 2004, with weights taken as known; differences: Austin, Statistics in Medicine 2009
#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/exponential.h"
#include "oblivious/fixed_point.h"
#include "oblivious/one_hot.h"
#include "statistics/models/glm_secure.h"
#include "statistics/models/model_result.h"
#include "statistics/trials/kinds.h"
namespace cohortium::statistics {
namespace {

using mpc::Engine;
using mpc::Shared;
using mpc::u128;
using mpc::u64;
using oblivious::covariate_bits;
using oblivious::model_bits;

constexpr int effect_steps = 10;

enum Whole : std::size_t { kPeople, kMissing, kArms, kCells = kArms + 2, kWholes = kCells + 4 };

u128 encode(long double value, int bits) {
  return static_cast<u128>(static_cast<mpc::i128>(std::round(std::ldexp(value, bits))));
}
double decode(u128 value) {
  return static_cast<double>(std::ldexp(static_cast<long double>(static_cast<mpc::i128>(value)), -model_bits));
}

// x, or the bound it lies beyond.
Shared<u128> clamped(Engine& engine, const Shared<u128>& x, double low, double high) {
  const std::size_t n = x.size;
  const auto lowest = oblivious::constant_fill(engine, n, encode(low, model_bits));
  const auto highest = oblivious::constant_fill(engine, n, encode(high, model_bits));
  const std::array missing{mpc::subtract(lowest, x), mpc::subtract(highest, x)};
  const std::array differences{mpc::negate(missing[0]), missing[1]};  // negative outside
  const auto outside = engine.bit(mpc::concatenate(std::span<const Shared<u128>>(differences)), 127);
  const auto moves = engine.keep_where(outside, mpc::concatenate(std::span<const Shared<u128>>(missing)));
  return mpc::add(x, mpc::add(mpc::slice(moves, 0, n), mpc::slice(moves, n, n)));
}

double log_odds(double p) { return std::log(p / (1 - p)); }

AnalysisEntry model_entry(const EntryContext& context) {
  AnalysisEntry entry = context.entry;
  entry.family = "binomial", entry.link = "logit", entry.weight = "";
  return entry;
}

class TreatmentEffect final : public Analysis {
 public:
  TreatmentEffect(const EntryContext& context, const EntryContext& of_model)
      : model_(of_model),
        cells_(model_.design, context, Opened::kTable),
        numbers_(model_, of_model),
        enough_(model_.rule, numbers_.columns()),
        outcome_(context.any_column("outcome", context.entry.outcome)),
        treated_only_(context.entry.method == "att") {
    if (!model_.design.response_is_binary() || model_.design.has_offset()) {
      throw Failure(
          {.code = "study.bad_outcome",
           .message = "the left side of the formula is to be the treatment: an event, or levels of a category",
           .where = context.at("formula"),
           .remedy = "name such a column, and leave offsets out"});
    }
    binary_ = outcome_.type == data::ColumnType::kEvent;
    if (!binary_) {
      context.column("outcome", context.entry.outcome, data::ColumnType::kNumber);
      centre_ = (outcome_.low + outcome_.high) / 2;
      half_width_ = std::max((outcome_.high - outcome_.low) / 2, 1e-9);
    }
    if (context.entry.probabilities.size() == 2) {
      low_ = context.entry.probabilities[0], high_ = context.entry.probabilities[1];
    }
    if (!(low_ >= 0.001 && low_ < 0.5 && high_ > 0.5 && high_ <= 0.999)) {
      throw Failure({.code = "study.bad_range",
                     .message = "propensities are cut at two limits, one from 0.001 to 0.5, one from 0.5 to 0.999",
                     .where = context.at("probabilities"),
                     .remedy = "write such as [0.01, 0.99]"});
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the effect of " + model_.design.response_name() + " on " + outcome_.name +
                           " by inverse probability weighting: " + model_.design.describe();
    declaration.analyst_learns = {
        "over all sites together: how many people are in each arm; means of " + outcome_.name +
        " by arm, weighted by a propensity score, and their errors; for every column of the model the means of both "
        "arms, "
        "in standard deviations, before and after weighting; nothing when there are " +
        below_minimum(model_.rule) + " in an arm, in an arm with or without an outcome, or in a level of a column, " +
        enough_.sentence("in an arm")};
    declaration.columns = model_.design.reads();
    declaration.columns.push_back(outcome_.name);
    const std::string key = model_.design.key() + "\x1f" + outcome_.name;
    declaration.aggregate = "treatment effect\x1f" + key;
    declaration.aggregate_size = kWholes + cells_.size() + numbers_.size() + 4 * numbers_.columns();
    declaration.rows = "treatment effect rows\x1f" + key;
    declaration.row_columns = numbers_.row_columns() + 1;
    declaration.aggregate_bounds = {counts_of_people(kWholes + cells_.size())};
    for (const Bounds& sums : numbers_.bounds()) declaration.aggregate_bounds.push_back(sums);
    declaration.aggregate_bounds.push_back(fixed_sums(4 * numbers_.columns(), -1, 1, model_bits));
    declaration.row_bounds = numbers_.row_bounds();
    declaration.row_bounds.push_back(fixed_numbers(1, -1, 1, covariate_bits));
    declaration.error_bound = 1e-6;
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    const std::size_t d = numbers_.columns();
    std::vector<u128> wholes(kWholes);
    std::vector<long double> moments(4 * d);  // by arm: sums, sums of squares
    std::vector<std::size_t> rows;
    GlmSums sums(numbers_);
    each_row(table, [&](std::size_t i, const GlmRow& row, double outcome) {
      rows.push_back(i);
      const std::size_t arm = row.values.response > 0.5 ? 1 : 0;
      wholes[kArms + arm] += 1;
      if (binary_) wholes[kCells + 2 * arm + (outcome > 0.5 ? 1 : 0)] += 1;
      sums.add(row);
      for (std::size_t j = 0; j < d; ++j) {
        moments[2 * arm * d + j] += row.values.x[j];
        moments[(2 * arm + 1) * d + j] += static_cast<long double>(row.values.x[j]) * row.values.x[j];
      }
    });
    wholes[kPeople] = rows.size();
    wholes[kMissing] = table.rows - rows.size();
    const std::vector<u128> cells = cells_.count(table, rows), reals = sums.encoded();
    wholes.insert(wholes.end(), cells.begin(), cells.end());
    wholes.insert(wholes.end(), reals.begin(), reals.end());
    for (const long double moment : moments) wholes.push_back(encode(moment, model_bits));
    return wholes;
  }

  std::vector<u128> rows(const data::Table& table) const override {
    const std::size_t last = numbers_.row_columns();
    std::vector<u128> values((last + 1) * table.rows);
    each_row(table, [&](std::size_t i, const GlmRow& row, double outcome) {
      numbers_.write_row(row, i, table.rows, values);
      values[last * table.rows + i] = encode((outcome - centre_) / half_width_, covariate_bits);
    });
    return values;
  }

  mpc::SharedOutcome secure(Engine& engine, const SiteInputs& inputs) const override {
    const u64 minimum = model_.rule.minimum_cell;
    const std::size_t d = numbers_.columns(), first_real = kWholes + cells_.size();
    const auto counted = slice(inputs.aggregate, kArms, first_real - kArms);
    const mpc::SharedBits few = any_few(engine, counted, minimum);
    const GlmShared fit = fit_hidden(engine, numbers_, slice(inputs.aggregate, first_real, numbers_.size()),
                                     inputs.rows, inputs.row_count, effect_steps);
    mpc::SharedCells cells{.people = slice(inputs.aggregate, kPeople, 1), .values = {}, .together = true};
    cells.faults = {
        {few, "an arm, an arm with or without an outcome, or a level of a column has " + below_minimum(model_.rule),
         minimum_cell_rule(model_.rule)},
        enough_.fault(engine, cells.people, slice(inputs.aggregate, kArms, 2))};
    cells.faults.insert(cells.faults.end(), fit.faults.begin(), fit.faults.end());
    cells.values = {mask_few(engine, slice(inputs.aggregate, kMissing, 1), minimum), slice(inputs.aggregate, kArms, 2),
                    slice(inputs.aggregate, first_real + numbers_.size(), 4 * d),
                    inputs.row_count == 0 ? oblivious::constant_fill(engine, 4 * (d + 3), u128{0})
                                          : weighted_sums(engine, inputs, fit.coefficients)};
    return {.cells = std::move(cells), .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override;

 private:
  struct Arm {
    double n = 0, weight = 0, squares = 0;  // squares: of weights
    double mean = 0, variance = 0;          // of the weighted mean
    std::vector<double> before, deviation, after;
  };
  Arm arm_of(const mpc::ReleasedCells& cells, std::size_t arm) const;
  void add_terms(ModelResult& result, const std::array<Arm, 2>& arms) const;
  void add_balance(ModelResult& result, const std::array<Arm, 2>& arms) const;

  template <class Body>
  void each_row(const data::Table& table, const Body& body) const {
    const data::Column& outcome = table.column(outcome_.name);
    GlmReader reader(model_, table);
    GlmRow row;
    for (std::size_t i = 0; i < table.rows; ++i) {
      if (!reader.read(i, row) || (!outcome.missing.empty() && outcome.missing[i])) continue;
      body(i, row, binary_ ? static_cast<double>(outcome.event[i]) : outcome.number[i]);
    }
  }

  // For x's columns, ones, outcome and its square: sums with the weights of the treated, of the untreated, and with the
  // squares of these; model_bits.
  Shared<u128> weighted_sums(Engine& engine, const SiteInputs& inputs, const Shared<u128>& coefficients) const {
    const std::size_t n = inputs.row_count, d = numbers_.columns();
    const oblivious::ModelRecords records = model_records(numbers_, inputs.rows, n);
    const auto outcome = slice(inputs.rows, numbers_.row_columns() * n, n);
    const auto eta =
        clamped(engine, oblivious::predictors(engine, records, coefficients), log_odds(low_), log_odds(high_));
    // The odds of the other arm: 1 / P(own arm) = 1 + e^(eta - 2 treated eta).
    const auto away = mpc::subtract(eta, mpc::scale(engine.multiply(records.y, eta), u128{2}));
    constexpr int limit = 10;  // ln 999 < 10 ln 2
    const auto odds =
        oblivious::exponential(engine, away, {.lowest = limit, .highest = limit, .fraction_bits = model_bits});
    const auto one = oblivious::constant_fill(engine, n, u128{1} << model_bits);
    const auto own =
        treated_only_ ? mpc::add(odds, engine.multiply(records.y, mpc::subtract(one, odds))) : mpc::add(odds, one);
    const auto weight = engine.multiply(own, records.weight);
    const auto treated = engine.multiply(weight, records.y);
    const std::array arms{treated, mpc::subtract(weight, treated)};
    const auto both = mpc::concatenate(std::span<const Shared<u128>>(arms));
    const std::array all{both, engine.multiply_truncate(both, both, model_bits)};
    const auto factors = oblivious::interleave(mpc::concatenate(std::span<const Shared<u128>>(all)), n);  // n x 4
    const std::array columns{records.x, mpc::scale(records.weight, u128{1} << covariate_bits), outcome,
                             engine.multiply_truncate(outcome, outcome, covariate_bits)};
    return engine.matrix_product_truncate(mpc::concatenate(std::span<const Shared<u128>>(columns)), factors, d + 3, n,
                                          4, covariate_bits);
  }

  GlmModel model_;
  ModelCells cells_;
  GlmNumbers numbers_;
  EnoughRecords enough_;
  data::ColumnDeclaration outcome_;
  bool treated_only_ = false, binary_ = false;
  double centre_ = 0, half_width_ = 1, low_ = 0.001, high_ = 0.999;
};

TreatmentEffect::Arm TreatmentEffect::arm_of(const mpc::ReleasedCells& cells, std::size_t arm) const {
  const std::size_t d = numbers_.columns(), column = arm == 1 ? 0 : 1;
  const std::vector<u128>&moments = cells.values[2], &sums = cells.values[3];
  const auto sum = [&](std::size_t row, bool squared) { return decode(sums[4 * row + column + (squared ? 2 : 0)]); };
  Arm result;
  result.n = to_double(cells.values[1][arm]);
  result.weight = sum(d, false);
  result.squares = sum(d, true);
  const double mean = sum(d + 1, false) / result.weight;
  const double square = sum(d + 2, true) - 2 * mean * sum(d + 1, true) + mean * mean * result.squares;
  result.mean = centre_ + half_width_ * mean;
  result.variance = half_width_ * half_width_ * square / (result.weight * result.weight);
  for (std::size_t j = 0; j < d; ++j) {
    const double x = decode(moments[2 * arm * d + j]) / result.n, squared = decode(moments[(2 * arm + 1) * d + j]);
    result.before.push_back(x);
    result.deviation.push_back((squared - result.n * x * x) / (result.n - 1));
    result.after.push_back(sum(j, false) / result.weight);
  }
  return result;
}

void TreatmentEffect::add_terms(ModelResult& result, const std::array<Arm, 2>& arms) const {
  const Arm &untreated = arms[0], &treated = arms[1];
  std::vector<std::string> names{"mean, treated", "mean, untreated", "difference"};
  std::vector<double> estimates{treated.mean, untreated.mean, treated.mean - untreated.mean};
  std::vector<double> variances{treated.variance, untreated.variance, treated.variance + untreated.variance};
  if (binary_) {
    const auto relative = [](const Arm& arm, double scale) { return arm.variance / (scale * scale); };
    const auto odds = [](double p) { return p * (1 - p); };
    names.insert(names.end(), {"log risk ratio", "log odds ratio"});
    estimates.insert(estimates.end(),
                     {std::log(treated.mean / untreated.mean), log_odds(treated.mean) - log_odds(untreated.mean)});
    variances.insert(variances.end(),
                     {relative(treated, treated.mean) + relative(untreated, untreated.mean),
                      relative(treated, odds(treated.mean)) + relative(untreated, odds(untreated.mean))});
  }
  std::vector<double> covariance(names.size() * names.size());
  for (std::size_t i = 0; i < names.size(); ++i) covariance[i * names.size() + i] = variances[i];
  result.terms = wald_terms(names, estimates, covariance, std::nullopt, model_.confidence, false);
}

void TreatmentEffect::add_balance(ModelResult& result, const std::array<Arm, 2>& arms) const {
  const Arm &untreated = arms[0], &treated = arms[1];
  const double n = treated.n + untreated.n;
  const auto effective = [](const Arm& arm) { return arm.weight * arm.weight / arm.squares; };
  result.fit = {{"n_treated", treated.n},
                {"n_untreated", untreated.n},
                {"effective_n_treated", effective(treated)},
                {"effective_n_untreated", effective(untreated)},
                // Stabilised weights carry the share of the own arm.
                {"mean_stabilised_weight",
                 treated_only_ ? NAN : (treated.weight * treated.n + untreated.weight * untreated.n) / (n * n)}};
  for (std::size_t j = 0; j < numbers_.columns(); ++j) {
    const std::string& name = model_.design.columns()[j].name;
    if (name == "(Intercept)") continue;
    const double deviation = std::sqrt((treated.deviation[j] + untreated.deviation[j]) / 2);
    result.fit.emplace_back("difference before: " + name, (treated.before[j] - untreated.before[j]) / deviation);
    result.fit.emplace_back("difference after: " + name, (treated.after[j] - untreated.after[j]) / deviation);
  }
}

nlohmann::json TreatmentEffect::present(const mpc::ReleasedOutcome& outcome) const {
  const mpc::ReleasedCells& cells = *outcome.cells;
  ModelResult result{.method = treated_only_ ? "Effect among the treated, by inverse probability weighting"
                                             : "Average effect, by inverse probability weighting",
                     .formula = model_.design.describe(),
                     .statistic_name = "z"};
  result.strength = "hidden";
  if (!cells.passed.front()) {
    result.note = "withheld" + (cells.faults.empty() ? "" : ": " + cells.faults.front());
  } else {
    const std::array arms{arm_of(cells, 0), arm_of(cells, 1)};
    add_terms(result, arms);
    add_balance(result, arms);
    result.n = to_double(*cells.people[0]);
    result.missing = unmasked(cells.values[0][0]);
    result.steps = effect_steps;
    result.error_bound = 1e-6;
  }
  nlohmann::json out = model_json(result, model_.confidence);
  out["outcome"] = outcome_.name;
  out["treatment"] = model_.design.response_name();
  return out;
}

}  // namespace

std::unique_ptr<Analysis> make_treatment_effect(const EntryContext& context) {
  const AnalysisEntry entry = model_entry(context);
  return std::make_unique<TreatmentEffect>(context, EntryContext{entry, context.path, context.columns, context.rule});
}

}  // namespace cohortium::statistics
