// Pearson correlations between two or more columns, over the people who have a value in all of them.
//
// Local      n, sums, sums of squares and of products about public centres, as integers
// Under MPC  sums over sites; the minimum-cell rule on n
// Released   n and all sums, or nothing; covariances, correlations, t, p and Fisher's limits follow
// Error      each value is rounded once to 2^-f (statistics/moments.h); sums are exact
// Source     as R's cor.test; a matrix as cor(use = "complete.obs")
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "statistics/distributions.h"
#include "statistics/enough_records.h"
#include "statistics/entries.h"
#include "statistics/hypothesis/kinds.h"
#include "statistics/hypothesis/rank_correlation.h"
#include "statistics/moments.h"

namespace cohortium::statistics {
namespace {

using mpc::i128;
using mpc::u128;

class Correlation final : public Analysis {
 public:
  explicit Correlation(const EntryContext& context) : rule_(context.rule), confidence_(context.entry.confidence) {
    for (const std::string& name : context.entry.columns) {
      columns_.push_back(context.column("columns", name, data::ColumnType::kNumber));
      const data::ColumnDeclaration& column = columns_.back();
      scales_.push_back(moment_scale(column.low, column.high, "column \"" + column.name + "\"", context.at("columns")));
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    std::string names;
    for (const auto& column : columns_) names += (names.empty() ? "" : ", ") + column.name;
    declaration.computes = "the correlations between " + names;
    declaration.analyst_learns = {"the number of people who have all of " + names +
                                  ", and the means, variances and covariances of these over all sites together; "
                                  "nothing when there are " +
                                  below_minimum(rule_) + ", or " + enough().sentence("")};
    declaration.aggregate = "products";
    for (const auto& column : columns_) {
      declaration.columns.push_back(column.name);
      declaration.aggregate += "\x1f" + column.name;
    }
    declaration.aggregate_size = 1 + columns_.size() + columns_.size() * (columns_.size() + 1) / 2;
    declaration.aggregate_bounds = {counts_of_people(1)};
    for (std::size_t i = 0; i < columns_.size(); ++i)
      declaration.aggregate_bounds.push_back(bounds_of_sums(1, half(i), scales_[i]));
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      declaration.aggregate_bounds.push_back(bounds_of_squares(1, half(i), scales_[i]));
      for (std::size_t j = i + 1; j < columns_.size(); ++j)
        declaration.aggregate_bounds.push_back(
            bounds_of_products(1, half(i), half(j), scales_[i].fraction_bits + scales_[j].fraction_bits));
    }
    declaration.error_bound = std::ldexp(1.0, -30);
    return declaration;
  }

  // n, the sums, then the products of i and j for all i <= j.
  std::vector<u128> local(const data::Table& table) const override {
    std::vector<const data::Column*> columns;
    for (const auto& column : columns_) columns.push_back(&table.column(column.name));
    const std::size_t k = columns.size();
    std::vector<u128> sums(1 + k + k * (k + 1) / 2);
    std::vector<i128> x(k);
    for (std::size_t row = 0; row < table.rows; ++row) {
      bool complete = true;
      for (const data::Column* column : columns)
        complete = complete && (column->missing.empty() || !column->missing[row]);
      if (!complete) continue;
      for (std::size_t i = 0; i < k; ++i) x[i] = scaled(columns[i]->number[row], scales_[i]);
      sums[0] += 1;
      std::size_t next = 1 + k;
      for (std::size_t i = 0; i < k; ++i) {
        sums[1 + i] += static_cast<u128>(x[i]);
        for (std::size_t j = i; j < k; ++j) sums[next++] += static_cast<u128>(x[i] * x[j]);
      }
    }
    return sums;
  }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const mpc::Shared<u128> people = slice(inputs.aggregate, 0, 1);
    return {.cells = mpc::SharedCells{.people = people,
                                      .values = {slice(inputs.aggregate, 1, inputs.aggregate.size - 1)},
                                      .together = true,
                                      .faults = {enough().fault(engine, people, slice(people, 0, 0))}},
            .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    nlohmann::json pairs = nlohmann::json::array(), columns = nlohmann::json::array();
    const bool passed = outcome.cells->passed.front();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      columns.push_back({{"name", columns_[i].name}, {"unit", columns_[i].unit}, {"mean", nullptr}, {"sd", nullptr}});
      if (passed) add_moments(*outcome.cells, i, columns.back());
      for (std::size_t j = i + 1; j < columns_.size(); ++j) {
        nlohmann::json pair = {{"first", columns_[i].name}, {"second", columns_[j].name}};
        for (const char* name : {"r", "lower", "upper", "statistic", "df", "p", "covariance"}) pair[name] = nullptr;
        if (passed) add_correlation(*outcome.cells, i, j, pair);
        pairs.push_back(std::move(pair));
      }
    }
    return {{"method", "Pearson"},
            {"n", count_json(outcome.cells->people[0])},
            {"confidence", confidence_},
            {"columns", std::move(columns)},
            {"pairs", std::move(pairs)}};
  }

 private:
  // Sums of products of more columns than there are people tell who has which values, nearly.
  EnoughRecords enough() const { return {rule_, columns_.size()}; }
  double half(std::size_t i) const { return (columns_[i].high - columns_[i].low) / 2; }

  // Sum of centred products of columns i <= j, in their units.
  double product(const mpc::ReleasedCells& cells, std::size_t i, std::size_t j) const {
    const std::size_t k = columns_.size(), place = k + i * k - i * (i + 1) / 2 + j;
    return centred_product(*cells.people[0], cells.values[0][i], cells.values[0][j], cells.values[0][place],
                           scales_[i].fraction_bits + scales_[j].fraction_bits);
  }

  void add_moments(const mpc::ReleasedCells& cells, std::size_t i, nlohmann::json& column) const {
    const double n = to_double(*cells.people[0]);
    if (n > 0) column["mean"] = moments_of(*cells.people[0], cells.values[0][i], 0, scales_[i]).mean;
    if (n > 1) column["sd"] = std::sqrt(product(cells, i, i) / (n - 1));
  }

  void add_correlation(const mpc::ReleasedCells& cells, std::size_t i, std::size_t j, nlohmann::json& pair) const {
    const double n = to_double(*cells.people[0]);
    if (n < 2) return;
    const double xy = product(cells, i, j), xx = product(cells, i, i), yy = product(cells, j, j);
    pair["covariance"] = xy / (n - 1);
    if (!(xx > 0) || !(yy > 0)) return;  // a constant column has no correlation
    const double r = std::clamp(xy / std::sqrt(xx) / std::sqrt(yy), -1.0, 1.0);
    pair["r"] = r;
    if (n < 3) return;
    pair["df"] = n - 2;
    if (std::abs(r) < 1) {
      const double t = r * std::sqrt((n - 2) / (1 - r * r));
      pair["statistic"] = t;
      pair["p"] = student_two_sided(t, n - 2);
    } else {
      pair["p"] = 0;
    }
    if (n < 4) return;
    const double half = normal_quantile(0.5 + confidence_ / 2) / std::sqrt(n - 3);
    pair["lower"] = std::tanh(std::atanh(r) - half);
    pair["upper"] = std::tanh(std::atanh(r) + half);
  }

  std::vector<data::ColumnDeclaration> columns_;
  std::vector<MomentScale> scales_;
  mpc::ReleaseRule rule_;
  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_correlation(const EntryContext& context) {
  const std::string& method = context.entry.method;
  if (method == "spearman" || method == "kendall") return make_rank_correlation(context);
  return std::make_unique<Correlation>(context);
}

}  // namespace cohortium::statistics
