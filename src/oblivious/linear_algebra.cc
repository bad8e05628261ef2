#include "oblivious/linear_algebra.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/normalise.h"

namespace cohortium::oblivious {
namespace {

constexpr int f = matrix_fraction_bits;
constexpr int inverse_work_bits = 53;

using Indices = std::vector<std::size_t>;

// a * b / 2^drop; drop may be 0 or less.
Shared<u128> shifted_product(Engine& engine, const Shared<u128>& a, const Shared<u128>& b, int drop) {
  return drop > 0 ? engine.multiply_truncate(a, b, drop) : mpc::scale(engine.multiply(a, b), u128{1} << -drop);
}

// t_i = 2^floor((bits - 1 - top) / 2): t_i^2 a_ii lies in [2^(bits-2), 2^bits). Two neighbouring places of the top bit
// make one plane of t.
Shared<u128> scaling_of(Engine& engine, const Shared<u128>& diagonal, int bits) {
  const auto top = normalise(engine, diagonal, bits).top_bit;
  std::vector<SharedBits> planes;
  for (int place = bits - 1; place >= 0; place -= 2) {
    planes.push_back(place > 0 ? mpc::exclusive_or(top[place], top[place - 1]) : top[place]);
  }
  return engine.ring<u128>().from_bits(planes);
}

// A matrix on which rows are eliminated: A' and, beside it, the right-hand sides.
class Elimination {
 public:
  Elimination(Engine& engine, Shared<u128> elements, std::size_t rows, std::size_t columns)
      : engine_(engine), elements_(std::move(elements)), rows_(rows), columns_(columns) {}

  // Makes column j zero in all other rows (full) or in those below; returns the multipliers of those rows.
  Shared<u128> eliminate(std::size_t j, bool full) {
    Indices others, column, block, pivot_row;
    for (std::size_t i = full ? 0 : j + 1; i < rows_; ++i) {
      if (i != j) others.push_back(i);
    }
    for (std::size_t i : others) {
      column.push_back(i * columns_ + j);
      for (std::size_t k = j + 1; k < columns_; ++k) block.push_back(i * columns_ + k);
    }
    for (std::size_t k = j + 1; k < columns_; ++k) pivot_row.push_back(j * columns_ + k);

    const Divisor pivot = divisor(mpc::slice(elements_, j * columns_ + j, 1));
    pivots_.push_back(pivot.value);
    inverses_.push_back(pivot);
    const auto multipliers = quotients(mpc::gather(elements_, column), pivot);
    if (block.empty()) return multipliers;
    const auto change = engine_.matrix_product_truncate(multipliers, mpc::gather(elements_, pivot_row), others.size(),
                                                        1, columns_ - j - 1, f);
    replace(block, mpc::subtract(mpc::gather(elements_, block), change));
    return multipliers;
  }

  // Columns from `first` on, row i divided by pivot i.
  Shared<u128> divided_by_pivots(std::size_t first) {
    Indices right;
    std::vector<Shared<u128>> scales, inverses;
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t k = first; k < columns_; ++k) right.push_back(i * columns_ + k);
      scales.push_back(mpc::repeat(inverses_[i].scale, columns_ - first));
      inverses.push_back(mpc::repeat(inverses_[i].inverse, columns_ - first));
    }
    Divisor all{.value = {},
                .scale = mpc::concatenate(std::span<const Shared<u128>>(scales)),
                .inverse = mpc::concatenate(std::span<const Shared<u128>>(inverses))};
    return quotients_of(mpc::gather(elements_, right), all);
  }

  Shared<u128> pivots() const { return mpc::concatenate(std::span<const Shared<u128>>(pivots_)); }

  // Whether some pivot is below 2^-pivot_bits: all compared in one batch.
  SharedBits singular(int pivot_bits) {
    const auto all = pivots();
    const auto small =
        engine_.bit(mpc::subtract(all, constant_fill(engine_, all.size, u128{1} << (f - pivot_bits))), 127);
    std::vector<SharedBits> planes;
    for (std::size_t i = 0; i < rows_; ++i) planes.push_back(mpc::slice(small, i, 1));
    return or_all(engine_, std::move(planes));
  }

