#include "oblivious/penalised_model.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/linear_algebra.h"
#include "oblivious/scoring_sums.h"

namespace cohortium::oblivious {
namespace {

constexpr int f = model_bits;
constexpr int diagonal_bits = 62;
constexpr int direction_steps = 24;  // of the alternating direction method, per step of Newton's
constexpr int ratio_bits = 36;       // of what is divided by the information's diagonal
constexpr int dividend_bits = 24;    // of what is to be divided
constexpr int largest_ratio_bits = 20;
constexpr u128 one = u128{1} << f;

template <class T>
T joined(const std::vector<T>& parts) {
  return mpc::concatenate(std::span<const T>(parts));
}

class Penalised {
 public:
  Penalised(Engine& engine, const ModelRecords& records, const Penalties& penalties, const ModelPlan& plan)
      : engine_(engine), records_(records), plan_(plan), d_(records.columns), rows_(by_rows(records)) {
    const int row_bits = static_cast<int>(std::bit_width(records.rows));
    domain_ = {.diagonal_bits = diagonal_bits, .fraction_bits = plan.sum_bits()};
    right_ = {.fraction_bits = plan.sum_bits(),
              .right_bits = (diagonal_bits + plan.sum_bits() + row_bits) / 2 + 7,
              .solution_bits = f};
    for (std::size_t j = 0; j < d_; ++j) {
      const double lasso = std::min(penalties.lasso[j], std::ldexp(1.0, plan.total_bits + 1));
      COHORTIUM_CHECK(lasso >= 0 && penalties.ridge[j] >= 0 &&
                      penalties.ridge[j] < std::ldexp(1.0, plan.total_bits - 2));
      lasso_.push_back(mpc::encode_fixed<u128>(lasso, plan.sum_bits()));
      ridge_.push_back(mpc::encode_fixed<u128>(penalties.ridge[j], plan.sum_bits()));
      threshold_.push_back(
          mpc::encode_fixed<u128>(2 * lasso, dividend_bits));  // the method's step is half the diagonal
      if (lasso_.back() != 0) penalised_.push_back(j);
    }
    coefficients_ = constant_fill(engine, d_, u128{0});
  }

  PenalisedFit run(const Shared<u128>& saturated) {
    COHORTIUM_CHECK(plan_.steps >= 1 && (!has_lasso() || plan_.steps > active_set_steps));
    for (int step = 1; step <= plan_.steps; ++step) {
      const bool last = step == plan_.steps;
      const auto eta = predictors_of(engine_, records_, rows_, coefficients_);
      const WorkingModel model = working_model(engine_, records_, plan_, eta, {}, {});
      const auto information = add_to_diagonal(information_of(engine_, records_, plan_, rows_, model.weight), ridge_);
      const auto likelihood_score = score_of(engine_, records_, plan_, model.residual);
      const auto shrunk = engine_.multiply_truncate(engine_.constant(std::span<const u128>(ridge_)), coefficients_, f);
      const auto score = mpc::subtract(likelihood_score, shrunk);
      if (has_lasso() && step <= plan_.steps - active_set_steps) {
        take_directions(information, score);
        continue;
      }
      const auto before = coefficients_;
      take_active(information, score);
      if (last) report(saturated, eta, model, likelihood_score, mpc::subtract(coefficients_, before));
    }
    fit_.coefficients = coefficients_;
    return std::move(fit_);
  }

 private:
  bool has_lasso() const { return !penalised_.empty(); }
  Shared<u128> diagonal_of(const Shared<u128>& matrix) const {
    std::vector<std::size_t> places;
    for (std::size_t j = 0; j < d_; ++j) places.push_back(j * d_ + j);
    return mpc::gather(matrix, places);
  }
  // A matrix with these elements on its diagonal.
  Shared<u128> diagonal_matrix(const Shared<u128>& elements) {
    std::vector<std::size_t> places(d_ * d_, d_);
    for (std::size_t j = 0; j < d_; ++j) places[j * d_ + j] = j;
    return mpc::gather(joined<Shared<u128>>({elements, constant_fill(engine_, 1, u128{0})}), places);
  }
  Shared<u128> add_to_diagonal(const Shared<u128>& matrix, const std::vector<u128>& added) {
    return mpc::add(matrix, diagonal_matrix(engine_.constant(std::span<const u128>(added))));
  }
  Shared<u128> public_values(const std::vector<u128>& values) {
    return engine_.constant(std::span<const u128>(values));
  }
  // Elements of columns without a penalty on absolute values become 0.
  Shared<u128> of_penalised(const Shared<u128>& values) {
    std::vector<u128> penalised;
    for (const u128 lasso : lasso_) penalised.push_back(lasso != 0 ? 1 : 0);
    return mpc::multiply_public(values, std::span<const u128>(penalised));
  }
  // Matrix (sum_bits) times coefficients (model_bits), sum_bits.
  Shared<u128> times(const Shared<u128>& matrix, const Shared<u128>& x) {
    return engine_.matrix_product_truncate(matrix, x, d_, d_, 1, f);
  }
  Solution solved(const Shared<u128>& matrix, const Shared<u128>& right, std::size_t columns, int more_bits) {
    RightSide side = right_;
    side.right_bits = std::min(100, side.right_bits + more_bits);
    auto solution = solve(engine_, {.elements = matrix, .rows = d_, .columns = d_},
                          {.elements = right, .rows = d_, .columns = columns}, domain_, side);
    singular_.push_back(solution.singular);
    return solution;
  }

