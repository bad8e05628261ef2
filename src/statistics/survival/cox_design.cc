#include "statistics/survival/cox_design.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/error.h"
#include "oblivious/cox_regression.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;
using mpc::u64;

constexpr std::size_t most_strata = 64;
constexpr double heaviest = 1024;

std::vector<std::string> other_columns(const AnalysisEntry& entry) {
  std::vector<std::string> all{entry.time, entry.event};
  if (!entry.entry.empty()) all.push_back(entry.entry);
  if (!entry.weight.empty()) all.push_back(entry.weight);
  all.insert(all.end(), entry.strata.begin(), entry.strata.end());
  return all;
}

// How many steps `column` starts behind `origin`.
std::uint64_t steps_behind(const EntryContext& context, const data::ColumnDeclaration& column, double origin,
                           double step) {
  const double steps = (column.low - origin) / step;
  if (column.step != step || std::abs(steps - std::round(steps)) > 1e-9) {
    throw Failure({.code = "study.unequal_grids",
                   .message = "times and entries do not lie on one grid",
                   .where = context.at("entry"),
                   .remedy = "declare both columns with the same step, and ranges that start whole steps apart"});
  }
  return static_cast<std::uint64_t>(std::llround(steps));
}

}  // namespace

CoxDesign::CoxDesign(const EntryContext& context)
    : time_(context.column("time", context.entry.time, data::ColumnType::kDuration)),
      event_(context.column("event", context.entry.event, data::ColumnType::kEvent)),
      strata_(context.grouping("strata", context.entry.strata)),
      matrix_(context, other_columns(context.entry)),
      first_(matrix_.has_intercept() ? 1 : 0) {
  const AnalysisEntry& entry = context.entry;
  if (strata_.size() > most_strata) {
    throw Failure({.code = "study.too_many_groups",
                   .message = "the strata are more than " + std::to_string(most_strata),
                   .where = context.at("strata"),
                   .remedy = "use fewer columns or levels"});
  }
  double origin = time_.low;
  if (!entry.entry.empty()) {
    entry_ = context.column("entry", entry.entry, data::ColumnType::kDuration);
    origin = std::min(origin, entry_->low);
    entry_from_ = steps_behind(context, *entry_, origin, time_.step);
    grid_ = entry_from_ + entry_->grid_size();
  }
  time_from_ = steps_behind(context, time_, origin, time_.step);
  grid_ = std::max<std::uint64_t>(grid_, time_from_ + time_.grid_size());
  if (!entry.weight.empty()) {
    weight_ = context.column("weight", entry.weight, data::ColumnType::kNumber);
    if (weight_->low < 0 || weight_->high >= heaviest) {
      throw Failure({.code = "study.bad_weight_range",
                     .message = "weights must be declared within 0 and 1024",
                     .where = context.at("weight"),
                     .remedy = "declare the column's range so; divide weights that are larger by a common factor"});
    }
  }
  for (std::size_t j = first_; j < matrix_.columns().size(); ++j) {
    const DesignColumn& column = matrix_.columns()[j];
    names_.push_back(column.name);
    const double half = (column.range.high - column.range.low) / 2;
    centres_.push_back(column.range.low + half);
    scales_.push_back(half > 0 ? std::exp2(std::ceil(std::log2(half))) : 1);
  }
  if (names_.empty() || names_.size() > 64) {
    throw Failure(
        {.code = "study.no_covariates",
         .message = names_.empty() ? "the formula has no covariate" : "the formula has more than 64 covariates",
         .where = context.at("formula"),
         .remedy = names_.empty() ? "name what the hazard depends on; for a curve use kaplan_meier"
                                  : "use fewer columns or levels"});
  }
}

std::string CoxDesign::describe() const {
  return "time to " + event_.name + " (" + time_.name + (entry_ ? " from " + entry_->name : "") + ") by " +
         matrix_.describe() + (strata_.columns().empty() ? "" : ", within strata" + strata_.describe()) +
         (weight_ ? ", weighted by " + weight_->name : "");
}

std::vector<std::string> CoxDesign::reads() const { return matrix_.reads(); }

std::string CoxDesign::key() const {
  return "cox\x1f" + time_.name + "\x1f" + event_.name + "\x1f" + (entry_ ? entry_->name : "") + "\x1f" +
         (weight_ ? weight_->name : "") + "\x1f" + strata_.key() + "\x1f" + matrix_.key();
}

int CoxDesign::time_bits() const { return static_cast<int>(std::bit_width(grid_)); }

int CoxDesign::key_bits() const { return time_bits() + static_cast<int>(std::bit_width(strata_.size())); }

// Above 0, which rows that take no part have.
std::uint64_t CoxDesign::order(std::size_t stratum, std::uint64_t time) const {
  return (static_cast<std::uint64_t>(strata_.size() - 1 - stratum) << time_bits()) + time + 1;
}

template <class Use>
void CoxDesign::each_row(const data::Table& table, const Use& use) const {
  const data::Column &times = table.column(time_.name), &events = table.column(event_.name);
  const data::Column* entries = entry_ ? &table.column(entry_->name) : nullptr;
  const data::Column* weights = weight_ ? &table.column(weight_->name) : nullptr;
  const RowGroups groups(strata_, table);
  DesignReader reader(matrix_, table);
  DesignRow read;
  for (std::size_t i = 0; i < table.rows; ++i) {
    if (!reader.read(i, read)) continue;
    Row row{.x = {}, .event = events.event[i] != 0, .time = time_from_ + times.grid[i], .stratum = groups[i]};
    if (entries) row.entry = entry_from_ + entries->grid[i];
    if (weights) row.weight = weights->number[i];
    if (row.stratum >= strata_.size() || row.weight <= 0 || (entries && row.entry >= row.time)) continue;
    row.offset = read.offset;
    row.x.assign(read.x.begin() + static_cast<std::ptrdiff_t>(first_), read.x.end());
    use(i, row);
  }
}