 private:
  struct Divisor {
    Shared<u128> value, scale, inverse;  // value * scale / 2^(f + 1) = C, inverse = 1 / C
  };

  Divisor divisor(const Shared<u128>& value) {
    const auto scale = normalise(engine_, value, f + 1).scale;
    const auto mantissa = mpc::scale(engine_.multiply(value, scale), u128{1} << (inverse_work_bits - f - 1));
    return {
        .value = value, .scale = scale, .inverse = reciprocal_of_mantissa(engine_, mantissa, inverse_work_bits, 54)};
  }
  Shared<u128> quotients(const Shared<u128>& numerators, const Divisor& pivot) {
    return quotients_of(numerators, {.value = {},
                                     .scale = mpc::repeat(pivot.scale, numerators.size),
                                     .inverse = mpc::repeat(pivot.inverse, numerators.size)});
  }
  Shared<u128> quotients_of(const Shared<u128>& numerators, const Divisor& by) {
    return engine_.multiply_truncate(engine_.multiply(numerators, by.scale), by.inverse, inverse_work_bits + 3 + 1);
  }

  void replace(const Indices& places, const Shared<u128>& values) {
    Indices merged(elements_.size);
    std::iota(merged.begin(), merged.end(), std::size_t{0});
    for (std::size_t i = 0; i < places.size(); ++i) merged[places[i]] = elements_.size + i;
    const std::array both{elements_, values};
    elements_ = mpc::gather(mpc::concatenate(std::span<const Shared<u128>>(both)), merged);
  }

  Engine& engine_;
  Shared<u128> elements_;
  std::size_t rows_, columns_;
  std::vector<Shared<u128>> pivots_;
  std::vector<Divisor> inverses_;
};

struct Scaled {
  Shared<u128> elements;  // A', f fraction bits
  Shared<u128> scaling;   // t_i
};

Scaled scaled(Engine& engine, const SharedMatrix& a, const PositiveDefiniteDomain& domain) {
  const std::size_t d = a.rows;
  const int bits = domain.diagonal_bits;
  COHORTIUM_CHECK(d >= 1 && d <= 64 && a.columns == d && a.elements.size == d * d);
  COHORTIUM_CHECK(bits >= 1 && bits <= 62 && domain.pivot_bits >= 1 && domain.pivot_bits <= 24);
  Indices diagonal;
  for (std::size_t i = 0; i < d; ++i) diagonal.push_back(i * d + i);
  Scaled result;
  result.scaling = scaling_of(engine, mpc::gather(a.elements, diagonal), bits);
  const auto rows = engine.multiply(a.elements, mpc::repeat(result.scaling, d));
  result.elements = shifted_product(engine, rows, mpc::tile(result.scaling, d), bits - f);
  return result;
}

// Rows of `left` (rows x a) and of `right` (rows x b) side by side.
Shared<u128> beside(const Shared<u128>& left, const Shared<u128>& right, std::size_t rows) {
  const std::size_t a = left.size / rows, b = right.size / rows;
  Indices order;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < a; ++k) order.push_back(i * a + k);
    for (std::size_t k = 0; k < b; ++k) order.push_back(left.size + i * b + k);
  }
  const std::array both{left, right};
  return mpc::gather(mpc::concatenate(std::span<const Shared<u128>>(both)), order);
}

}  // namespace

SharedMatrix transpose(const SharedMatrix& a) {
  Indices order;
  for (std::size_t column = 0; column < a.columns; ++column) {
    for (std::size_t row = 0; row < a.rows; ++row) order.push_back(row * a.columns + column);
  }
  return {.elements = mpc::gather(a.elements, order), .rows = a.columns, .columns = a.rows};
}

