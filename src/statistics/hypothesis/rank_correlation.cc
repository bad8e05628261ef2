// Spearman's and Kendall's rank correlations, over the people who have a value in all columns.
//
// Local      per row: a key per column, and 1 where all values are known
// Under MPC  sorting and midranks per column; Spearman: sums of products of ranks; Kendall: discordant pairs per pair of
//            columns, by inversions; corrections for ties; the minimum-cell rule on n
// Released   n, the corrections for ties, and sums of products or numbers of discordant pairs, or nothing; rho or tau, the
//            statistic and p follow
// Error      none: all sums are whole numbers
// Source     as R's cor.test(exact = NULL); a matrix as cor(use = "complete.obs")
#include "statistics/hypothesis/rank_correlation.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/fixed_point.h"
#include "statistics/distributions.h"
#include "statistics/enough_records.h"
#include "statistics/hypothesis/rank_distributions.h"
#include "statistics/hypothesis/ranked_groups.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;
using mpc::u64;

// R takes the exact distribution, or the series that stands for it, up to these sizes where there are no ties.
constexpr double most_for_exact_kendall = 49, most_for_series = 1290;

// Of one column, over values that t people share.
struct Ties {
  double squares = 0, cubes = 0;  // sums of t^2 and t^3
  bool none(double n) const { return squares == n; }
};

