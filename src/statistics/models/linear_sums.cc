#include "statistics/models/linear_sums.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>

#include "base/error.h"
#include "statistics/models/least_squares.h"

namespace cohortium::statistics {

using boost::multiprecision::int256_t;
using mpc::i128;
using mpc::u128;

LinearModel::LinearModel(const EntryContext& context)
    : design(context),
      scaling(design),
      penalty(context.entry.penalty),
      confidence(context.entry.confidence),
      centred(design.has_intercept()),
      variables(design.columns().size() - (centred ? 1 : 0)) {
  const std::string path = context.at("formula");
  if (!design.has_response()) refuse_formula(path, 1, "the outcome is missing", "write \"outcome ~ column + column\"");
  if (design.columns().empty())
    refuse_formula(path, 1, "the model has no columns", "keep the intercept or name a column");
  if (design.has_offset())
    refuse_formula(path, 1, "a linear model takes no offset here", "use the kind glm with the family gaussian");
  if (!(penalty >= 0))
    throw Failure({.code = "study.bad_penalty",
                   .message = "the penalty is below 0",
                   .where = context.at("penalty"),
                   .remedy = "use 0 or more"});
  const auto [low, high] = design.response_range();
  if (centred) centre = low + (high - low) / 2;
  half_width = centred ? (high - low) / 2 : std::max(std::abs(low), std::abs(high));
  if (!(half_width > 0)) half_width = 1;
}

std::size_t LinearLayout::product(std::size_t i, std::size_t j) const {
  if (i > j) std::swap(i, j);
  return products() + i * width - i * (i + 1) / 2 + j;
}

std::vector<u128> linear_sums(const LinearModel& model, const ModelCells& cells, const data::Table& table) {
  const LinearLayout layout{.width = model.variables + 1};
  std::vector<u128> sums(layout.cells());
  std::vector<std::size_t> rows;
  std::vector<i128> values(layout.width);
  DesignReader reader(model.design, table);
  DesignRow row;
  const std::size_t skip = model.centred ? 1 : 0;
  for (std::size_t r = 0; r < table.rows; ++r) {
    if (!reader.read(r, row)) continue;
    rows.push_back(r);
    model.scaling.scale(row.x);
    for (std::size_t i = 0; i < model.variables; ++i)
      values[i] = std::llround(std::ldexp(row.x[i + skip], linear_fraction_bits));
    values.back() = std::llround(std::ldexp((row.response - model.centre) / model.half_width, linear_fraction_bits));
    std::size_t next = layout.products();
    for (std::size_t i = 0; i < layout.width; ++i) {
      sums[layout.sums() + i] += static_cast<u128>(values[i]);
      for (std::size_t j = i; j < layout.width; ++j) sums[next++] += static_cast<u128>(values[i] * values[j]);
    }
  }
  sums[layout.people()] = rows.size();
  sums[layout.missing()] = table.rows - rows.size();
  const std::vector<u128> counts = cells.count(table, rows);
  sums.insert(sums.end(), counts.begin(), counts.end());
  return sums;
}

namespace {

long double real_of(const int256_t& value, int fraction_bits) {
  return std::ldexp(static_cast<long double>(value), -fraction_bits);
}

// Of variables i and j: the sum of products, around the means where the model has an intercept. `sums` as released: the
// sums, then the products.
long double square_of(const LinearModel& model, u128 people, const std::vector<u128>& sums, std::size_t i,
                      std::size_t j) {
  const LinearLayout layout{.width = model.variables + 1};
  const int256_t n(people), x(static_cast<i128>(sums[i])), y(static_cast<i128>(sums[j]));
  const int256_t products(static_cast<i128>(sums[layout.product(i, j) - layout.sums()]));
  if (!model.centred) return real_of(products, 2 * linear_fraction_bits);
  return real_of(n * products - x * y, 2 * linear_fraction_bits) / static_cast<long double>(people);
}

// Adds the intercept to the solution for centred columns.
void add_intercept(const LinearModel& model, const SymmetricSolution& solution, const std::vector<long double>& means,
                   LinearFit& fit) {
  const std::size_t m = model.variables, d = m + 1;
  fit.inverse.assign(d * d, 0);
  long double intercept = means[m], variance = 1 / static_cast<long double>(fit.n);
  for (std::size_t i = 0; i < m; ++i) {
    intercept -= solution.x[i] * means[i];
    long double sum = 0;
    for (std::size_t j = 0; j < m; ++j) {
      fit.inverse[(i + 1) * d + j + 1] = solution.inverse[i * m + j];
      sum += solution.inverse[i * m + j] * means[j];
    }
    fit.inverse[i + 1] = fit.inverse[(i + 1) * d] = -sum;
    variance += means[i] * sum;
  }
  fit.inverse[0] = variance;
  fit.coefficients.insert(fit.coefficients.begin(), intercept);
  fit.explained.insert(fit.explained.begin(), 0);
  ++fit.rank;
}

}  // namespace

LinearFit solve_linear(const LinearModel& model, u128 people, const std::vector<u128>& sums) {
  const std::size_t m = model.variables;
  const auto n = static_cast<long double>(people);
  std::vector<long double> matrix(m * m), right(m), means;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) matrix[i * m + j] = square_of(model, people, sums, i, j);
    right[i] = square_of(model, people, sums, i, m);
    // As MASS's lm.ridge: the penalty counts in columns of standard deviation 1 (divisor n).
    matrix[i * m + i] *= 1 + model.penalty / n;
  }
  LinearFit fit{.n = static_cast<double>(people)};
  fit.total = square_of(model, people, sums, m, m);
  constexpr long double tolerance = 1e-14L;  // of squares: lm's tolerance is 1e-7
  const SymmetricSolution solution = solve_symmetric(matrix, right, fit.total, tolerance);
  for (std::size_t i = 0; i < m; ++i) fit.coefficients.push_back(solution.left_out[i] ? NAN : solution.x[i]);
  fit.residual = solution.rest;
  fit.explained = solution.explained;
  fit.rank = solution.rank;
  if (solution.rank < m) fit.note = "columns that follow from the others have no coefficient";
  if (!model.centred) {
    fit.inverse = solution.inverse;
    return fit;
  }
  for (std::size_t i = 0; i <= m; ++i)
    means.push_back(std::ldexp(static_cast<long double>(static_cast<i128>(sums[i])), -linear_fraction_bits) / n);
  add_intercept(model, solution, means, fit);
  return fit;
}

}  // namespace cohortium::statistics