std::size_t CoxDesign::row_columns() const {
  return 3 + (entry_ ? 1 : 0) + (weight_ ? 1 : 0) + (matrix_.has_offset() ? 1 : 0) +
         (strata_.size() > 1 ? strata_.size() : 0) + size();
}

void CoxDesign::declare_bounds(Declaration& declaration) const {
  std::vector<Bounds>& bounds = declaration.row_bounds;
  bounds = {bits(2), whole_numbers(entry_ ? 2 : 1, mpc::u64{1} << key_bits())};
  if (weight_) bounds.push_back(fixed_numbers(1, 0, weight_->high, cox_weight_bits));
  const Interval offset = matrix_.offset_range();
  if (matrix_.has_offset())
    bounds.push_back(fixed_numbers(1, offset.low, offset.high, oblivious::predictor_fraction_bits));
  if (strata_.size() > 1) {
    declaration.indicators = {{elements(bounds), strata_.size()}};
    bounds.push_back(bits(strata_.size()));
  }
  bounds.push_back(fixed_numbers(size(), -1, 1, oblivious::input_fraction_bits));
}

std::vector<u128> CoxDesign::rows(const data::Table& table) const {
  std::vector<u128> all(row_columns() * table.rows);
  each_row(table, [&](std::size_t i, const Row& row) {
    std::size_t column = 0;
    const auto put = [&](u128 value) { all[column++ * table.rows + i] = value; };
    put(1);
    put(row.event);
    put(order(row.stratum, row.time));
    if (entry_) put(order(row.stratum, row.entry));
    if (weight_) put(mpc::encode_fixed<u128>(row.weight, cox_weight_bits));
    if (matrix_.has_offset()) put(mpc::encode_fixed<u128>(row.offset, oblivious::predictor_fraction_bits));
    for (std::size_t s = 0; strata_.size() > 1 && s < strata_.size(); ++s) put(row.stratum == s);
    for (std::size_t j = 0; j < size(); ++j)
      put(mpc::encode_fixed<u128>((row.x[j] - centres_[j]) / scales_[j], oblivious::input_fraction_bits));
  });
  return all;
}

CoxDesign::Participants CoxDesign::participants(const data::Table& table) const {
  Participants all;
  each_row(table, [&](std::size_t i, const Row& row) {
    all.everybody.push_back(i);
    if (row.event) all.with_event.push_back(i);
  });
  return all;
}

std::vector<u128> CoxDesign::event_counts(const data::Table& table) const {
  std::vector<u128> all(strata_.size() * time_.grid_size());
  each_row(table, [&](std::size_t, const Row& row) {
    all[row.stratum * time_.grid_size() + row.time - time_from_] += row.event;
  });
  return all;
}

std::vector<u64> CoxDesign::point_keys() const {
  std::vector<u64> keys;
  for (std::size_t s = 0; s < strata_.size(); ++s) {
    for (std::size_t point = time_.grid_size(); point-- > 0;) keys.push_back(last_key() - order(s, time_from_ + point));
    keys.push_back(last_key() - order(s, 0) + 1);
  }
  return keys;
}

Shared<u128> CoxDesign::covariates(const SiteInputs& inputs) const {
  return slice(inputs.rows, (row_columns() - size()) * inputs.row_count, size() * inputs.row_count);
}

oblivious::SurvivalRows CoxDesign::survival_rows(mpc::Engine& engine, const SiteInputs& inputs,
                                                 const Shared<u128>& covariates) const {
  const std::size_t n = inputs.row_count;
  std::size_t column = 0;
  const auto next = [&] { return inputs.column(column++); };
  const auto twice = [&](const Shared<u128>& one) { return entry_ ? oblivious::join({one, one}) : one; };
  oblivious::SurvivalRows rows{.rows = copies() * n, .columns = size(), .strata = strata_.size()};
  auto weight = next();
  const auto event = next();
  auto order_of = next();
  if (entry_) order_of = oblivious::join({order_of, next()});
  if (weight_) weight = next();
  rows.weight = entry_ ? oblivious::join({weight, mpc::negate(weight)}) : weight;
  rows.weight_fraction_bits = weight_ ? cox_weight_bits : 0;
  if (matrix_.has_offset()) rows.offset = twice(next());
  for (std::size_t s = 0; strata_.size() > 1 && s < strata_.size(); ++s) {
    const auto stratum = twice(next());
    rows.stratum = s == 0 ? stratum : oblivious::join({rows.stratum, stratum});
  }
  rows.event = engine.bit(mpc::narrow(entry_ ? oblivious::join({event, mpc::scale(event, u128{0})}) : event), 0);
  rows.key_bits = key_bits();
  rows.time_bits = time_bits();
  const std::vector<u64> last(copies() * n, last_key());
  rows.key = mpc::subtract(engine.constant(std::span<const u64>(last)), mpc::narrow(order_of));
  rows.covariates = twice(mpc::slice(covariates, 0, n));
  for (std::size_t j = 1; j < size(); ++j)
    rows.covariates = oblivious::join({rows.covariates, twice(mpc::slice(covariates, j * n, n))});
  return rows;
}

}  // namespace cohortium::statistics
