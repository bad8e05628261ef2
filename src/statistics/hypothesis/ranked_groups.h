// Rank sums of groups: what rank tests stand on.
//
// Local      per row: the value as a key, and one column per group that says who belongs to it
// Under MPC  sorting, midranks, their sums per group, the correction for ties; the minimum-cell rule on every group
// Released   n and rank sum of every group and the correction for ties, or nothing
// Error      none: midranks are halves of whole numbers
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "oblivious/ranks.h"
#include "statistics/entries.h"
#include "statistics/hypothesis/rank_keys.h"
#include "statistics/test_of.h"
#include "statistics/test_result.h"

namespace cohortium::statistics {

struct RankedGroup {
  double n = 0, rank_sum = 0;
};

struct RankedSample {
  std::vector<RankedGroup> groups;
  double n = 0;
  double ties = 0;  // sum of t^3 - t over values that t people share
};

// A row's value and group; rows without either take no part.
struct RankRows {
  RankRows(std::size_t row_count, std::size_t groups) : columns((1 + groups) * row_count), rows(row_count) {}
  void set(std::size_t row, mpc::u64 key, std::size_t group) {
    columns[row] = key;
    columns[(1 + group) * rows + row] = 1;
  }
  std::vector<mpc::u128> columns;
  std::size_t rows;
};

// Fails with study.too_many_groups where there are more than rows of numbers carry.
void check_groups_of_rows(const Grouping& grouping, const EntryContext& context);
// A number's keys and groups, row by row, and the name by which analyses share them.
std::vector<mpc::u128> ranked_rows(const data::Table& table, const data::ColumnDeclaration& number,
                                   const RankKeys& keys, const Grouping& grouping);
// Declares such rows: name, columns and bounds.
void declare_ranked_rows(Declaration& declaration, std::string name, std::size_t groups);
std::string ranked_rows_key(const data::ColumnDeclaration& number, const Grouping& grouping);

// Shared sums of products of counts and ranks: exact while their exact value is below 2^126. Rounds: 1, and a widening.
mpc::Shared<mpc::u128> sums_of_products(mpc::Engine& engine, const mpc::Shared<mpc::u64>& a,
                                        const mpc::Shared<mpc::u64>& b, std::size_t length);

// The outcome for rows as RankRows makes them.
mpc::SharedOutcome rank_sums(mpc::Engine& engine, const SiteInputs& inputs, std::size_t groups);
// Nothing when withheld.
std::optional<RankedSample> read_rank_sums(const mpc::ReleasedOutcome& outcome);
// group, label and n.
nlohmann::json rank_groups_json(const std::vector<std::string>& codes, const std::vector<std::string>& labels,
                                const std::optional<RankedSample>& sample);

// A number by the groups of the entry's "by".
class RankedColumn {
 public:
  explicit RankedColumn(const EntryContext& context);
  const data::ColumnDeclaration& column() const { return column_; }
  const Grouping& grouping() const { return grouping_; }
  // Everything but what is computed.
  Declaration declare(const mpc::ReleaseRule& rule) const;
  std::vector<mpc::u128> local(const data::Table&) const { return {}; }
  std::vector<mpc::u128> rows(const data::Table& table) const { return ranked_rows(table, column_, keys_, grouping_); }
  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const {
    return rank_sums(engine, inputs, grouping_.size());
  }
  nlohmann::json groups_json(const std::optional<RankedSample>& sample) const;

 private:
  data::ColumnDeclaration column_;
  Grouping grouping_;
  RankKeys keys_;
};

// A test of those ranks.
class RankTest : public TestOf<RankedColumn> {
 public:
  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const final;

 protected:
  using TestOf::TestOf;
  // The method's name and the statistic's.
  virtual TestResult blank() const = 0;
  // Of groups that were released.
  virtual void test(const RankedSample& sample, TestResult& result) const = 0;
};

}  // namespace cohortium::statistics