  // value where it is beyond the limit, less the limit; else 0.
  Shared<u128> soft(const Shared<u128>& value, const Shared<u128>& limit) {
    const auto above = mpc::subtract(value, limit), below = mpc::add(value, limit);
    // The signs of limit - value and of value + limit: which side is passed.
    const auto passed = engine_.bit(joined<Shared<u128>>({mpc::negate(above), below}), 127);
    const auto kept = engine_.keep_where(passed, joined<Shared<u128>>({above, below}));
    return mpc::add(mpc::slice(kept, 0, d_), mpc::slice(kept, d_, d_));
  }

  // Minimises the quadratic model by alternating directions: x = (A + R)^-1 (q + R (z - u)), z = soft(x + u), u += x - z, with
  // R half the diagonal of A where there is a penalty, q = score + A b, and u from the score, which it equals at the solution.
  void take_directions(const Shared<u128>& information, const Shared<u128>& score) {
    const auto diagonal = of_penalised(diagonal_of(information));
    // R = A_jj / 2: everything of it is taken twice instead.
    const auto system = mpc::add(mpc::scale(information, u128{2}), diagonal_matrix(diagonal));
    const auto q = mpc::scale(mpc::add(score, times(information, coefficients_)), u128{2});
    std::vector<Shared<u128>> columns{q, diagonal_matrix(diagonal)};
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < d_; ++i) {
      order.push_back(i);
      for (std::size_t j = 0; j < d_; ++j) order.push_back(d_ + i * d_ + j);
    }
    const Solution solution = solved(system, mpc::gather(joined(columns), order), d_ + 1, 5);
    std::vector<std::size_t> first, rest;
    for (std::size_t i = 0; i < d_; ++i) {
      first.push_back(i * (d_ + 1));
      for (std::size_t j = 0; j < d_; ++j) rest.push_back(i * (d_ + 1) + 1 + j);
    }
    const auto fixed = mpc::gather(solution.x.elements, first), turn = mpc::gather(solution.x.elements, rest);
    const auto inverse = inverse_of(diagonal_of(information));
    const auto limit = of_penalised(over(public_values(threshold_), inverse));
    const auto slope = mpc::scale(engine_.truncate(score, plan_.sum_bits() - dividend_bits), u128{2});
    auto dual = of_penalised(over(slope, inverse));
    auto z = coefficients_;
    for (int i = 0; i < direction_steps; ++i) {
      const auto moved = engine_.matrix_product_truncate(turn, mpc::subtract(z, dual), d_, d_, 1, f);
      const auto value = mpc::add(mpc::add(fixed, moved), dual);
      z = soft(value, limit);
      dual = mpc::subtract(value, z);
    }
    coefficients_ = z;
  }

  // Values with dividend_bits times reciprocals with ratio_bits, model_bits.
  Shared<u128> over(const Shared<u128>& values, const Shared<u128>& inverse) {
    return mpc::scale(engine_.multiply_truncate(values, inverse, dividend_bits), u128{1} << (f - ratio_bits));
  }

  // 1 / A_jj, ratio_bits. A column with hardly any information has a useless one, and comes out as singular.
  Shared<u128> inverse_of(const Shared<u128>& diagonal) {
    const int drop = std::max(0, plan_.sum_bits() + plan_.total_bits + 1 - 54);
    const auto divisor = drop > 0 ? engine_.truncate(diagonal, drop) : diagonal;
    return reciprocal(engine_, divisor, plan_.sum_bits() - drop,
                      {.denominator_bits = 54, .quotient_bits = largest_ratio_bits, .fraction_bits = ratio_bits});
  }