// The order of the released values: per column, then per pair of columns.
class RankCorrelation final : public Analysis {
 public:
  explicit RankCorrelation(const EntryContext& context)
      : kendall_(context.entry.method == "kendall"), rule_(context.rule), confidence_(context.entry.confidence) {
    for (const std::string& name : context.entry.columns) {
      columns_.push_back(context.column("columns", name, data::ColumnType::kNumber));
      const data::ColumnDeclaration& column = columns_.back();
      keys_.emplace_back(column.low, column.high, "column \"" + column.name + "\"", context.at("columns"));
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    std::string names;
    declaration.rows = "complete";
    for (const auto& column : columns_) {
      names += (names.empty() ? "" : ", ") + column.name;
      declaration.columns.push_back(column.name);
      declaration.rows += "\x1f" + column.name;
    }
    declaration.computes = std::string(kendall_ ? "Kendall's" : "Spearman's") + " rank correlations between " + names;
    declaration.analyst_learns = {"the number of people who have all of " + names + ", " +
                                  (kendall_ ? "the number of pairs of people that two of these put in different order"
                                            : "the sums of products of ranks of two of these") +
                                  ", and how many people share values in " + (kendall_ ? "one or two" : "one") +
                                  " of these, over all sites together; nothing when there are " + below_minimum(rule_) +
                                  ", or " + enough().sentence("")};
    declaration.row_columns = 1 + columns_.size();
    declaration.row_bounds = {bits(1), whole_numbers(columns_.size(), u64{1} << rank_key_bits)};
    return declaration;
  }

  std::vector<u128> local(const data::Table&) const override { return {}; }

  std::vector<u128> rows(const data::Table& table) const override {
    std::vector<const data::Column*> columns;
    for (const auto& column : columns_) columns.push_back(&table.column(column.name));
    std::vector<u128> rows((1 + columns.size()) * table.rows);
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (std::any_of(columns.begin(), columns.end(), [&](const auto* c) { return is_missing(*c, row); })) continue;
      rows[row] = 1;
      for (std::size_t c = 0; c < columns.size(); ++c)
        rows[(1 + c) * table.rows + row] = keys_[c].key(columns[c]->number[row]);
    }
    return rows;
  }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const std::size_t n = inputs.row_count, pairs = columns_.size() * (columns_.size() - 1) / 2;
    if (n == 0) {
      const std::size_t size = 2 * columns_.size() + (kendall_ ? 2 : 1) * pairs;
      const Shared<u128> none = oblivious::constant_fill(engine, size, u128{0});
      return {.cells = mpc::SharedCells{.people = slice(none, 0, 1), .values = {none}, .together = true}, .curve = {}};
    }
    const Shared<u64> present = narrow(inputs.column(0));
    const Shared<u64> one = oblivious::constant_fill(engine, n, u64{1});
    const Shared<u64> absent = subtract(one, present);
    // Rows that take no part stand before all others.
    const Shared<u64> shift = scale(repeat(sum_blocks(absent, n), n), u64{2});
    std::vector<Shared<u64>> before, ties, twice;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      oblivious::TiedRanks ranks = oblivious::tied_ranks(engine, narrow(inputs.column(1 + c)), rank_key_bits);
      const Shared<u64> rank = add(add(scale(ranks.before, u64{2}), ranks.ties), one);
      ties.push_back(engine.multiply(present, ranks.ties));
      if (!kendall_) twice.push_back(engine.multiply(present, subtract(rank, shift)));
      before.push_back(std::move(ranks.before));
    }
    std::vector<Shared<u128>> values;
    for (const Shared<u64>& column : ties) {
      values.push_back(oblivious::widen(engine, sum_blocks(column, n), 62));
      values.push_back(sums_of_products(engine, column, column, n));
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      for (std::size_t j = i + 1; j < columns_.size(); ++j) {
        if (!kendall_) {
          values.push_back(sums_of_products(engine, twice[i], twice[j], n));
          continue;
        }
        const oblivious::Discordance found = oblivious::discordant(engine, before[i], before[j]);
        const Shared<u64> joint = engine.dot(present, found.ties, n);
        values.push_back(oblivious::widen(engine, found.pairs, 62));
        values.push_back(oblivious::widen(engine, joint, 62));
      }
    }
    const Shared<u128> people = sum_blocks(inputs.column(0), n);
    return {.cells = mpc::SharedCells{.people = people,
                                      .values = {concatenate(std::span<const Shared<u128>>(values))},
                                      .together = true,
                                      .faults = {enough().fault(engine, people, slice(people, 0, 0))}},
            .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    nlohmann::json pairs = nlohmann::json::array(), columns = nlohmann::json::array();
    const bool passed = outcome.cells->passed.front();
    for (std::size_t i = 0, next = 2 * columns_.size(); i < columns_.size(); ++i) {
      columns.push_back({{"name", columns_[i].name}, {"unit", columns_[i].unit}, {"mean", nullptr}, {"sd", nullptr}});
      for (std::size_t j = i + 1; j < columns_.size(); ++j, next += kendall_ ? 2 : 1) {
        nlohmann::json pair = {{"first", columns_[i].name}, {"second", columns_[j].name}};
        for (const char* name : {"r", "lower", "upper", "statistic", "df", "p", "covariance"}) pair[name] = nullptr;
        if (passed) {
          const double n = to_double(*outcome.cells->people[0]);
          const std::vector<u128>& values = outcome.cells->values[0];
          const Ties first{to_double(values[2 * i]), to_double(values[2 * i + 1])},
              second{to_double(values[2 * j]), to_double(values[2 * j + 1])};
          if (kendall_) {
            add_kendall(n, first, second, to_double(values[next]), to_double(values[next + 1]), pair);
          } else {
            add_spearman(n, first, second, values[next], pair);
          }
        }
        pairs.push_back(std::move(pair));
      }
    }
    return {{"method", kendall_ ? "Kendall" : "Spearman"},
            {"n", count_json(outcome.cells->people[0])},
            {"confidence", confidence_},
            {"columns", std::move(columns)},
            {"pairs", std::move(pairs)}};
  }

 private:
  EnoughRecords enough() const { return {rule_, columns_.size()}; }
  // `products`: the sum of products of twice the ranks.
  void add_spearman(double n, const Ties& first, const Ties& second, u128 products, nlohmann::json& pair) const {
    const double spread = n * n * n - n, x = spread - (first.cubes - n), y = spread - (second.cubes - n);
    if (n < 2 || !(x > 0) || !(y > 0)) return;  // a constant column has no correlation
    const auto size = static_cast<u128>(n);
    // Four times the sum of products about the mean; twelve times it is `spread` where the ranks agree.
    const auto centred = static_cast<mpc::i128>(products - size * (size + 1) * (size + 1));
    const double r = std::clamp(3 * static_cast<double>(centred) / std::sqrt(x) / std::sqrt(y), -1.0, 1.0);
    pair["r"] = r;
    const double s = spread * (1 - r) / 6;
    pair["statistic"] = s;
    if (n <= most_for_series && first.none(n) && second.none(n)) {
      pair["p"] = spearman_p(s, static_cast<std::size_t>(n));
    } else if (std::abs(r) == 1) {
      pair["p"] = 0;
    } else if (n > 2) {
      pair["p"] = student_two_sided(r * std::sqrt((n - 2) / (1 - r * r)), n - 2);
    }
    if (n < 4) return;
    // Bonett and Wright (2000): Fisher's transformation, with a variance of (1 + r^2 / 2) / (n - 3).
    const double half = normal_quantile(0.5 + confidence_ / 2) * std::sqrt((1 + r * r / 2) / (n - 3));
    pair["lower"] = std::tanh(std::atanh(r) - half);
    pair["upper"] = std::tanh(std::atanh(r) + half);
  }

  // `discordant` pairs; `joint`: the sum of squares of numbers of people who share both values.
  static void add_kendall(double n, const Ties& first, const Ties& second, double discordant, double joint,
                          nlohmann::json& pair) {
    const double all = n * (n - 1) / 2, x = all - (first.squares - n) / 2, y = all - (second.squares - n) / 2;
    if (n < 2 || !(x > 0) || !(y > 0)) return;
    const double difference = x + y - all + (joint - n) / 2 - 2 * discordant;  // concordant less discordant pairs
    pair["r"] = difference / std::sqrt(x) / std::sqrt(y);
    if (n <= most_for_exact_kendall && first.none(n) && second.none(n)) {
      pair["statistic"] = all - discordant;
      pair["p"] = kendall_exact_p(discordant, static_cast<std::size_t>(n));
      return;
    }
    if (n < 3) return;
    auto weighted = [n](const Ties& t) { return 2 * t.cubes + 3 * t.squares - 5 * n; };  // t (t - 1) (2t + 5)
    auto triples = [n](const Ties& t) { return t.cubes - 3 * t.squares + 2 * n; };       // t (t - 1) (t - 2)
    const double variance = (n * (n - 1) * (2 * n + 5) - weighted(first) - weighted(second)) / 18 +
                            (first.squares - n) * (second.squares - n) / (2 * n * (n - 1)) +
                            triples(first) * triples(second) / (9 * n * (n - 1) * (n - 2));
    const double z = difference / std::sqrt(variance);
    pair["statistic"] = z;
    pair["p"] = normal_two_sided(z);
  }

  std::vector<data::ColumnDeclaration> columns_;
  std::vector<RankKeys> keys_;
  bool kendall_;
  mpc::ReleaseRule rule_;
  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_rank_correlation(const EntryContext& context) {
  return std::make_unique<RankCorrelation>(context);
}

}  // namespace cohortium::statistics
