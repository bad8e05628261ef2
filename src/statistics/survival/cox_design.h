// What Cox regression takes of a row: times, event, weight, stratum and the columns of its model, as ring elements.
//
// A row's columns, in this order: 1 (it counts), the event, its order in time (1 for the latest time of the last stratum,
// larger for earlier strata and later times), the same for its entry, the weight, the offset, one column per stratum, the
// covariates: (x - middle of the public range) / 2^s, where 2^s is at least half of the range. What an analysis does not
// use takes no column.
//
// A row without a value that is needed, with a weight of 0, or whose time is not behind its entry takes no part.
#pragma once

#include <optional>
#include <vector>

#include "oblivious/risk_sets.h"
#include "statistics/models/design_matrix.h"
#include "statistics/survival/survival_counts.h"

namespace cohortium::statistics {

class CoxDesign {
 public:
  // The entry's "time", "event", "formula", "entry", "strata", "weight". Fails with study.* (DesignMatrix), and
  // study.too_many_groups, study.unequal_grids, study.bad_weight_range, study.no_covariates.
  explicit CoxDesign(const EntryContext& context);

  const std::vector<std::string>& names() const { return names_; }
  std::size_t size() const { return names_.size(); }
  const DesignMatrix& matrix() const { return matrix_; }
  std::size_t term(std::size_t covariate) const { return matrix_.columns()[first_ + covariate].term; }
  bool weighted() const { return weight_.has_value(); }
  std::size_t copies() const { return entry_ ? 2 : 1; }  // of each row: the second with its entry as time
  std::string describe() const;                          // "time to death by age + sex, within strata of ..."
  std::vector<std::string> reads() const;
  std::string key() const;

  // Covariates as shared, times this, are in their own unit.
  double scale(std::size_t covariate) const { return scales_[covariate]; }
  double centre(std::size_t covariate) const { return centres_[covariate]; }
  std::size_t row_columns() const;
  void declare_bounds(Declaration& declaration) const;  // of rows
  std::vector<mpc::u128> rows(const data::Table& table) const;
  // The site's rows that take part, and those of them with an event.
  struct Participants {
    std::vector<std::size_t> everybody, with_event;
  };
  Participants participants(const data::Table& table) const;
  // Events per stratum and point of the time's grid; and, stratum by stratum from the latest point, those points and one
  // before them all in the order that rows have.
  std::vector<mpc::u128> event_counts(const data::Table& table) const;
  std::vector<mpc::u64> point_keys() const;
  SurvivalColumns curve_columns() const { return {.time = time_, .event = event_, .grouping = strata_}; }

  // At the compute parties: 1 for rows that count; the covariates as shared; rows with `covariates` in their place.
  mpc::Shared<mpc::u128> counted(const SiteInputs& inputs) const { return inputs.column(0); }
  mpc::Shared<mpc::u128> covariates(const SiteInputs& inputs) const;
  oblivious::SurvivalRows survival_rows(mpc::Engine& engine, const SiteInputs& inputs,
                                        const mpc::Shared<mpc::u128>& covariates) const;

 private:
  struct Row {
    std::vector<double> x;
    bool event = false;
    std::uint64_t time = 0, entry = 0;
    std::size_t stratum = 0;
    double weight = 1, offset = 0;
  };
  template <class Use>
  void each_row(const data::Table& table, const Use& use) const;
  std::uint64_t order(std::size_t stratum, std::uint64_t time) const;
  std::uint64_t last_key() const { return (std::uint64_t{1} << key_bits()) - 1; }
  int time_bits() const;
  int key_bits() const;
  std::size_t grid_of(const data::ColumnDeclaration& column) const;

  data::ColumnDeclaration time_, event_;
  std::optional<data::ColumnDeclaration> entry_, weight_;
  Grouping strata_;
  DesignMatrix matrix_;
  std::size_t first_ = 0;                                    // of the matrix' columns: the intercept is left out
  std::uint64_t time_from_ = 0, entry_from_ = 0, grid_ = 0;  // places on the common grid of times and entries
  std::vector<std::string> names_;
  std::vector<double> centres_, scales_;
};

inline constexpr int cox_weight_bits = 36;

}  // namespace cohortium::statistics
