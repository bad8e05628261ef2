// What both strengths of Fine and Gray's model share: who takes part, whose numbers decide whether it may be shown, and how a
// fit is presented.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "statistics/models/design_matrix.h"
#include "statistics/models/model_disclosure.h"
#include "statistics/survival/competing_counts.h"
#include "statistics/survival/fine_gray_sums.h"

namespace cohortium::statistics {

// In scaled covariates.
struct FineGrayFit {
  std::vector<double> coefficients, covariance;
  double likelihood = 0, null_likelihood = 0;
  std::size_t steps = 0;
};

class FineGrayModel {
 public:
  // Of the entry's time, event, censored, positive, formula, reference. `opened`: what is, beside the result. Fails with
  // study.bad_causes, study.no_covariates, study.bad_formula, and what DesignMatrix and ModelCells fail with.
  FineGrayModel(const EntryContext& context, Opened opened);

  std::size_t size() const { return centre_.size(); }  // covariates
  std::size_t grid() const { return columns_.grid(); }
  const mpc::ReleaseRule& rule() const { return rule_; }
  // What the analyst learns stands first in analyst_learns; size and keys of the counts are set.
  Declaration declaration(const std::string& strength) const;

  // People, those who miss a value, events of the cause; people, and people with the event, per cell of the formula.
  std::size_t count_size() const { return kWholes + 2 * cells_.size(); }
  std::vector<mpc::u128> counts(const data::Table& table) const;
  // Why a model may not be shown: some but too few people, people with the event or people without it share a cell, or
  // people or events are too few for as many covariates.
  std::vector<mpc::SharedFault> doubts(mpc::Engine& engine, const mpc::Shared<mpc::u128>& counts) const;
  mpc::Shared<mpc::u128> people(const mpc::Shared<mpc::u128>& counts) const { return slice(counts, kPeople, 1); }
  // Without values but the number of people who miss one.
  mpc::SharedCells released(mpc::Engine& engine, const mpc::Shared<mpc::u128>& counts,
                            const std::vector<mpc::SharedFault>& doubts) const;

  // Nothing but what is public where there is no fit; `note` says why.
  nlohmann::json present(const mpc::ReleasedCells& cells, const std::string& strength,
                         const std::optional<FineGrayFit>& fit, const std::string& note, double error_bound) const;

 private:
  friend class FineGrayReader;
  enum Whole : std::size_t { kPeople, kMissing, kEvents, kWholes };
  std::string cause() const { return columns_.causes()[cause_].label; }
  std::size_t first() const { return design_.has_intercept() ? 1 : 0; }

  CompetingColumns columns_;
  AnalysisEntry entry_;
  DesignMatrix design_;
  ModelCells cells_;
  mpc::ReleaseRule rule_;
  EnoughRecords enough() const { return {rule_, size()}; }
  double confidence_;
  std::size_t cause_;
  std::vector<double> centre_, half_;  // of covariates' ranges
};

struct FineGrayRow {
  std::vector<double> x;  // covariates, between -1 and 1
  Leaving leaving = kCensored;
  std::size_t time = 0;  // on the grid
};
// The rows that take part: no missing value.
class FineGrayReader {
 public:
  // Both must outlive the reader.
  FineGrayReader(const FineGrayModel& model, const data::Table& table);
  bool read(std::size_t row, FineGrayRow& out);

 private:
  const FineGrayModel& model_;
  const data::Column& time_;
  std::vector<std::size_t> kinds_;
  DesignReader reader_;
  DesignRow design_row_;
};

// "withheld", and why.
std::string withheld_note(const mpc::ReleasedCells& cells);

// The strengths (fine_gray_hidden.cc, fine_gray_opened.cc).
std::unique_ptr<Analysis> make_fine_gray_hidden(const EntryContext& context);
std::unique_ptr<Analysis> make_fine_gray_opened(const EntryContext& context);

}  // namespace cohortium::statistics
