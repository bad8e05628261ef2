// A site's own estimate of an effect and its variance, in the clear at the site: what a meta-analysis pools.
//
// Log odds ratio, log risk ratio, risk difference and logit of a proportion come from counts; where one of these is 0, each
// gets a half more. A mean difference comes from moments. A site at which a group is empty (for means: has fewer than
// two people, or values that do not vary) has no estimate.
#pragma once

#include <optional>
#include <string>

#include "statistics/entries.h"
#include "statistics/outcome_column.h"

namespace cohortium::statistics {

struct SiteEstimate {
  double people = 0;
  double value = 0, variance = 0;
};

class EffectMeasure {
 public:
  // Of the entry's "measure", "by", "outcome", "positive" and "column". Fails with study.not_two_groups,
  // study.bad_measure and what columns fail with.
  explicit EffectMeasure(const EntryContext& context);

  std::string name() const;        // "log odds ratio"
  std::string ratio_name() const;  // "odds ratio": what its exponential is; empty where that has no name
  std::string describe() const;    // with its columns
  std::string key() const;
  std::vector<std::string> columns() const;
  // By which values are multiplied (variances by its square) so that estimates lie within 16 and variances below 256.
  double scale() const;
  std::optional<SiteEstimate> estimate(const data::Table& table) const;

 private:
  enum class Kind { kOddsRatio, kRiskRatio, kRiskDifference, kLogit, kMeanDifference };
  std::optional<SiteEstimate> of_counts(const data::Table& table) const;
  std::optional<SiteEstimate> of_moments(const data::Table& table) const;

  Kind kind_;
  Grouping by_;
  std::optional<OutcomeColumn> outcome_;
  std::optional<data::ColumnDeclaration> column_;
};

}  // namespace cohortium::statistics
