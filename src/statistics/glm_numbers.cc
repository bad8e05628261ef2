// What a site shares of its rows for a hidden model, and how a released fit is read.
#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "statistics/glm_secure.h"

namespace cohortium::statistics {
namespace {

using mpc::i128;
using mpc::u128;
using oblivious::model_bits;

constexpr int maximum_total_bits = 40;
constexpr std::size_t cheap_from = std::size_t{1} << 14;  // rows from which a logit model begins with cheap steps

u128 encode(long double value, int bits) {
  return static_cast<u128>(static_cast<i128>(std::round(std::ldexp(value, bits))));
}
long double decode(u128 value, int bits) {
  return std::ldexp(static_cast<long double>(static_cast<i128>(value)), -bits);
}

// Bits that hold every number up to `largest`.
int bits_above(double largest) { return std::max(0, static_cast<int>(std::ceil(std::log2(std::max(largest, 1e-9))))); }

oblivious::Family family_of(const Family& family, const EntryContext& context) {
  if (family.name == "binomial" && family.link.name == "logit") return oblivious::Family::kLogit;
  if (family.name == "binomial" && family.link.name == "probit") return oblivious::Family::kProbit;
  if (family.link.name == "log") {
    if (family.name == "poisson") return oblivious::Family::kPoisson;
    if (family.name == "gamma") return oblivious::Family::kGamma;
    if (family.name == "negative_binomial") return oblivious::Family::kNegativeBinomial;
  }
  throw Failure(
      {.code = "study.no_such_strength",
       .message = "family " + family.name + " with link " + family.link.name + " cannot be fitted hidden",
       .where = context.at("strength"),
       .remedy = "write \"strength\": \"opened\", use another link, or for a gaussian outcome the kind linear"});
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
  switch (plan_.family) {
    case oblivious::Family::kLogit:
      plan_.outcome_bits = binary ? 0 : 20;
      break;
    case oblivious::Family::kProbit:
      if (!binary)
        refuse_outcome(context, "a hidden probit model needs an outcome that is there or not", "name an event");
      break;
    case oblivious::Family::kGamma:  // divided by a power of two, which the offset takes up
      outcome_shift_ = bits_above(range.high);
      plan_.outcome_bits = 40;
      plan_.highest = std::clamp(bits_above(range.high / range.low) + 3, 1, 40);
      has_offset_ = true;
      working_bits_ = 1;
      break;
    case oblivious::Family::kNegativeBinomial:
      if (range.high > 4000)
        refuse_outcome(context, "a hidden negative binomial model counts to 4,000", "declare a narrower range");
      plan_.largest_outcome = std::max(1, static_cast<int>(std::floor(range.high)));
      working_bits_ = bits_above(range.high) + 3;
      break;
    case oblivious::Family::kPoisson:
      plan_.outcome_bits = binary ? 0 : 20;
      plan_.highest = std::min(bits_above(range.high) + 4, 40);
      working_bits_ = bits_above(range.high) + 3;
      break;
  }
  if (!model.weight.empty()) {
    plan_.weighted = true;
    plan_.weight_bits = 20;
    working_bits_ += bits_above(context.column("weight", model.weight, data::ColumnType::kNumber).high);
  }
  if (columns() > 64) {
    throw Failure({.code = "study.too_many_levels",
                   .message = "a hidden model has at most 64 columns",
                   .where = context.at("formula"),
                   .remedy = "declare fewer levels, or write \"strength\": \"opened\""});
  }
}

oblivious::ModelPlan GlmNumbers::plan(std::size_t rows, std::size_t steps) const {
  oblivious::ModelPlan plan = plan_;
  plan.total_bits = std::max(1, static_cast<int>(std::bit_width(rows)) + working_bits_);
  if (plan.total_bits > maximum_total_bits) {
    throw Failure({.code = "plan.overflow",
                   .message = "sums of outcomes and weights over " + std::to_string(rows) + " rows do not fit",
                   .remedy = "declare narrower ranges of the outcome and the weight"});
  }
  plan.steps = static_cast<int>(steps);
  const bool cheap = plan.family == oblivious::Family::kLogit && !plan.weighted && !has_offset_ &&
                     plan.outcome_bits == 0 && rows >= cheap_from && steps > 3;
  if (cheap) {
    plan.cheap_steps = plan.steps - 2;
    plan.steps = 2;
  }
  return plan;
}

std::size_t GlmNumbers::steps(std::size_t wanted) const {
  if (wanted > 0) return wanted;
  // R needs 4 to 9 where there is a fit; gamma and theta gain a fixed number of digits a step.
  return plan_.family == oblivious::Family::kNegativeBinomial || plan_.family == oblivious::Family::kGamma ? 12 : 10;
}

void GlmNumbers::write_row(const GlmRow& row, std::size_t i, std::size_t rows, std::span<u128> values) const {
  std::size_t column = 0;
  const auto put = [&](u128 value) { values[column++ * rows + i] = value; };
  for (const double x : row.values.x) put(encode(x, oblivious::covariate_bits));
  put(encode(std::ldexp(row.values.response, -outcome_shift_), plan_.outcome_bits));
  put(encode(row.weight, plan_.weight_bits));
  if (has_offset_) put(encode(shared_offset(row), model_bits));
}

double GlmNumbers::shared_offset(const GlmRow& row) const {
  return row.values.offset - outcome_shift_ * std::numbers::ln2;
}

GlmFit GlmNumbers::read(std::span<const u128> coefficients, std::span<const u128> covariance,
                        std::span<const u128> numbers) const {
  GlmFit fit;
  for (const u128 value : coefficients) fit.coefficients.push_back(decode(value, model_bits));
  for (const u128 value : covariance) fit.inverse.push_back(decode(value, released_covariance_bits));
  fit.rank = coefficients.size();
  std::size_t at = 0;
  const auto next = [&] { return static_cast<double>(decode(numbers[at++], model_bits)); };
  fit.sums.deviance = next();
  fit.sums.weight = next();
  fit.sums.constant = next();
  const double null_deviance = next(), pearson = next();
  if (has_null_deviance()) fit.null_deviance = null_deviance;
  fit.pearson = plan_.family == oblivious::Family::kGamma ? pearson : NAN;  // not taken elsewhere
  if (plan_.family == oblivious::Family::kNegativeBinomial) {
    fit.theta = next();
    const double information = next();
    fit.theta_error = *fit.theta / std::sqrt(information);
    fit.sums.negative_binomial = next() / 2;
  }
  return fit;
}

bool GlmNumbers::has_null_deviance() const {
  const bool probability = plan_.family == oblivious::Family::kLogit || plan_.family == oblivious::Family::kProbit;
  if (!model_.design.has_intercept() || plan_.family == oblivious::Family::kNegativeBinomial) return false;
  const double offset =
      std::max(std::abs(model_.design.offset_range().low), std::abs(model_.design.offset_range().high));
  return probability ? !has_offset_ : offset < 7;
}

GlmSums::GlmSums(const GlmNumbers& numbers)
    : numbers_(numbers),
      information_(numbers.columns() * numbers.columns()),
      right_(numbers.columns()),
      reals_(kGlmReals),
      exceeding_(static_cast<std::size_t>(numbers.plan_.largest_outcome)) {}

void GlmSums::add(const GlmRow& row) {
  const Family& family = numbers_.model_.family;
  const double y = row.values.response, weight = row.weight, offset = row.values.offset;
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
  reals_[kConstant] += family.constant(y, weight);
  reals_[kOutcome] += weight * y;
  reals_[kExposure] += weight;
  switch (numbers_.plan_.family) {
    case oblivious::Family::kLogit:
    case oblivious::Family::kProbit:
      reals_[kSaturated] += 2 * weight * (x_log_x(y) + x_log_x(1 - y));
      break;
    case oblivious::Family::kPoisson:
      reals_[kSaturated] += 2 * weight * (x_log_x(y) - y);
      reals_[kExposure] += weight * (std::exp(offset) - 1);
      reals_[kOffset] += weight * y * offset;
      break;
    case oblivious::Family::kGamma:
      reals_[kSaturated] -= 2 * weight * (std::log(y) - numbers_.outcome_shift_ * std::numbers::ln2);
      reals_[kOutcome] += weight * (std::ldexp(y * std::exp(-offset), -numbers_.outcome_shift_) - y);
      reals_[kOffset] += weight * numbers_.shared_offset(row);
      break;
    case oblivious::Family::kNegativeBinomial:
      if (y != std::floor(y)) {
        throw Failure({.code = "data.not_a_count",
                       .message = "the outcome of a negative binomial model is not a whole number in some row",
                       .remedy = "check the values of the outcome"});
      }
      reals_[kSaturated] += 2 * weight * x_log_x(y);
      reals_[kConstant] += weight * std::lgamma(y + 1);
      for (std::size_t j = 0; j < exceeding_.size() && y > static_cast<double>(j); ++j) exceeding_[j] += weight;
      break;
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
