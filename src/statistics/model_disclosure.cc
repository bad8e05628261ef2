#include "statistics/model_disclosure.h"

#include "oblivious/boolean.h"
#include "oblivious/compare.h"
#include "oblivious/fixed_point.h"

namespace cohortium::statistics {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

namespace {

constexpr u128 masked = u128{1} << 40;

// Per count: whether it lies in 1 .. minimum - 1.
SharedBits few_of(mpc::Engine& engine, const Shared<u128>& counts, u64 minimum) {
  const Shared<u64> narrow = mpc::narrow(counts);
  const SharedBits below = oblivious::less_than_public(engine, narrow, minimum, mpc::count_bits);
  const SharedBits some = engine.not_bits(oblivious::equal_zero(engine, narrow, mpc::count_bits));
  return engine.and_bits(below, some);
}

}  // namespace

ModelCells::ModelCells(const DesignMatrix& design, const std::vector<data::ColumnDeclaration>& columns, bool pairs) {
  for (const std::string& name : design.reads()) {
    for (const data::ColumnDeclaration& column : columns) {
      if (column.name != name) continue;
      if (column.type == data::ColumnType::kCategory) margins_.push_back({name, column.levels.size()});
      if (column.type == data::ColumnType::kEvent) margins_.push_back({name, 2});
      if (column.type == data::ColumnType::kNumber && column.low == 0 && column.high == 1)
        margins_.push_back({name, 2});
    }
  }
  if (design.response_is_binary()) outcome_ = design.reads().front();  // a formula's outcome is read first
  for (std::size_t i = 0; i < margins_.size(); ++i) {
    pairs_.emplace_back(i, i);
    size_ += margins_[i].levels;
    for (std::size_t j = 0; j < i; ++j) {
      if (!pairs && margins_[i].column != outcome_ && margins_[j].column != outcome_) continue;
      pairs_.emplace_back(j, i);
      size_ += margins_[i].levels * margins_[j].levels;
    }
  }
}

std::size_t ModelCells::level(const Margin& margin, const data::Column& column, std::size_t row) const {
  const double value = numeric_value(column, row);
  // A fraction is no cell: it belongs to neither end.
  if (value != static_cast<double>(static_cast<std::size_t>(value))) return margin.levels;
  return static_cast<std::size_t>(value);
}

std::vector<u128> ModelCells::count(const data::Table& table, std::span<const std::size_t> rows) const {
  std::vector<u128> counts(size_);
  std::vector<const data::Column*> columns;
  for (const Margin& margin : margins_) columns.push_back(&table.column(margin.column));
  std::vector<std::size_t> levels(margins_.size());
  for (const std::size_t row : rows) {
    for (std::size_t i = 0; i < margins_.size(); ++i) levels[i] = level(margins_[i], *columns[i], row);
    std::size_t at = 0;
    for (const auto& [first, second] : pairs_) {
      const std::size_t width = margins_[second].levels;
      const bool known = levels[first] < margins_[first].levels && levels[second] < width;
      if (first == second) {
        if (known) counts[at + levels[second]] += 1;
        at += width;
      } else {
        if (known) counts[at + levels[first] * width + levels[second]] += 1;
        at += margins_[first].levels * width;
      }
    }
  }
  return counts;
}

SharedBits any_few(mpc::Engine& engine, const Shared<u128>& counts, u64 minimum) {
  const std::vector<u64> none{0};
  if (counts.size == 0 || minimum <= 1) return engine.constant_bits(none, 1);
  const SharedBits few = few_of(engine, counts, minimum);
  std::vector<SharedBits> planes;
  for (std::size_t i = 0; i < few.size; ++i) planes.push_back(slice(few, i, 1));
  return oblivious::or_all(engine, std::move(planes));
}

Shared<u128> mask_few(mpc::Engine& engine, const Shared<u128>& counts, u64 minimum) {
  if (minimum <= 1) return counts;
  const Shared<u128> mask = oblivious::constant_fill<u128>(engine, counts.size, masked);
  return oblivious::select(engine, few_of(engine, counts, minimum), mask, counts);
}

std::optional<double> unmasked(u128 count) {
  return count == masked ? std::nullopt : std::optional(static_cast<double>(count));
}

bool is_open(mpc::Engine& engine, const Shared<u128>& people, const SharedBits& few, u64 minimum) {
  if (minimum <= 1) return true;
  const SharedBits enough =
      engine.not_bits(oblivious::less_than_public(engine, mpc::narrow(people), minimum, mpc::count_bits));
  return (engine.open_bits(engine.and_bits(enough, engine.not_bits(few)))[0] & 1) != 0;
}

}  // namespace cohortium::statistics
