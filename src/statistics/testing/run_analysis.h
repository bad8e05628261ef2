// What tests of analyses share: an analysis over the tables of several sites, shared, computed and presented, with
// nothing withheld.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "mpc/simulate.h"
#include "statistics/analysis.h"

namespace cohortium::statistics {

inline void add_to(std::vector<mpc::u128>& sum, const std::vector<mpc::u128>& part) {
  sum.resize(part.size());
  for (std::size_t i = 0; i < part.size(); ++i) sum[i] += part[i];
}

// The rows of all tables, column after column.
inline std::vector<mpc::u128> rows_of(const Analysis& analysis, const std::vector<data::Table>& tables) {
  std::vector<mpc::u128> rows;
  const std::size_t columns = analysis.declare().row_columns;
  std::vector<std::vector<mpc::u128>> parts;
  for (const data::Table& table : tables) parts.push_back(analysis.rows(table));
  for (std::size_t c = 0; c < columns; ++c) {
    for (const auto& part : parts) {
      const auto size = static_cast<std::ptrdiff_t>(part.size() / columns);
      const auto first = part.begin() + static_cast<std::ptrdiff_t>(c) * size;
      rows.insert(rows.end(), first, first + size);
      rows.resize(rows.size() + 3);  // as padding
    }
  }
  return rows;
}

// What a site shares is within the limits that the analysis declares of it.
inline void expect_within_bounds(const Analysis& analysis, const data::Table& table) {
  const Declaration declaration = analysis.declare();
  std::vector<Bounds> aggregate = declaration.aggregate_bounds;
  if (aggregate.empty()) aggregate = {counts_of_people(declaration.aggregate_size)};
  EXPECT_TRUE(is_within(aggregate, analysis.local(table), 1));
  if (declaration.row_columns == 0) return;
  const std::vector<mpc::u128> rows = analysis.rows(table);
  EXPECT_TRUE(is_within(declaration.row_bounds, rows, table.rows));
  for (const Indicators& indicators : declaration.indicators) {
    for (std::size_t row = 0; row < table.rows; ++row) {
      mpc::u128 sum = 0;
      for (std::size_t i = 0; i < indicators.count; ++i) sum += rows[(indicators.from + i) * table.rows + row];
      ASSERT_LE(sum, 1u) << "row " << row;
    }
  }
}

// Opens everything an analysis hands to the door: what release would open with nothing to withhold.
inline mpc::ReleasedCells open_cells(mpc::Engine& engine, const mpc::SharedCells& cells) {
  mpc::ReleasedCells opened;
  for (mpc::u128 count : engine.open(cells.people)) opened.people.emplace_back(count);
  for (const auto& fault : cells.faults) {
    if (engine.open_bits(fault.bit)[0] & 1)
      opened.faults.push_back(fault.what), opened.fault_rules.push_back(fault.rule);
  }
  opened.passed.assign(opened.people.size(), opened.faults.empty());
  for (const auto& values : cells.values) opened.values.push_back(engine.open(values));
  return opened;
}

// Every point with an event as a step of its own.
inline std::vector<mpc::ReleasedStratum> open_curve(mpc::Engine& engine, const mpc::SharedCurve& curve) {
  const std::vector<mpc::u128> events = engine.open(curve.events);
  std::vector<std::vector<mpc::u128>> sampled;
  for (const auto& values : curve.sampled) sampled.push_back(engine.open(values));
  std::vector<mpc::ReleasedStratum> opened(curve.strata);
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i] == 0) continue;
    mpc::ReleasedStratum& stratum = opened[i / curve.grid];
    stratum.passed = true;
    stratum.events = stratum.events.value_or(0) + events[i];
    mpc::ReleasedStep& step = stratum.steps.emplace_back();
    step.from = step.to = i % curve.grid;
    step.events = events[i];
    for (const auto& values : sampled) step.sampled.push_back(values[i]);
  }
  return opened;
}

// From inputs that all parties know, for tests of the secure part alone.
inline nlohmann::json run_analysis(const char* protocol, const Analysis& analysis,
                                   const std::vector<mpc::u128>& aggregate, const std::vector<data::Table>& tables) {
  const Declaration declaration = analysis.declare();
  EXPECT_EQ(aggregate.size(), declaration.aggregate_size);
  for (const data::Table& table : tables) expect_within_bounds(analysis, table);
  const std::vector<mpc::u128> rows =
      declaration.row_columns == 0 ? std::vector<mpc::u128>() : rows_of(analysis, tables);
  const auto results = mpc::simulate(protocol, [&](mpc::Engine& engine) {
    auto share = [&](const std::vector<mpc::u128>& values) {
      return engine.share(0, std::span(values).first(engine.self() == 0 ? values.size() : 0), values.size());
    };
    std::size_t asked = 0;
    const SiteInputs inputs{.aggregate = share(aggregate),
                            .rows = share(rows),
                            .row_count = declaration.row_columns == 0 ? 0 : rows.size() / declaration.row_columns,
                            .ask = [&](std::span<const double> state) {
                              EXPECT_LE(++asked, declaration.steps);
                              std::vector<mpc::u128> sum;
                              for (const data::Table& table : tables) add_to(sum, analysis.step(table, state));
                              EXPECT_EQ(sum.size(), declaration.step_size);
                              return share(sum);
                            }};
    const mpc::SharedOutcome outcome = analysis.secure(engine, inputs);
    mpc::ReleasedOutcome released{.cells = open_cells(engine, *outcome.cells), .curve = {}};
    if (outcome.curve) released.curve = open_curve(engine, *outcome.curve);
    return analysis.present(released);
  });
  return results.front();
}

inline nlohmann::json run_analysis(const char* protocol, const Analysis& analysis,
                                   const std::vector<data::Table>& tables) {
  std::vector<mpc::u128> aggregate;
  for (const data::Table& table : tables) add_to(aggregate, analysis.local(table));
  return run_analysis(protocol, analysis, aggregate, tables);
}

}  // namespace cohortium::statistics