  // Newton's step on the optimality conditions.
  void take_active(const Shared<u128>& information, const Shared<u128>& score) {
    const auto whole = constant_fill(engine_, d_, u128{1});
    Shared<u128> active = whole, sign = constant_fill(engine_, d_, u128{0});
    const auto diagonal = diagonal_of(information);
    previous_ = signs_;
    if (has_lasso()) {
      const auto place = mpc::add(engine_.multiply_truncate(diagonal, coefficients_, f), score);
      const auto limit = public_values(lasso_);
      const auto signs = engine_.bit(joined<Shared<u128>>({mpc::subtract(limit, place), mpc::add(limit, place)}), 127);
      const auto sides = engine_.ring<u128>().from_bit(signs);
      std::vector<std::size_t> places = penalised_;
      for (const std::size_t j : penalised_) places.push_back(d_ + j);
      signs_ = mpc::gather(signs, places);
      const auto up = of_penalised(mpc::slice(sides, 0, d_)), down = of_penalised(mpc::slice(sides, d_, d_));
      active = mpc::add(mpc::add(up, down), mpc::subtract(whole, of_penalised(whole)));
      sign = mpc::subtract(up, down);
    }
    // Rows and columns of those that leave hold their diagonal alone, and move to 0.
    const auto staying = engine_.multiply(active, coefficients_), leaving = mpc::subtract(coefficients_, staying);
    const auto pulled = mpc::multiply_public(sign, std::span<const u128>(lasso_));
    const auto target = mpc::add(mpc::subtract(score, pulled), times(information, leaving));
    const auto right = mpc::subtract(engine_.multiply(active, target), engine_.multiply_truncate(diagonal, leaving, f));
    Shared<u128> matrix = information;
    if (has_lasso()) {
      const auto pairs = engine_.multiply(mpc::repeat(active, d_), mpc::tile(active, d_));
      matrix = engine_.multiply(pairs, information);
      matrix = mpc::add(matrix, diagonal_matrix(mpc::subtract(diagonal, diagonal_of(matrix))));
    }
    const auto change = solved(matrix, right, 1, 0).x.elements;
    decrease_ = engine_.dot_truncate(right, change, d_, plan_.sum_bits());
    coefficients_ = engine_.multiply(active, mpc::add(coefficients_, change));
    fit_.active = active;
  }

  void report(const Shared<u128>& saturated, const Shared<u128>& eta, const WorkingModel& model,
              const Shared<u128>& score, const Shared<u128>& change) {
    const auto gained = engine_.dot_truncate(score, change, d_, plan_.sum_bits());
    fit_.deviance = mpc::subtract(mpc::add(saturated, deviance_part(engine_, records_, plan_, eta, model)),
                                  mpc::scale(gained, u128{2}));
    fit_.singular = or_all(engine_, singular_);
    const auto tenth = constant_fill(engine_, 1, one / 10);
    const auto margin = mpc::subtract(mpc::add(fit_.deviance, tenth), mpc::scale(decrease_, u128{100'000'000}));
    const auto limit = constant_fill(engine_, d_, one);
    std::vector<SharedBits> moved;
    const auto far = constant_fill(engine_, eta.size, u128{9} << f);
    const auto negative =
        engine_.bit(joined<Shared<u128>>({margin, mpc::add(limit, change), mpc::subtract(limit, change),
                                          mpc::add(far, eta), mpc::subtract(far, eta)}),
                    127);
    moved.push_back(any(mpc::slice(negative, 0, 2 * d_ + 1)));
    if (previous_) moved.push_back(any(mpc::exclusive_or(*previous_, *signs_)));
    fit_.not_converged = or_all(engine_, moved);
    fit_.separated = engine_.and_bits(fit_.not_converged, any(mpc::slice(negative, 2 * d_ + 1, 2 * eta.size)));
  }

  SharedBits any(const SharedBits& bits) {
    return engine_.not_bits(engine_.is_zero(mpc::sum_blocks(engine_.ring<u64>().from_bit(bits), bits.size), 40));
  }

  Engine& engine_;
  const ModelRecords& records_;
  const ModelPlan& plan_;
  std::size_t d_;
  Shared<u128> rows_, coefficients_, decrease_;
  PositiveDefiniteDomain domain_;
  RightSide right_;
  std::vector<u128> lasso_, ridge_, threshold_;
  std::vector<std::size_t> penalised_;  // columns with a penalty on absolute values
  std::optional<SharedBits> signs_, previous_;
  std::vector<SharedBits> singular_;
  PenalisedFit fit_;
};

}  // namespace

PenalisedFit fit_penalised(Engine& engine, const ModelRecords& records, const Shared<u128>& saturated,
                           const Penalties& penalties, const ModelPlan& plan) {
  COHORTIUM_CHECK(plan.family == Family::kLogit && plan.total_bits <= 36 && records.rows >= 1 && records.columns >= 1 &&
                  records.columns <= 64);
  COHORTIUM_CHECK(penalties.lasso.size() == records.columns && penalties.ridge.size() == records.columns);
  return Penalised(engine, records, penalties, plan).run(saturated);
}

}  // namespace cohortium::oblivious
