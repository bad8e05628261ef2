#include "statistics/models/model_disclosure.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"
#include "oblivious/fixed_point.h"

namespace cohortium::statistics {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

namespace {

constexpr std::size_t most_cells = 1'000'000;
constexpr u128 masked = u128{1} << 40;

// Per count: whether it lies in 1 .. minimum - 1.
SharedBits few_of(mpc::Engine& engine, const Shared<u128>& counts, u64 minimum) {
  const Shared<u64> narrow = mpc::narrow(counts);
  const SharedBits below = oblivious::less_than_public(engine, narrow, minimum, mpc::count_bits);
  const SharedBits some = engine.not_bits(oblivious::equal_zero(engine, narrow, mpc::count_bits));
  return engine.and_bits(below, some);
}

}  // namespace

ModelCells::ModelCells(const DesignMatrix& design, const EntryContext& context, Opened opened) {
  for (const std::string& name : design.reads()) {
    for (const data::ColumnDeclaration& column : context.columns) {
      if (column.name != name) continue;
      const bool as_factor = std::any_of(design.formula().variables.begin(), design.formula().variables.end(),
                                         [&](const FormulaVariable& variable) {
                                           return variable.node.text == "factor" && !variable.node.operands.empty() &&
                                                  variable.node.operands[0].text == name;
                                         });
      const double first = std::ceil(column.low), last = std::floor(column.high);
      if (column.type == data::ColumnType::kCategory)
        margins_.push_back({name, column.levels.size()});
      else if (column.type == data::ColumnType::kEvent)
        margins_.push_back({name, 2});
      else if (as_factor || (column.low == 0 && column.high == 1))
        margins_.push_back({name, static_cast<std::size_t>(last - first) + 1, first});
    }
  }
  const Formula& formula = design.formula();
  std::vector<Cross> terms = {{}};           // the intercept
  bool measured = !formula.offsets.empty();  // whether a column is no category
  for (const auto& term : formula.terms) {
    Cross cross;
    for (const std::size_t variable : term) {
      const Cross one = margins_of(formula.variables[variable].node);
      measured = measured || one.empty();
      cross.insert(one.begin(), one.end());
    }
    terms.push_back(cross);
  }
  const Cross outcome = formula.response ? margins_of(formula.response->node) : Cross();
  for (std::size_t i = 0; i < terms.size(); ++i) {
    Cross with_outcome = terms[i];
    with_outcome.insert(outcome.begin(), outcome.end());
    add(with_outcome);
    for (std::size_t j = 0; j < i && opened != Opened::kTable; ++j) {
      Cross both = terms[i];
      both.insert(terms[j].begin(), terms[j].end());
      add(both);
    }
  }
  if (opened == Opened::kSteps && !measured) {
    Cross all = outcome;
    for (const Cross& term : terms) all.insert(term.begin(), term.end());
    add(all);
  }
  for (const Cross& cross : crosses_) {
    if (cells_of(cross) > most_cells) {
      throw Failure({.code = "study.too_many_groups",
                     .message = "the categories of the formula make more than 1,000,000 groups together",
                     .where = context.at("formula"),
                     .remedy = "use fewer categories or levels, or less of their interactions"});
    }
    size_ += cells_of(cross);
  }
}

// The margins among the columns that stand in `node`.
ModelCells::Cross ModelCells::margins_of(const SyntaxNode& node) const {
  Cross found;
  for (std::size_t i = 0; i < margins_.size(); ++i) {
    if (node.kind == SyntaxNode::Kind::kName && margins_[i].column == node.text) found.insert(i);
  }
  for (const SyntaxNode& operand : node.operands) found.merge(margins_of(operand));
  return found;
}

// Where every cell of a cross holds nobody or enough, so does every cell of a part of it.
void ModelCells::add(const Cross& cross) {
  const auto within = [](const Cross& part, const Cross& whole) {
    return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
  };
  if (cross.empty()) return;
  for (const Cross& other : crosses_) {
    if (within(cross, other)) return;
  }
  crosses_.erase(
      std::remove_if(crosses_.begin(), crosses_.end(), [&](const Cross& other) { return within(other, cross); }),
      crosses_.end());
  crosses_.push_back(cross);
}

std::size_t ModelCells::cells_of(const Cross& cross) const {
  std::size_t cells = 1;
  for (const std::size_t margin : cross) {
    if (cells <= most_cells) cells *= margins_[margin].levels;
  }
  return cells;
}

std::vector<u128> ModelCells::count(const data::Table& table, std::span<const std::size_t> rows) const {
  std::vector<u128> counts(size_);
  std::vector<const data::Column*> columns;
  for (const Margin& margin : margins_) columns.push_back(&table.column(margin.column));
  for (const std::size_t row : rows) {
    std::size_t start = 0;
    for (const Cross& cross : crosses_) {
      std::size_t cell = 0, cells = 1;
      bool known = true;  // a fraction between 0 and 1 is no cell
      for (const std::size_t margin : cross) {
        const double level = numeric_value(*columns[margin], row) - margins_[margin].low;
        known = known && level == std::floor(level);
        cell = cell * margins_[margin].levels + static_cast<std::size_t>(level);
        cells *= margins_[margin].levels;
      }
      if (known) counts[start + cell] += 1;
      start += cells;
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