SharedMatrix product(Engine& engine, const SharedMatrix& a, const SharedMatrix& b, int drop) {
  COHORTIUM_CHECK(a.columns == b.rows && drop >= 0);
  auto elements = drop > 0 ? engine.matrix_product_truncate(a.elements, b.elements, a.rows, a.columns, b.columns, drop)
                           : engine.matrix_product(a.elements, b.elements, a.rows, a.columns, b.columns);
  return {.elements = std::move(elements), .rows = a.rows, .columns = b.columns};
}

// With v = T b / 2^right_bits and y = A'^-1 v: x = 2^(fraction_bits - b's - diagonal_bits + right_bits) T y.
Solution solve(Engine& engine, const SharedMatrix& a, const SharedMatrix& b, const PositiveDefiniteDomain& domain,
               const RightSide& right) {
  const std::size_t d = a.rows, m = b.columns;
  COHORTIUM_CHECK(b.rows == d && b.elements.size == d * m && m >= 1);
  COHORTIUM_CHECK(right.right_bits >= 1 && right.right_bits <= 100);
  const Scaled system = scaled(engine, a, domain);
  const auto factors = mpc::repeat(system.scaling, m);
  const auto v = shifted_product(engine, b.elements, factors, right.right_bits - f);
  Elimination elimination(engine, beside(system.elements, v, d), d, d + m);
  for (std::size_t j = 0; j < d; ++j) elimination.eliminate(j, true);
  const auto y = elimination.divided_by_pivots(d);
  const int up =
      domain.fraction_bits - right.fraction_bits - domain.diagonal_bits + right.right_bits - f + right.solution_bits;
  return {.x = {.elements = shifted_product(engine, y, factors, -up), .rows = d, .columns = m},
          .singular = elimination.singular(domain.pivot_bits)};
}

// A^-1 = T A'^-1 T: A'^-1 is found against the identity itself, whatever the size of T, and scaled afterwards. With the
// elements of A' divided by 2^f and those of T by 2^((diagonal_bits - fraction_bits) / 2).
Solution inverse(Engine& engine, const SharedMatrix& a, const PositiveDefiniteDomain& domain, int solution_bits) {
  const std::size_t d = a.rows;
  const Scaled system = scaled(engine, a, domain);
  std::vector<u128> identity(d * d);
  for (std::size_t i = 0; i < d; ++i) identity[i * d + i] = u128{1} << f;
  const auto right = engine.constant(std::span<const u128>(identity));
  Elimination elimination(engine, beside(system.elements, right, d), d, 2 * d);
  for (std::size_t j = 0; j < d; ++j) elimination.eliminate(j, true);
  const auto rows = engine.multiply(elimination.divided_by_pivots(d), mpc::repeat(system.scaling, d));
  const int up = domain.fraction_bits - domain.diagonal_bits - f + solution_bits;
  return {.x = {.elements = shifted_product(engine, rows, mpc::tile(system.scaling, d), -up), .rows = d, .columns = d},
          .singular = elimination.singular(domain.pivot_bits)};
}

Factors factorise(Engine& engine, const SharedMatrix& a, const PositiveDefiniteDomain& domain) {
  const std::size_t d = a.rows;
  const Scaled system = scaled(engine, a, domain);
  Elimination elimination(engine, system.elements, d, d);
  std::vector<Shared<u128>> parts{constant_fill(engine, 1, u128{0}), constant_fill(engine, 1, u128{1} << f)};
  Indices lower(d * d);  // places in `parts`, laid end to end: 0, 1, then the multipliers column by column
  std::size_t next = 2;
  for (std::size_t j = 0; j < d; ++j) {
    parts.push_back(elimination.eliminate(j, false));
    lower[j * d + j] = 1;
    for (std::size_t i = j + 1; i < d; ++i) lower[i * d + j] = next++;
  }
  return {.lower = {.elements = mpc::gather(mpc::concatenate(std::span<const Shared<u128>>(parts)), lower),
                    .rows = d,
                    .columns = d},
          .pivots = elimination.pivots(),
          .scaling = system.scaling,
          .singular = elimination.singular(domain.pivot_bits)};
}

}  // namespace cohortium::oblivious
