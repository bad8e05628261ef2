// What a site shares of its rows for a hidden model, and how a released fit is read.
#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numbers>

#include "base/error.h"
#include "oblivious/penalised_model.h"
#include "statistics/models/glm_secure.h"

namespace cohortium::statistics {
namespace {

using mpc::i128;
using mpc::u128;
using oblivious::model_bits;

constexpr int maximum_total_bits = 40, maximum_penalised_bits = 36;
constexpr double largest_term = 0x1p40;                   // far beyond what a row adds to any sum
constexpr std::size_t cheap_from = std::size_t{1} << 14;  // rows from which a logit model begins with cheap steps

u128 encode(long double value, int bits) {
  return static_cast<u128>(static_cast<i128>(std::round(std::ldexp(value, bits))));
}
long double decode(u128 value, int bits) {
  return std::ldexp(static_cast<long double>(static_cast<i128>(value)), -bits);
}

// Bits that hold every number up to `largest`.
int bits_above(double largest) { return std::max(0, static_cast<int>(std::ceil(std::log2(std::max(largest, 1e-9))))); }

using Kind = oblivious::Family;

Kind family_of(const Family& family, const EntryContext& context) {
  static const std::map<std::pair<std::string, std::string>, Kind> known = {
      {{"binomial", "logit"}, Kind::kLogit},
      {{"binomial", "probit"}, Kind::kProbit},
      {{"binomial", "cloglog"}, Kind::kCloglog},
      {{"binomial", "log"}, Kind::kLogBinomial},
      {{"poisson", "log"}, Kind::kPoisson},
      {{"poisson", "identity"}, Kind::kPoissonIdentity},
      {{"poisson", "sqrt"}, Kind::kPoissonSqrt},
      {{"gamma", "log"}, Kind::kGamma},
      {{"gamma", "inverse"}, Kind::kGammaInverse},
      {{"gamma", "identity"}, Kind::kGammaIdentity},
      {{"gaussian", "identity"}, Kind::kGaussian},
      {{"gaussian", "log"}, Kind::kGaussianLog},
      {{"gaussian", "inverse"}, Kind::kGaussianInverse},
      {{"negative_binomial", "log"}, Kind::kNegativeBinomial}};
  const auto found = known.find({family.name, family.link.name});
  if (found != known.end()) return found->second;
  throw Failure({.code = "study.no_such_strength",
                 .message = "family " + family.name + " with link " + family.link.name + " cannot be fitted hidden",
                 .where = context.at("strength"),
                 .remedy = "write \"strength\": \"opened\", or use another link"});
}

[[noreturn]] void refuse_outcome(const EntryContext& context, const std::string& message, const std::string& remedy) {
  throw Failure({.code = "study.bad_outcome", .message = message, .where = context.at("formula"), .remedy = remedy});
}

}  // namespace

GlmNumbers::GlmNumbers(const GlmModel& model, const EntryContext& context)
    : model_(model), has_offset_(model.design.has_offset()) {
  const Interval range = model.design.response_range();
  const bool binary = model.design.response_is_binary();
  plan_.family = family_of(model.family, context);
  if (is_probability(plan_.family) || model.family.name == "poisson") plan_.outcome_bits = binary ? 0 : 20;
  if (is_gamma(plan_.family) || is_gaussian(plan_.family)) scale_outcome(range, context);
  if (model.family.name == "poisson") {
    plan_.highest = std::min(bits_above(range.high) + 4, 40);
    working_bits_ = bits_above(range.high) + 3;
  }
  switch (plan_.family) {
    case Kind::kProbit:
      if (!binary)
        refuse_outcome(context, "a hidden probit model needs an outcome that is there or not", "name an event");
      break;
    case Kind::kNegativeBinomial:
      if (range.high > 4000)
        refuse_outcome(context, "a hidden negative binomial model counts to 4,000", "declare a narrower range");
      plan_.largest_outcome = std::max(1, static_cast<int>(std::floor(range.high)));
      working_bits_ = bits_above(range.high) + 3;
      break;
    case Kind::kCloglog:
      working_bits_ = 1;
      break;
    case Kind::kLogBinomial:
      working_bits_ = 10;
      break;
    case Kind::kPoissonIdentity:
    case Kind::kPoissonSqrt:
      if (range.high > 4096)
        refuse_outcome(context, "with this link a hidden model counts to 4,096", "declare a narrower range");
      plan_.highest =
          2 + (plan_.family == Kind::kPoissonSqrt ? (bits_above(range.high) + 1) / 2 : bits_above(range.high));
      working_bits_ = plan_.lowest;
      break;
    default:
      break;
  }
  if (!model.weight.empty()) {
    plan_.weighted = true;
    plan_.weight_bits = 20;
    largest_weight_ = context.column("weight", model.weight, data::ColumnType::kNumber).high;
    working_bits_ += bits_above(largest_weight_);
  }
  const std::vector<double> ridge = model.scaled_ridge();
  largest_ridge_ = *std::max_element(ridge.begin(), ridge.end());
  if (largest_ridge_ > 1e9) {
    throw Failure({.code = "study.bad_penalty",
                   .message = "the penalty is too large for a hidden solution",
                   .where = context.at("penalty"),
                   .remedy = "use a smaller one, write \"strength\": \"opened\", or measure columns in smaller units"});
  }
  if (columns() > 64) {
    throw Failure({.code = "study.too_many_levels",
                   .message = "a hidden model has at most 64 columns",
                   .where = context.at("formula"),
                   .remedy = "declare fewer levels, or write \"strength\": \"opened\""});
  }
}

// Outcomes are divided by a power of two, with the identity link of a gaussian outcome seen from the middle of their range.
void GlmNumbers::scale_outcome(const Interval& range, const EntryContext& context) {
  const std::string& link = model_.family.link.name;
  plan_.outcome_bits = 40;
  if (plan_.family == Kind::kGaussian) {
    outcome_centre_ = (range.low + range.high) / 2;
    outcome_shift_ = bits_above((range.high - range.low) / 2);
    coefficient_shift_ = outcome_shift_;
    has_offset_ = true;
    working_bits_ = 1;
    return;
  }
  if (!(range.low > 0))
    refuse_outcome(context, "with this link a hidden model needs outcomes above 0",
                   "declare a range that begins above 0");
  outcome_shift_ = bits_above(range.high);
  const int ratio = bits_above(range.high / range.low);
  if (link == "log") {
    has_offset_ = true;  // takes up the divisor
    plan_.highest = plan_.family == Kind::kGamma ? std::clamp(ratio + 3, 1, 40) : 3;
    working_bits_ = plan_.family == Kind::kGamma ? 1 : 6;
    if (plan_.family == Kind::kGamma) return;
  }
  coefficient_shift_ = link == "identity" ? outcome_shift_ : link == "inverse" ? -outcome_shift_ : 0;
  const int widest = plan_.family == Kind::kGaussianInverse ? 4 : 8;
  if (ratio > widest)
    refuse_outcome(context,
                   "with this link a hidden model needs outcomes of which the largest is at most " +
                       std::to_string(1 << widest) + " times the smallest",
                   "declare a narrower range, or write \"strength\": \"opened\"");
  if (link == "inverse") {
    plan_.lowest = 2, plan_.highest = ratio + 2;
    working_bits_ = 8;
  } else if (link == "identity") {
    plan_.lowest = ratio + 2, plan_.highest = 2;
    working_bits_ = 2 * plan_.lowest;
  }
}

double GlmNumbers::scaled_outcome(double response) const {
  return std::ldexp(response - outcome_centre_, -outcome_shift_);
}

std::vector<Bounds> GlmNumbers::bounds() const {
  return {fixed_sums(columns() * (columns() + 1) + kGlmReals, -largest_term, largest_term, model_bits),
          fixed_sums(static_cast<std::size_t>(plan_.largest_outcome), 0, largest_weight_, plan_.weight_bits)};
}

std::vector<Bounds> GlmNumbers::row_bounds() const {
  const Interval y = model_.design.response_range(), offset = model_.design.offset_range();
  std::vector<Bounds> bounds{fixed_numbers(columns(), -1, 1, oblivious::covariate_bits),
                             fixed_numbers(1, scaled_outcome(y.low), scaled_outcome(y.high), plan_.outcome_bits),
                             fixed_numbers(1, 0, largest_weight_, plan_.weight_bits)};
  if (has_offset_)
    bounds.push_back(fixed_numbers(1, shared_offset(offset.low), shared_offset(offset.high), model_bits));
  return bounds;
}

oblivious::ModelPlan GlmNumbers::plan(std::size_t rows, std::size_t steps) const {
  oblivious::ModelPlan plan = plan_;
  plan.total_bits = std::max(1, static_cast<int>(std::bit_width(rows)) + working_bits_);
  if (model_.penalised()) plan.total_bits = std::max(plan.total_bits, bits_above(largest_ridge_) + 3);
  if (plan.total_bits > (model_.penalised() ? maximum_penalised_bits : maximum_total_bits)) {
    throw Failure({.code = "plan.overflow",
                   .message = "sums of outcomes and weights over " + std::to_string(rows) + " rows do not fit",
                   .remedy = "declare narrower ranges of the outcome and the weight"});
  }
  plan.steps = static_cast<int>(steps);
  const bool cheap = plan.family == Kind::kLogit && !model_.penalised() && !plan.weighted && !has_offset_ &&
                     plan.outcome_bits == 0 && rows >= cheap_from && steps > 3;
  if (cheap) {
    plan.cheap_steps = plan.steps - 2;
    plan.steps = 2;
  }
  return plan;
}

std::size_t GlmNumbers::steps(std::size_t wanted) const {
  if (wanted > 0) return wanted;
  if (model_.penalised()) return 8 + oblivious::active_set_steps;
  // R needs 4 to 9 where there is a fit; gamma and theta gain a fixed number of digits a step.
  if (plan_.family == Kind::kGaussian) return 2;
  if (plan_.family == Kind::kLogBinomial) return 16;
  const bool canonical = plan_.family == Kind::kLogit || plan_.family == Kind::kPoisson;
  return canonical || plan_.family == Kind::kProbit ? 10 : 12;
}

std::string GlmNumbers::rows_key() const {
  return "glm rows\x1f" + model_.family.name + "\x1f" + model_.family.link.name + "\x1f" + model_.weight + "\x1f" +
         model_.design.key();
}

std::vector<u128> GlmNumbers::rows(const data::Table& table) const {
  std::vector<u128> values(row_columns() * table.rows);
  GlmReader reader(model_, table);
  GlmRow row;
  for (std::size_t i = 0; i < table.rows; ++i) {
    if (reader.read(i, row)) write_row(row, i, table.rows, values);
  }
  return values;
}

std::optional<std::vector<u128>> GlmNumbers::public_coefficients(std::span<const double> scaled) const {
  double reach = 0;
  for (const double coefficient : scaled) reach += std::abs(coefficient);
  if (!(reach < std::ldexp(1.0, 17))) return std::nullopt;  // with an offset predictors stay below 2^18
  std::vector<u128> words;
  for (const double coefficient : scaled) words.push_back(encode(coefficient, model_bits));
  return words;
}

void GlmNumbers::write_row(const GlmRow& row, std::size_t i, std::size_t rows, std::span<u128> values) const {
  std::size_t column = 0;
  const auto put = [&](u128 value) { values[column++ * rows + i] = value; };
  for (const double x : row.values.x) put(encode(x, oblivious::covariate_bits));
  put(encode(scaled_outcome(row.values.response), plan_.outcome_bits));
  put(encode(row.weight, plan_.weight_bits));
  if (has_offset_) put(encode(shared_offset(row.values.offset), model_bits));
}

double GlmNumbers::shared_offset(double offset) const {
  const std::string& link = model_.family.link.name;
  if (link == "log") return offset - outcome_shift_ * std::numbers::ln2;
  return std::ldexp(offset - outcome_centre_, -coefficient_shift_);
}

GlmFit GlmNumbers::read(std::span<const u128> coefficients, std::span<const u128> covariance,
                        std::span<const u128> numbers) const {
  GlmFit fit;
  for (const u128 value : coefficients)
    fit.coefficients.push_back(std::ldexp(decode(value, model_bits), coefficient_shift_));
  // Of an information in (d mu / d eta)^2 / V: what of it the divisors change.
  const bool gaussian = is_gaussian(plan_.family);
  const int moved = 2 * (coefficient_shift_ - (gaussian ? outcome_shift_ : 0));
  for (const u128 value : covariance) {
    if (!model_.penalised()) fit.inverse.push_back(std::ldexp(decode(value, released_covariance_bits), moved));
  }
  fit.rank = coefficients.size();
  std::size_t at = 0;
  const auto next = [&] { return static_cast<double>(decode(numbers[at++], model_bits)); };
  const int squares = gaussian ? 2 * outcome_shift_ : 0;
  fit.sums.deviance = std::ldexp(next(), squares);
  fit.sums.weight = next();
  fit.sums.constant = next();
  const double null_deviance = std::ldexp(next(), squares), pearson = next();
  if (has_null_deviance()) fit.null_deviance = null_deviance;
  fit.pearson = is_gamma(plan_.family) ? pearson : gaussian ? fit.sums.deviance : NAN;  // not taken elsewhere
  if (plan_.family == Kind::kNegativeBinomial) {
    fit.theta = next();
    const double information = next();
    fit.theta_error = *fit.theta / std::sqrt(information);
    fit.sums.negative_binomial = next() / 2;
  }
  return fit;
}

bool GlmNumbers::has_null_deviance() const {
  if (!model_.design.has_intercept() || plan_.family == Kind::kNegativeBinomial) return false;
  if (is_probability(plan_.family) || model_.family.link.name != "log" || is_gaussian(plan_.family))
    return !model_.design.has_offset();
  return std::max(std::abs(model_.design.offset_range().low), std::abs(model_.design.offset_range().high)) < 7;
}

GlmSums::GlmSums(const GlmNumbers& numbers)
    : numbers_(numbers),
      information_(numbers.columns() * numbers.columns()),
      right_(numbers.columns()),
      reals_(kGlmReals),
      exceeding_(static_cast<std::size_t>(numbers.plan_.largest_outcome)) {}

void GlmSums::add(const GlmRow& row) {
  const Family& family = numbers_.model_.family;
  const double y = numbers_.scaled_outcome(row.values.response), weight = row.weight;
  const double offset = numbers_.has_offset_ ? numbers_.shared_offset(row.values.offset) : 0;
  const double mean = family.start(y, weight), eta = family.link.of_mean(mean);
  const double derivative = family.link.derivative(eta);
  const double working = weight * derivative * derivative / family.variance(mean, 1);
  const double target = eta + (y - mean) / derivative - offset;
  const std::size_t d = numbers_.columns();
  const std::vector<double>& x = row.values.x;
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) information_[i * d + j] += static_cast<long double>(working * x[i]) * x[j];
    right_[i] += static_cast<long double>(working * x[i]) * target;
  }
  const auto x_log_x = [](double value) { return value > 0 ? value * std::log(value) : 0; };
  reals_[kWeight] += weight;
  reals_[kConstant] += family.constant(row.values.response, weight);
  reals_[kOutcome] += weight * y;
  reals_[kExposure] += weight;
  const bool log_link = family.link.name == "log";
  const Kind kind = numbers_.plan_.family;
  if (is_probability(kind)) {
    reals_[kSaturated] += 2 * weight * (x_log_x(y) + x_log_x(1 - y));
  } else if (is_gamma(kind)) {
    reals_[kSaturated] -= 2 * weight * std::log(y);
    if (log_link) reals_[kOutcome] += weight * (y * std::exp(-row.values.offset) - y);
    if (log_link) reals_[kOffset] += weight * row.values.offset;
  } else if (is_gaussian(kind)) {
    reals_[kOffset] += weight * y * y;
  } else if (family.name == "poisson") {
    reals_[kSaturated] += 2 * weight * (x_log_x(y) - y);
    if (log_link) reals_[kExposure] += weight * (std::exp(offset) - 1);
    if (log_link) reals_[kOffset] += weight * y * offset;
  } else {
    if (y != std::floor(y)) {
      throw Failure({.code = "data.not_a_count",
                     .message = "the outcome of a negative binomial model is not a whole number in some row",
                     .remedy = "check the values of the outcome"});
    }
    reals_[kSaturated] += 2 * weight * x_log_x(y);
    reals_[kConstant] += weight * std::lgamma(y + 1);
    for (std::size_t j = 0; j < exceeding_.size() && y > static_cast<double>(j); ++j) exceeding_[j] += weight;
  }
}

std::vector<u128> GlmSums::encoded() const {
  std::vector<u128> words;
  for (const long double value : information_) words.push_back(encode(value, model_bits));
  for (const long double value : right_) words.push_back(encode(value, model_bits));
  for (const long double value : reals_) words.push_back(encode(value, model_bits));
  for (const long double value : exceeding_) words.push_back(encode(value, numbers_.plan_.weight_bits));
  return words;
}

}  // namespace cohortium::statistics
