#include "statistics/models/linear_hidden.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/linear_algebra.h"

namespace cohortium::statistics {
namespace {

using mpc::i128;
using mpc::Shared;
using mpc::u128;
using Indices = std::vector<std::size_t>;

// Fraction bits: of 1/n, of sums of products before it, of covariances, of slopes, of the inverse, of where 0 lies.
constexpr int count_bits = 55, product_bits = 38, square_bits = 60, slope_bits = 40, inverse_bits = 32, zero_bits = 40;
constexpr int identity_bits =
    square_bits - (slope_bits - inverse_bits);  // of the right-hand side that gives the inverse
constexpr int least_variance_bits = 16, pivot_bits = 12, largest_zero_bits = 24;
constexpr int penalty_bits = 40;

// A public power of two above |c_j| / h_j + 1: by how much the point 0 is brought into [-1, 1].
int zero_shift(const LinearModel& model) {
  double farthest = 1;
  for (std::size_t i = 0; i < model.scaling.size(); ++i)
    farthest = std::max(farthest, 1 + std::abs(model.scaling.centre(i)) / model.scaling.half_width(i));
  return static_cast<int>(std::ceil(std::log2(farthest)));
}

// By how many bits covariances are lowered so that a diagonal with the penalty stays below 1.
int penalty_shift(const LinearModel& model, mpc::u64 minimum) {
  if (model.penalty == 0) return 0;
  return static_cast<int>(std::ceil(std::log2(1 + model.penalty / static_cast<double>(minimum))));
}

u128 fixed(double value, int bits) {
  return static_cast<u128>(static_cast<i128>(std::llround(std::ldexp(value, bits))));
}

// Columns and outcome, packed as products are: the diagonal's place first in each row.
struct Covariances {
  Shared<u128> means;   // of each, square_bits; empty without an intercept
  Shared<u128> packed;  // square_bits
};

Covariances covariances(mpc::Engine& engine, const LinearModel& model, const Shared<u128>& sums,
                        const Shared<u128>& reciprocal) {
  const LinearLayout layout{.width = model.variables + 1};
  const std::size_t pairs = layout.cells() - layout.products();
  const Shared<u128> products =
      engine.truncate(slice(sums, layout.products(), pairs), 2 * linear_fraction_bits - product_bits);
  Covariances result;
  result.packed =
      engine.multiply_truncate(products, mpc::repeat(reciprocal, pairs), product_bits + count_bits - square_bits);
  if (!model.centred) return result;
  result.means =
      engine.multiply_truncate(slice(sums, layout.sums(), layout.width), mpc::repeat(reciprocal, layout.width),
                               linear_fraction_bits + count_bits - square_bits);
  Indices left, right;
  for (std::size_t i = 0; i < layout.width; ++i) {
    for (std::size_t j = i; j < layout.width; ++j) left.push_back(i), right.push_back(j);
  }
  result.packed = subtract(
      result.packed, engine.multiply_truncate(gather(result.means, left), gather(result.means, right), square_bits));
  return result;
}

// Adds the penalty to the diagonal and lowers everything by penalty_shift.
Shared<u128> penalised(mpc::Engine& engine, const LinearModel& model, mpc::u64 minimum, const Shared<u128>& matrix,
                       const Shared<u128>& reciprocal) {
  const std::size_t m = model.variables;
  const int shift = penalty_shift(model, minimum);
  if (shift == 0) return matrix;
  Indices diagonal;
  for (std::size_t i = 0; i < m; ++i) diagonal.push_back(i * m + i);
  // penalty / n with penalty_bits fraction bits, at most 2^shift for any n that is released.
  const Shared<u128> share =
      engine.truncate(mpc::scale(reciprocal, fixed(model.penalty, 20)), count_bits + 20 - penalty_bits);
  const Shared<u128> lowered = engine.truncate(matrix, shift);
  const Shared<u128> extra = engine.multiply_truncate(gather(lowered, diagonal), mpc::repeat(share, m), penalty_bits);
  Indices spread(m * m, m);  // an element of zero but on the diagonal
  for (std::size_t i = 0; i < m; ++i) spread[i * m + i] = i;
  const std::array parts{extra, oblivious::constant_fill<u128>(engine, 1, 0)};
  return add(lowered, gather(mpc::concatenate(std::span<const Shared<u128>>(parts)), spread));
}

}  // namespace

void check_hidden(const LinearModel& model, mpc::u64 minimum, const std::string& path) {
  const std::string remedy = "or write \"strength\": \"opened\"";
  if (model.variables > 63)
    throw Failure({.code = "study.too_many_levels",
                   .message = "a hidden linear model has at most 63 columns",
                   .where = path + "/formula",
                   .remedy = "use fewer terms or levels, " + remedy});
  if (penalty_shift(model, minimum) > 16 || model.penalty > 1e9)
    throw Failure({.code = "study.bad_penalty",
                   .message = "the penalty is too large for a hidden solution",
                   .where = path + "/penalty",
                   .remedy = "use a smaller one, " + remedy});
  if (zero_shift(model) > largest_zero_bits)
    throw Failure({.code = "study.range_too_wide",
                   .message = "a column's range lies too far from 0 for its width",
                   .where = path + "/formula",
                   .remedy = "subtract a constant in the formula, as in I(year - 2000), " + remedy});
}

HiddenSolution solve_hidden(mpc::Engine& engine, const LinearModel& model, mpc::u64 minimum, const Shared<u128>& sums) {
  const std::size_t m = model.variables;
  const LinearLayout layout{.width = m + 1};
  const auto place = [&](std::size_t i, std::size_t j) { return layout.product(i, j) - layout.products(); };
  const Shared<u128> reciprocal =
      oblivious::reciprocal(engine, slice(sums, layout.people(), 1), 0,
                            {.denominator_bits = 32, .quotient_bits = 1, .fraction_bits = count_bits});
  const Covariances all = covariances(engine, model, sums, reciprocal);
  const Shared<u128> total = slice(all.packed, place(m, m), 1);
  if (m == 0) {
    const std::array parts{slice(all.means, 0, 1), total};
    return {.values = mpc::concatenate(std::span<const Shared<u128>>(parts)), .faults = {}};
  }
  Indices square, cross, diagonal;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) square.push_back(place(i, j));
    cross.push_back(place(i, m));
    diagonal.push_back(place(i, i));
  }
  const int shift = penalty_shift(model, minimum);
  const Shared<u128> matrix = gather(all.packed, square), right = gather(all.packed, cross);
  // Right-hand sides side by side: covariances with the outcome, then the identity.
  std::vector<u128> identity(m * m);
  for (std::size_t i = 0; i < m; ++i) identity[i * m + i] = u128{1} << identity_bits;
  const std::array sides{shift == 0 ? right : engine.truncate(right, shift),
                         engine.constant(std::span<const u128>(identity))};
  Indices order;
  for (std::size_t i = 0; i < m; ++i) {
    order.push_back(i);
    for (std::size_t j = 0; j < m; ++j) order.push_back(m + i * m + j);
  }
  oblivious::Solution solved = oblivious::solve(
      engine, {.elements = penalised(engine, model, minimum, matrix, reciprocal), .rows = m, .columns = m},
      {.elements = gather(mpc::concatenate(std::span<const Shared<u128>>(sides)), order), .rows = m, .columns = m + 1},
      {.diagonal_bits = 61, .fraction_bits = square_bits, .pivot_bits = pivot_bits},
      {.fraction_bits = square_bits, .right_bits = 62, .solution_bits = slope_bits});
  Indices first, rest, inverse_diagonal;
  for (std::size_t i = 0; i < m; ++i) {
    first.push_back(i * (m + 1));
    for (std::size_t j = 0; j < m; ++j) rest.push_back(i * (m + 1) + 1 + j);
    inverse_diagonal.push_back(i * (m + 1) + 1 + i);
  }
  const Shared<u128> slopes = gather(solved.x.elements, first), inverse = gather(solved.x.elements, rest);
  // total - b'(2 c - C b)
  const Shared<u128> fitted = engine.matrix_product_truncate(matrix, slopes, m, m, 1, slope_bits);
  const Shared<u128> explained =
      engine.dot_truncate(slopes, subtract(mpc::scale(right, u128{2}), fitted), m, slope_bits);
  std::vector<Shared<u128>> parts = {slopes, gather(solved.x.elements, inverse_diagonal), subtract(total, explained),
                                     total};
  if (model.centred) {
    // Where all columns are 0, seen from the means: z / 2^k, so that nothing overflows.
    const int k = zero_shift(model);
    std::vector<u128> centres;
    for (std::size_t i = 1; i <= m; ++i)
      centres.push_back(fixed(std::ldexp(model.scaling.centre(i) / model.scaling.half_width(i), -k), zero_bits));
    Shared<u128> zero = engine.truncate(slice(all.means, 0, m), square_bits - zero_bits + k);
    zero = add(zero, engine.constant(std::span<const u128>(centres)));
    const Shared<u128> solution = engine.matrix_product_truncate(inverse, zero, m, m, 1, zero_bits);
    parts.push_back(engine.dot_truncate(zero, solution, m, zero_bits));
    const Shared<u128> moved = engine.dot_truncate(slopes, zero, m, zero_bits);
    const Shared<u128> mean = engine.truncate(slice(all.means, m, 1), square_bits - slope_bits);
    parts.push_back(subtract(mean, mpc::scale(moved, u128{1} << k)));
  }
  const mpc::SharedBits still =
      oblivious::less_than_public(engine, gather(all.packed, diagonal), u128{1} << (square_bits - least_variance_bits));
  std::vector<mpc::SharedBits> planes;
  for (std::size_t i = 0; i < m; ++i) planes.push_back(slice(still, i, 1));
  return {.values = mpc::concatenate(std::span<const Shared<u128>>(parts)),
          .faults = {{oblivious::or_all(engine, std::move(planes)), "a column hardly varies within its declared range"},
                     {solved.singular, "some columns follow from the others, or nearly so"}}};
}

