#include "statistics/trials/site_estimate.h"

#include <array>
#include <cmath>
#include <map>

#include "base/error.h"

namespace cohortium::statistics {

EffectMeasure::EffectMeasure(const EntryContext& context) : by_(context.grouping()) {
  static const std::map<std::string, Kind> kinds = {{"log_odds_ratio", Kind::kOddsRatio},
                                                    {"log_risk_ratio", Kind::kRiskRatio},
                                                    {"risk_difference", Kind::kRiskDifference},
                                                    {"logit", Kind::kLogit},
                                                    {"mean_difference", Kind::kMeanDifference}};
  kind_ = kinds.at(context.entry.measure);
  const bool of_groups = kind_ != Kind::kLogit;
  if (by_.size() != (of_groups ? 2 : 1)) {
    throw Failure({.code = "study.not_two_groups",
                   .message = of_groups ? "this measure compares two groups" : "a proportion has no groups",
                   .where = context.at("by"),
                   .remedy = of_groups ? "name a column with two levels" : "leave it out"});
  }
  const bool wants_column = kind_ == Kind::kMeanDifference;
  if (context.entry.column.empty() == wants_column || context.entry.outcome.empty() != wants_column) {
    throw Failure(
        {.code = "study.bad_measure",
         .message = wants_column ? "a mean difference is of a number" : "this measure is of an outcome",
         .where = context.at(wants_column ? "column" : "outcome"),
         .remedy = wants_column ? "name a \"column\" and no \"outcome\"" : "name an \"outcome\" and no \"column\""});
  }
  if (wants_column)
    column_ = context.column("column", context.entry.column, data::ColumnType::kNumber);
  else
    outcome_.emplace(context);
}

std::string EffectMeasure::name() const {
  switch (kind_) {
    case Kind::kOddsRatio:
      return "log odds ratio";
    case Kind::kRiskRatio:
      return "log risk ratio";
    case Kind::kRiskDifference:
      return "risk difference";
    case Kind::kLogit:
      return "log odds";
    case Kind::kMeanDifference:
      return "mean difference";
  }
  return "";
}

std::string EffectMeasure::ratio_name() const {
  if (kind_ == Kind::kOddsRatio) return "odds ratio";
  if (kind_ == Kind::kRiskRatio) return "risk ratio";
  return kind_ == Kind::kLogit ? "odds" : "";
}

std::string EffectMeasure::describe() const {
  return "the " + name() + " of " + (column_ ? column_->name : outcome_->describe()) + by_.describe();
}

std::string EffectMeasure::key() const {
  return name() + "\x1f" + (column_ ? column_->name : outcome_->key()) + "\x1f" + by_.key();
}

std::vector<std::string> EffectMeasure::columns() const {
  std::vector<std::string> names{column_ ? column_->name : outcome_->name()};
  for (const auto& column : by_.columns()) names.push_back(column.name);
  return names;
}

double EffectMeasure::scale() const {
  if (kind_ == Kind::kRiskDifference) return 8;
  return kind_ == Kind::kMeanDifference ? 16 / (column_->high - column_->low) : 1;
}

std::optional<SiteEstimate> EffectMeasure::estimate(const data::Table& table) const {
  return kind_ == Kind::kMeanDifference ? of_moments(table) : of_counts(table);
}

std::optional<SiteEstimate> EffectMeasure::of_counts(const data::Table& table) const {
  const RowGroups groups(by_, table);
  const std::vector<std::optional<bool>> known = outcome_->read(table);
  std::array<double, 4> n{};  // with and without, group by group
  for (std::size_t row = 0; row < table.rows; ++row) {
    if (groups[row] < by_.size() && known[row]) n[2 * groups[row] + (*known[row] ? 0 : 1)] += 1;
  }
  const std::size_t cells = 2 * by_.size();
  const double people = n[0] + n[1] + n[2] + n[3];
  bool zero = false;
  for (std::size_t i = 0; i < cells; ++i) zero = zero || n[i] == 0;
  if (n[0] + n[1] == 0 || (cells == 4 && n[2] + n[3] == 0)) return std::nullopt;
  const double half = zero ? 0.5 : 0;
  const double a = n[0] + half, b = n[1] + half, c = n[2] + half, d = n[3] + half;
  switch (kind_) {
    case Kind::kOddsRatio:
      return SiteEstimate{people, std::log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d};
    case Kind::kRiskRatio:
      return SiteEstimate{people, std::log(a / (a + b) / (c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)};
    case Kind::kRiskDifference:
      return SiteEstimate{people, a / (a + b) - c / (c + d), a * b / std::pow(a + b, 3) + c * d / std::pow(c + d, 3)};
    default:
      return SiteEstimate{people, std::log(a / b), 1 / a + 1 / b};
  }
}

std::optional<SiteEstimate> EffectMeasure::of_moments(const data::Table& table) const {
  const RowGroups groups(by_, table);
  const data::Column& column = table.column(column_->name);
  std::array<double, 2> n{}, mean{}, squares{};  // Welford's running moments
  for (std::size_t row = 0; row < table.rows; ++row) {
    const std::size_t g = groups[row];
    if (g == 2 || (!column.missing.empty() && column.missing[row])) continue;
    n[g] += 1;
    const double before = column.number[row] - mean[g];
    mean[g] += before / n[g];
    squares[g] += before * (column.number[row] - mean[g]);
  }
  if (n[0] < 2 || n[1] < 2) return std::nullopt;
  const double variance = squares[0] / (n[0] - 1) / n[0] + squares[1] / (n[1] - 1) / n[1];
  if (!(variance > 0)) return std::nullopt;
  return SiteEstimate{n[0] + n[1], mean[0] - mean[1], variance};
}

}  // namespace cohortium::statistics
