#include "oblivious/logistic_regression.h"

#include <array>
#include <bit>
#include <vector>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/fixed_point.h"
#include "oblivious/linear_algebra.h"
#include "oblivious/logistic.h"

namespace cohortium::oblivious {
namespace {

constexpr int f = record_fraction_bits;
constexpr int predictor_bits = 20;  // fraction bits of x beta, p and w in Newton's method

void check(const Records& records) {
  COHORTIUM_CHECK(records.rows >= 1 && records.columns >= 1 && records.columns <= 64 && records.x_bits >= 0);
  COHORTIUM_CHECK(records.x.size == records.rows * records.columns && records.y.size == records.rows);
  COHORTIUM_CHECK(std::bit_width(records.rows) + 2 * records.x_bits <= 24);
}

Shared<u64> transposed(const Shared<u64>& a, std::size_t rows, std::size_t columns) {
  std::vector<std::size_t> order;
  order.reserve(a.size);
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t row = 0; row < rows; ++row) order.push_back(row * columns + column);
  }
  return mpc::gather(a, order);
}

// X'WX and X'(y - p) with sum_bits fraction bits.
struct NormalEquations {
  Shared<u64> information, gradient;
};
constexpr int sum_bits = f + predictor_bits;

NormalEquations first_equations(Engine& engine, const Records& records, const Shared<u64>& x_transposed) {
  const std::size_t n = records.rows, d = records.columns;
  const auto half = constant_fill(engine, n, u64{1} << (predictor_bits - 1));
  const auto residual = mpc::subtract(mpc::scale(records.y, u64{1} << predictor_bits), half);
  const auto squares = engine.matrix_product(x_transposed, records.x, d, n, d);  // 2 f fraction bits
  return {.information = mpc::scale(squares, u64{1} << (sum_bits - 2 * f - 2)),
          .gradient = engine.matrix_product(x_transposed, residual, d, n, 1)};
}

NormalEquations equations(Engine& engine, const Records& records, const Shared<u64>& x_transposed,
                          const Shared<u128>& coefficients) {
  const std::size_t n = records.rows, d = records.columns;
  const auto beta = mpc::narrow(engine.truncate(coefficients, newton_fraction_bits - predictor_bits));
  const auto predictor = engine.matrix_product_truncate(records.x, beta, n, d, 1, f);
  const auto p = logistic(engine, predictor, predictor_bits);
  const auto one = constant_fill(engine, n, u64{1} << predictor_bits);
  const auto weight = engine.multiply_truncate(p, mpc::subtract(one, p), predictor_bits);
  const auto weighted = engine.multiply_truncate(records.x, mpc::repeat(weight, d), f);
  const auto residual = mpc::subtract(mpc::scale(records.y, u64{1} << predictor_bits), p);
  return {.information = engine.matrix_product(x_transposed, weighted, d, n, d),
          .gradient = engine.matrix_product(x_transposed, residual, d, n, 1)};
}

}  // namespace

Shared<u64> logistic_epoch(Engine& engine, const Records& records, const Shared<u64>& start, const EpochPlan& plan) {
  check(records);
  const std::size_t d = records.columns, batch = plan.batch;
  COHORTIUM_CHECK(start.size == d && std::has_single_bit(batch) && plan.rate_shift >= 0 && plan.rate_shift <= 10);
  const int drop = 2 * f - epoch_fraction_bits + static_cast<int>(std::bit_width(batch)) - 1 + plan.rate_shift;
  Shared<u64> beta = start;
  for (std::size_t row = 0; row + batch <= records.rows; row += batch) {
    const auto x = mpc::slice(records.x, row * d, batch * d);
    const auto y = mpc::scale(mpc::slice(records.y, row, batch), u64{1} << f);
    const auto predictor = engine.matrix_product_truncate(x, beta, batch, d, 1, epoch_fraction_bits);
    const auto p =
        plan.sigmoid == Sigmoid::kExact ? logistic(engine, predictor, f) : logistic_approximate(engine, predictor, f);
    beta = mpc::subtract(beta, engine.matrix_product_truncate(mpc::subtract(p, y), x, 1, batch, d, drop));
  }
  return beta;
}

// The scaled gradient, t_i g_i with t_i^2 H_ii < 2^diagonal_bits, is below 2^(diagonal_bits / 2) sqrt(2^sum_bits sum (y -
// p)^2 / w) by Cauchy and Schwarz; the last sum is taken to be below 2^10 times the number of rows.
NewtonFit logistic_newton(Engine& engine, const Records& records, int steps) {
  check(records);
  COHORTIUM_CHECK(steps >= 1);
  const std::size_t d = records.columns;
  const int row_bits = static_cast<int>(std::bit_width(records.rows));
  const PositiveDefiniteDomain domain{.diagonal_bits = sum_bits + row_bits + 2 * records.x_bits - 2 + 1,
                                      .fraction_bits = sum_bits};
  const RightSide right{.fraction_bits = sum_bits,
                        .right_bits = (domain.diagonal_bits + sum_bits + row_bits + 1) / 2 + 5,
                        .solution_bits = newton_fraction_bits};
  const auto x_transposed = transposed(records.x, records.rows, d);
  Shared<u128> beta = constant_fill(engine, d, u128{0});
  std::vector<SharedBits> singular;
  for (int step = 0; step < steps; ++step) {
    const NormalEquations sums =
        step == 0 ? first_equations(engine, records, x_transposed) : equations(engine, records, x_transposed, beta);
    const std::array both{sums.information, sums.gradient};
    const auto wide = widen(engine, mpc::concatenate(std::span<const Shared<u64>>(both)), 62);
    const Solution change = solve(engine, {.elements = mpc::slice(wide, 0, d * d), .rows = d, .columns = d},
                                  {.elements = mpc::slice(wide, d * d, d), .rows = d, .columns = 1}, domain, right);
    beta = mpc::add(beta, change.x.elements);
    singular.push_back(change.singular);
  }
  return {.coefficients = std::move(beta), .singular = or_all(engine, std::move(singular))};
}

}  // namespace cohortium::oblivious
