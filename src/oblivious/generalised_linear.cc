#include "oblivious/generalised_linear.h"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"
#include "oblivious/dispersion.h"
#include "oblivious/fixed_point.h"
#include "oblivious/linear_algebra.h"
#include "oblivious/link_model.h"
#include "oblivious/logistic_regression.h"
#include "oblivious/scoring_sums.h"
#include "oblivious/working_model.h"

namespace cohortium::oblivious {
namespace {

constexpr int f = model_bits;
constexpr int diagonal_bits = 62;

void check(const ModelRecords& records, const ModelStart& start, const ModelPlan& plan) {
  const std::size_t n = records.rows, d = records.columns;
  COHORTIUM_CHECK(n >= 1 && n < std::size_t{1} << 26 && d >= 1 && d <= 64);
  COHORTIUM_CHECK(records.x.size == n * d && records.y.size == n && records.weight.size == n);
  COHORTIUM_CHECK(!records.offset || records.offset->size == n);
  COHORTIUM_CHECK(start.information.size == d * d && start.right.size == d && start.saturated.size == 1);
  COHORTIUM_CHECK(plan.steps >= 1 && plan.cheap_steps >= 0 && plan.total_bits >= 1 && plan.total_bits <= 40);
  COHORTIUM_CHECK(plan.highest >= 1 && plan.highest <= 40 && plan.outcome_bits <= f);
  COHORTIUM_CHECK(plan.cheap_steps == 0 || (plan.family == Family::kLogit && !plan.weighted && !records.offset));
}

// Everything a fit works with, and what becomes of it from step to step.
class Scoring {
 public:
  Scoring(Engine& engine, const ModelRecords& records, const ModelStart& start, const ModelPlan& plan)
      : engine_(engine), records_(records), start_(start), plan_(plan), rows_(by_rows(records)) {
    const int row_bits = static_cast<int>(std::bit_width(records.rows));
    domain_ = {.diagonal_bits = diagonal_bits, .fraction_bits = plan.sum_bits()};
    // t_i s_i with t_i^2 A_ii < 2^diagonal_bits is below 2^(diagonal_bits / 2) sqrt(2^sum_bits sum r^2 / w) by Cauchy and
    // Schwarz; the last sum is taken to be below 2^12 times the number of records.
    right_ = {.fraction_bits = plan.sum_bits(),
              .right_bits = (diagonal_bits + plan.sum_bits() + row_bits) / 2 + 7,
              .solution_bits = f};
    if (plan.family == Family::kNegativeBinomial) theta_ = theta_at(engine, constant_fill(engine, 1, u128{0}));
  }

  void begin() {
    if (plan_.cheap_steps > 0) {
      coefficients_ = cheap_start();
      return;
    }
    coefficients_ = solved(start_.information, start_.right).x.elements;
  }

  // One step; at the last everything that is reported is taken.
  void step(bool last) {
    const auto eta = predictors_of(engine_, records_, rows_, coefficients_);
    const WorkingModel model = working_model(engine_, records_, plan_, eta, theta_.value, theta_.logarithm);
    const Shared<u128> information =
        model.weight.size > 0 ? information_of(engine_, records_, plan_, rows_, model.weight) : start_.information;
    const auto score = score_of(engine_, records_, plan_, model.residual);
    const Solution change = solved(information, score);
    std::optional<ThetaStep> theta;
    if (plan_.family == Family::kNegativeBinomial) {
      theta = theta_step(engine_, records_, start_, plan_, eta, model, theta_, last);
    }
    coefficients_ = mpc::add(coefficients_, change.x.elements);
    if (last) report(eta, model, information, score, change, theta);
    if (theta) theta_ = theta_at(engine_, mpc::add(theta_.logarithm, theta->change));
  }

  ModelFit result() {
    fit_.coefficients = coefficients_;
    if (plan_.family == Family::kNegativeBinomial) fit_.theta = theta_.value;
    return std::move(fit_);
  }

 private:
  Shared<u128> cheap_start() {
    const Records short_records{.x = engine_.truncate(mpc::narrow(rows_), covariate_bits - record_fraction_bits),
                                .y = mpc::narrow(records_.y),
                                .rows = records_.rows,
                                .columns = records_.columns,
                                .x_bits = 1};
    return mpc::scale(logistic_newton(engine_, short_records, plan_.cheap_steps).coefficients,
                      u128{1} << (f - newton_fraction_bits));
  }

  Solution solved(const Shared<u128>& information, const Shared<u128>& right) {
    const std::size_t d = records_.columns;
    auto solution = solve(engine_, {.elements = information, .rows = d, .columns = d},
                          {.elements = right, .rows = d, .columns = 1}, domain_, right_);
    singular_.push_back(solution.singular);
    return solution;
  }