LinearFit read_hidden(const LinearModel& model, u128 people, const std::vector<u128>& values) {
  const std::size_t m = model.variables;
  const auto n = static_cast<long double>(people);
  const auto real = [&](std::size_t at, int bits) {
    return std::ldexp(static_cast<long double>(static_cast<i128>(values[at])), -bits);
  };
  LinearFit fit{.n = static_cast<double>(people)};
  fit.rank = m + (model.centred ? 1 : 0);
  if (m == 0) {
    fit.coefficients = {real(0, square_bits)};
    fit.variances = {1 / n};
    fit.residual = fit.total = real(1, square_bits) * n;
    fit.error_bound = static_cast<double>(n) * 0x1p-53;
    return fit;
  }
  long double widest = 1;
  for (std::size_t i = 0; i < m; ++i) {
    const long double width = model.scaling.half_width(i + (model.centred ? 1 : 0));
    fit.coefficients.push_back(real(i, slope_bits));
    widest = std::max(widest, real(m + i, inverse_bits));
    fit.variances.push_back(real(m + i, inverse_bits) / n / (width * width));
  }
  fit.residual = real(2 * m, square_bits) * n;
  fit.total = real(2 * m + 1, square_bits) * n;
  if (model.centred) {
    const long double zero = std::ldexp(real(2 * m + 2, inverse_bits), 2 * zero_shift(model));
    fit.variances.insert(fit.variances.begin(), (1 + zero) / n);
    // Given where all columns are 0; presentation moves it from where they are at their centres.
    long double intercept = real(2 * m + 3, slope_bits);
    for (std::size_t i = 0; i < m; ++i)
      intercept += fit.coefficients[i] * model.scaling.centre(i + 1) / model.scaling.half_width(i + 1);
    fit.coefficients.insert(fit.coefficients.begin(), intercept);
  }
  const double d = static_cast<double>(m);
  fit.error_bound = static_cast<double>(widest) *
                    (static_cast<double>(n) * 0x1p-53 + 0x1p-37 / static_cast<double>(n) + d * (d + 4) * 0x1p-46);
  return fit;
}

}  // namespace cohortium::statistics
