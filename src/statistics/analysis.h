// One analysis of a study: parts side by side in one file (ARCHITECTURE.md, "An analysis has four parts, or more").
//
//   declare   everywhere, before anything runs: what is computed, learned and shared
//   local     at each site, in the clear: typed columns to integer aggregates, which add up over sites; where that is not
//             enough, the rows themselves (to be shared), and answers to what has become public on the way (step)
//   secure    at the compute parties: summed shared aggregates to a shared outcome, rules attached
//   present   at whoever may see it: the released outcome to named results
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/table.h"
#include "mpc/engine.h"
#include "mpc/outcome.h"
#include "statistics/bounds.h"

namespace cohortium::statistics {

// A study's entry, as written by the analyst (already valid against the schema).
struct AnalysisEntry {
  std::string id = {};
  std::string kind = {};  // one of analysis_kinds()
  std::string title = {};
  std::string column = {};                     // what is described or compared
  std::string time = {}, event = {};           // survival
  std::string entry = {};                      // when a person comes under observation
  std::string ties = {};                       // of Cox regression: "efron" (default) or "breslow"
  bool proportional_hazards = false;           // of Cox regression: whether to test for them
  std::vector<std::string> by = {};            // grouping columns, categories; the table is their product
  std::vector<std::string> columns = {};       // correlation
  std::string outcome = {};                    // who is counted as having it: an event column, or a category with ...
  std::vector<std::string> positive = {};      // ... these of its levels
  std::vector<std::string> strata = {};        // within which groups are compared
  std::string standard = {};                   // the category whose levels `weights` weighs
  std::map<std::string, double> weights = {};  // public weight of each level
  std::string method = {};                     // which variant of a test
  std::string paired_with = {};                // the second measurement of each person
  std::string proportions = {};                // of a table: "row", "column", "all"; empty for none
  bool continuity = true;                      // whether to correct for continuity
  std::optional<double> null_value = {};       // the mean or proportion that a one-sample test supposes
  double confidence = 0.95;                    // of intervals
  double per = 1;                              // rates are given per so much
  std::vector<double> probabilities = {};      // of quantiles
  std::vector<double> breaks = {};             // of a histogram
  std::string report = {};                     // the column that numbers reports
  std::string count = {};                      // the column that says how many reports a row stands for
  std::optional<double> threshold = {};        // from which on something is a signal
  std::vector<double> prior = {};              // of the gamma-Poisson shrinker: shape, rate, shape, rate, probability
  std::string measure = {};                    // what a meta-analysis pools
  std::string alternative = {};                // "greater", "less", or both when empty: the first group's
  std::string spending = {};                   // of type I error over interim looks
  std::vector<double> information = {};        // fractions at the looks so far
  std::optional<double> alpha = {};            // type I error of monitoring as a whole
  std::optional<double> futility = {};         // the statistic at or below which a trial stops for futility
  std::optional<double> beta = {};             // type II error, spent over interim looks by boundaries for futility
  std::string futility_spending = {};          // how
  std::vector<double> planned = {};            // information fractions of all looks of the trial's plan
  std::vector<double> expected = {};           // events per period under the null hypothesis
  double ratio = 1;                            // of control to exposed time, or of the rates a CUSUM tells apart
  std::size_t most_events = 0;                 // at which binomial monitoring ends
  std::vector<std::string> censored = {};      // of competing causes: the levels of the event that are none
  double until = 0;                            // of a restricted mean: the time at which it ends
  int rho = 0, gamma = 0;                      // of a log-rank test: its weights are S^rho (1 - S)^gamma
  bool by_site = false;                        // whether each site is a stratum of its own
  std::size_t sites = 1;                       // the number of the study's sites
  std::string formula = {};                    // of a model: "y ~ age + sex * stage"
  std::string strength = "hidden";             // of an iterative model, or "opened": whether its steps become public
  std::map<std::string, std::string> reference = {};  // of a model's categories: the level others are compared with
  std::string family = {}, link = {};                 // of a generalised linear model
  std::string weight = {};                            // the column that weighs each row
  double penalty = 0;                                 // on squares of coefficients (ridge)
  double lasso = 0;                                   // on their absolute values
  std::size_t steps = 0;                              // most steps of an iterative model; 0: what is usual
  std::size_t calibration = 0;                        // groups of predicted risk; 0: none
  bool robust = false;                                // whether standard errors are those of the sandwich
  bool baseline = false;                              // of Cox regression: whether to give the baseline hazard
};

struct Declaration {
  std::string computes;                       // one sentence
  std::vector<std::string> analyst_learns;    // one sentence each
  std::vector<std::string> columns;           // all columns it reads
  std::string aggregate;                      // analyses with the same key share one aggregate
  std::size_t aggregate_size = 0;             // ring elements
  std::string rows = {};                      // analyses with the same key share the same columns of rows; empty: none
  std::size_t row_columns = 0;                // ring elements per row
  std::vector<Bounds> aggregate_bounds = {};  // of all elements in their order; none: they are counts of people
  std::vector<Bounds> row_bounds = {};        // of all columns of rows
  std::vector<Indicators> indicators = {};
  std::size_t steps = 0;      // how many times sites are asked at most (SiteInputs::ask)
  std::size_t step_size = 0;  // ring elements of an answer
  double error_bound = 0;     // of the released numbers, relative to 1; 0: exact up to double rounding
};

// What the sites have shared with the compute parties for one analysis.
struct SiteInputs {
  mpc::Shared<mpc::u128> aggregate;  // summed over sites
  // Rows of all sites, one site after the other: column after column, row_count elements each. Every site's rows are
  // padded with rows of zeros to a number that is public, so a row of zeros takes no part.
  mpc::Shared<mpc::u128> rows = {};
  std::size_t row_count = 0;
  // Of each site, where the study's rules are about sites (release/door.h): its part of `aggregate`.
  std::vector<mpc::Shared<mpc::u128>> by_site = {};
  // Tells every site the public `state`; the sum of their answers (Analysis::step), of step_size elements.
  std::function<mpc::Shared<mpc::u128>(std::span<const double> state)> ask = {};

  mpc::Shared<mpc::u128> column(std::size_t index) const { return slice(rows, index * row_count, row_count); }
};

class Analysis {
 public:
  virtual ~Analysis() = default;
  virtual Declaration declare() const = 0;
  virtual std::vector<mpc::u128> local(const data::Table& table) const = 0;
  // row_columns * table.rows elements, column after column.
  virtual std::vector<mpc::u128> rows(const data::Table& table) const;
  // A public `state` comes from the compute parties, who all say the same. Fails with study.bad_step.
  virtual std::vector<mpc::u128> step(const data::Table& table, std::span<const double> state) const;
  virtual mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const = 0;
  virtual nlohmann::json present(const mpc::ReleasedOutcome& outcome) const = 0;
};

// Fails with study.unknown_column or study.wrong_column_type (`where` = the entry's JSON path, given by the caller).
std::unique_ptr<Analysis> make_analysis(const AnalysisEntry& entry, const std::string& path,
                                        const std::vector<data::ColumnDeclaration>& columns,
                                        const mpc::ReleaseRule& rule);

// Kinds that make_analysis knows, in the order of the guide.
const std::vector<std::string>& analysis_kinds();

}  // namespace cohortium::statistics
