#include "oblivious/scoring_sums.h"

#include <algorithm>
#include <vector>

namespace cohortium::oblivious {

namespace {

constexpr int f = model_bits;
constexpr int fewest_weight_bits = 28;  // of working weights in the information

}  // namespace

Shared<u128> by_rows(const ModelRecords& records) {
  std::vector<std::size_t> order(records.x.size);
  for (std::size_t row = 0; row < records.rows; ++row) {
    for (std::size_t j = 0; j < records.columns; ++j) order[row * records.columns + j] = j * records.rows + row;
  }
  return mpc::gather(records.x, order);
}

Shared<u128> predictors_of(Engine& engine, const ModelRecords& records, const Shared<u128>& rows,
                           const Shared<u128>& coefficients) {
  auto eta = engine.matrix_product_truncate(rows, coefficients, records.rows, records.columns, 1, covariate_bits);
  return records.offset ? mpc::add(eta, *records.offset) : eta;
}

Shared<u128> score_of(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                      const Shared<u128>& residual) {
  const auto weighted = plan.weighted ? with_weights(engine, records, plan, residual) : residual;
  return engine.matrix_product_truncate(records.x, weighted, records.columns, records.rows, 1,
                                        covariate_bits + f - plan.sum_bits());
}

Shared<u128> information_of(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                            const Shared<u128>& rows, const Shared<u128>& working_weight) {
  const std::size_t n = records.rows, d = records.columns;
  const auto weight = plan.weighted ? with_weights(engine, records, plan, working_weight) : working_weight;
  // Where the ring has room for all digits of x w x, x w is not rounded.
  const int bits = std::min(f, 125 - 2 * covariate_bits - plan.total_bits);
  if (bits < fewest_weight_bits) {
    const auto weighted = engine.multiply_truncate(rows, mpc::repeat(weight, d), covariate_bits);
    return engine.matrix_product_truncate(records.x, weighted, d, n, d, covariate_bits + f - plan.sum_bits());
  }
  const auto weighted = engine.multiply(rows, mpc::repeat(bits < f ? engine.truncate(weight, f - bits) : weight, d));
  return engine.matrix_product_truncate(records.x, weighted, d, n, d, 2 * covariate_bits + bits - plan.sum_bits());
}

}  // namespace cohortium::oblivious