  void report(const Shared<u128>& eta, const WorkingModel& model, const Shared<u128>& information,
              const Shared<u128>& score, const Solution& change, const std::optional<ThetaStep>& theta) {
    const std::size_t d = records_.columns;
    const auto covariance =
        inverse(engine_, {.elements = information, .rows = d, .columns = d}, domain_, plan_.covariance_bits());
    fit_.covariance = covariance.x.elements;
    singular_.push_back(covariance.singular);  // in whichever step: what follows it means nothing
    fit_.singular = or_all(engine_, singular_);
    // The last step changes the deviance by -score' change.
    auto decrease = engine_.dot_truncate(score, change.x.elements, d, plan_.sum_bits());
    if (is_gamma(plan_.family)) fit_.pearson = pearson_sum(engine_, records_, plan_, eta, model);
    if (theta) {
      fit_.theta_information = theta->information;
      fit_.twice_log_likelihood = mpc::add(theta->twice_log_likelihood, decrease);
      decrease = mpc::add(decrease, engine_.multiply_truncate(theta->score, theta->change, f));
      fit_.deviance = theta->deviance;
    } else {
      fit_.deviance = mpc::add(start_.saturated, deviance_part(engine_, records_, plan_, eta, model));
    }
    fit_.deviance = mpc::subtract(fit_.deviance, decrease);
    const auto moved = not_settled(decrease, change.x.elements);
    const Extremes extremes = extremes_of(eta);
    fit_.not_converged = or_all(engine_, {moved, extremes.cut});
    fit_.separated = engine_.and_bits(moved, extremes.far);
  }

  // Whether 1e8 decrease > deviance + 0.1, or some coefficient moved by 1 or more.
  SharedBits not_settled(const Shared<u128>& decrease, const Shared<u128>& change) {
    const auto tenth = constant_fill(engine_, 1, (u128{1} << f) / 10);
    const auto margin = mpc::subtract(mpc::add(fit_.deviance, tenth), mpc::scale(decrease, u128{100'000'000}));
    const auto one = constant_fill(engine_, change.size, u128{1} << f);
    const std::array values{margin, mpc::add(one, change), mpc::subtract(one, change)};
    return any(engine_.bit(mpc::concatenate(std::span<const Shared<u128>>(values)), 127));
  }

  SharedBits any(const SharedBits& bits) {
    const auto number = mpc::sum_blocks(engine_.ring<u64>().from_bit(bits), bits.size);
    return engine_.not_bits(engine_.is_zero(number, 40));
  }

  // far: some predictor lies where fitted values of 0 or 1 begin, or where counts without end have none; cut: some predictor was
  // cut at the ends of its range.
  struct Extremes {
    SharedBits far, cut;
  };
  Extremes extremes_of(const Shared<u128>& eta) {
    const std::size_t n = records_.rows;
    const bool two_sided = plan_.family == Family::kLogit || plan_.family == Family::kProbit;
    const auto far = constant_fill(engine_, n, u128(plan_.family == Family::kProbit ? 4 : 9) << f);
    std::vector<Shared<u128>> values{mpc::add(far, eta)};
    if (two_sided) values.push_back(mpc::subtract(far, eta));
    const std::size_t far_values = values.size() * n;
    const PredictorRange range = predictor_range(plan_);
    if (range.low) values.push_back(mpc::subtract(eta, constant_fill(engine_, n, *range.low)));
    if (range.high) {
      const auto below = mpc::subtract(constant_fill(engine_, n, *range.high), eta);
      const u128 out_of_reach = u128{1} << (f + 20 - plan_.outcome_bits);
      values.push_back(range.high_without_event ? mpc::add(below, mpc::scale(records_.y, out_of_reach)) : below);
    }
    const auto bits = engine_.bit(mpc::concatenate(std::span<const Shared<u128>>(values)), 127);
    const std::size_t cut_values = bits.size - far_values;
    const std::array none{u64{0}};
    return {.far = any(mpc::slice(bits, 0, far_values)),
            .cut = cut_values > 0 ? any(with_people(mpc::slice(bits, far_values, cut_values)))
                                  : engine_.constant_bits(none, 1)};
  }
  // Rows that take no part have a predictor of 0, which may lie outside the range: they do not count.
  SharedBits with_people(const SharedBits& bits) {
    const auto nobody = engine_.is_zero(records_.weight, 60);
    const auto people = engine_.not_bits(nobody);
    const std::vector<SharedBits> each(bits.size / people.size, people);
    return engine_.and_bits(bits, mpc::concatenate(std::span<const SharedBits>(each)));
  }

  Engine& engine_;
  const ModelRecords& records_;
  const ModelStart& start_;
  const ModelPlan& plan_;
  Shared<u128> rows_, coefficients_;
  PositiveDefiniteDomain domain_;
  RightSide right_;
  Theta theta_;
  std::vector<SharedBits> singular_;
  ModelFit fit_;
};

}  // namespace

bool is_probability(Family family) {
  return family == Family::kLogit || family == Family::kProbit || family == Family::kCloglog ||
         family == Family::kLogBinomial;
}
bool is_gamma(Family family) {
  return family == Family::kGamma || family == Family::kGammaInverse || family == Family::kGammaIdentity;
}
bool is_gaussian(Family family) {
  return family == Family::kGaussian || family == Family::kGaussianLog || family == Family::kGaussianInverse;
}

ModelFit fit_model(Engine& engine, const ModelRecords& records, const ModelStart& start, const ModelPlan& plan) {
  check(records, start, plan);
  Scoring scoring(engine, records, start, plan);
  scoring.begin();
  for (int step = 1; step <= plan.steps; ++step) scoring.step(step == plan.steps);
  return scoring.result();
}

Shared<u128> predictors(Engine& engine, const ModelRecords& records, const Shared<u128>& coefficients) {
  return predictors_of(engine, records, by_rows(records), coefficients);
}

}  // namespace cohortium::oblivious
