// Programs over secure parts that live in src/statistics: kernels there, and whole analyses that open nothing.
#include "inputs.h"
#include "programs.h"
#include "statistics/analysis.h"
#include "statistics/dominance.h"
#include "statistics/enough_records.h"
#include "statistics/models/discrimination.h"
#include "statistics/safety/signal_decision.h"
#include "statistics/survival/fine_gray_sums.h"
#include "statistics/trials/between_sites.h"

namespace cohortium::conformance {
namespace {

using mpc::Engine;
using mpc::Shared;

Shared<u128> below(Engine& engine, std::size_t n, unsigned seed, int bits) {
  std::vector<u128> values = ring_elements<u128>(n, seed);
  for (u128& value : values) value &= (u128{1} << bits) - 1;
  return engine.share(0, engine.self() == 0 ? std::span<const u128>(values) : std::span<const u128>(), n);
}

// A time on a grid of n points, an event, a category of two causes and one that is none, a group of three.
std::vector<data::ColumnDeclaration> survival_columns(std::size_t n) {
  return {{.name = "time", .type = data::ColumnType::kDuration, .low = 1, .high = static_cast<double>(n)},
          {.name = "died", .type = data::ColumnType::kEvent, .event = {"1"}, .censored = {"0"}},
          {.name = "cause", .type = data::ColumnType::kCategory, .levels = {{"0", "none"}, {"1", "a"}, {"2", "b"}}},
          {.name = "group", .type = data::ColumnType::kCategory, .levels = {{"x", "x"}, {"y", "y"}, {"z", "z"}}}};
}

// The secure part of an analysis on small counts of everything that sites add up.
Program analysis_program(const std::string& name, const statistics::AnalysisEntry& entry) {
  return {name, [entry](Engine& e, std::size_t n, unsigned seed) {
            if (n == 0) return;
            const auto analysis = statistics::make_analysis(entry, "/analyses/0", survival_columns(n), {});
            analysis->secure(e, {.aggregate = below(e, analysis->declare().aggregate_size, seed, 3)});
          }};
}

// Sums of a hidden linear model of two columns.
void linear(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  const std::vector<data::ColumnDeclaration> columns = {
      {.name = "x", .low = -1, .high = 1}, {.name = "z", .low = 0, .high = 9}, {.name = "y", .low = 0, .high = 5}};
  for (const double penalty : {0.0, 3.0}) {
    const auto model = statistics::make_analysis({.kind = "linear", .formula = "y ~ x + z", .penalty = penalty},
                                                 "/analyses/0", columns, {});
    model->secure(e, {.aggregate = below(e, model->declare().aggregate_size, seed, 10)});
  }
}

void signals(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  const statistics::SharedReports reports{.drugs = n,
                                          .events = 3,
                                          .pairs = below(e, 3 * n, seed, 4),
                                          .drug_totals = below(e, n, seed + 1, 6),
                                          .event_totals = below(e, 3, seed + 2, 14),
                                          .all = below(e, 1, seed + 3, 16)};
  for (const auto rule : {statistics::SignalRule::kEvans, statistics::SignalRule::kPrr, statistics::SignalRule::kRor,
                          statistics::SignalRule::kShrunken}) {
    statistics::SignalCriterion criterion{.rule = rule};
    if (rule == statistics::SignalRule::kShrunken)
      criterion.boundary = statistics::fit_boundary([](double a) { return statistics::ic_limit(a, 0, 0.95); }, 1);
    statistics::shown_signals(e, reports, criterion, 3);
  }
}

// Moments on a grid of n points, for two covariates.
void fine_gray_sums(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  const statistics::FineGraySize size{.grid = n, .columns = 2};
  const auto weights = statistics::censoring_weights(e, size, below(e, statistics::kLeavings * n, seed, 4));
  const auto moments = below(e, size.moments(), seed + 1, statistics::moment_bits);
  const double beta[] = {0.5, -0.25};
  const auto terms = statistics::fine_gray_terms(e, size, weights, moments, beta);
  statistics::fine_gray_variance(e, size, weights, terms, moments);
}

// A step to the variance between all sites there can be.
void between_sites(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  const auto sums = below(e, 5, seed, statistics::sum_bits);
  const auto moments = statistics::moment_estimate(
      e, {slice(sums, 0, 1), slice(sums, 1, 1), slice(sums, 2, 1), slice(sums, 3, 1), slice(sums, 4, 1)});
  const statistics::SharedEstimates estimates{
      .here = below(e, mpc::maximum_sites, seed + 1, 1),
      .value = below(e, mpc::maximum_sites, seed + 2, statistics::estimate_bits),
      .variance = below(e, mpc::maximum_sites, seed + 3, statistics::variance_bits)};
  statistics::restricted_likelihood_estimate(e, estimates, moments, 1);
}

// The one to three largest of n groups over five sites.
void dominance(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  for (const std::uint64_t largest : {1, 2, 3}) {
    const statistics::Dominance rule({.largest = largest, .share = 0.7}, {.name = "x", .low = -1, .high = 1}, n);
    std::vector<Shared<u128>> sites;
    for (unsigned site = 0; site < 5; ++site) sites.push_back(below(e, rule.size(), seed + site, 30));
    rule.veto(e, below(e, n, seed + 5, 32), sites);
  }
}

// People per parameter, of n people with the event.
void enough_records(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  const auto events = below(e, n, seed, 8);
  const auto people = mpc::sum_blocks(events, n);
  statistics::EnoughRecords({.minimum_cell = 3}, 4)
      .fault(e, people, statistics::with_and_without(people, slice(events, 0, 1)));
}

}  // namespace

// The area under the curve of n predictions.
void discrimination(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  const oblivious::ModelRecords records{.x = below(e, 2 * n, seed, 36),
                                        .y = below(e, n, seed, 1),
                                        .weight = below(e, n, seed + 1, 1),
                                        .rows = n,
                                        .columns = 2};
  const auto ranked = statistics::rank_predictions(e, records, below(e, 2, seed, 46));
  statistics::twice_rank_sum_of_events(e, records, ranked.ranks);
}

const std::vector<Program>& analysis_programs() {
  static const std::vector<Program> programs = {
      analysis_program("log_rank", {.kind = "log_rank", .time = "time", .event = "died", .by = {"group"}}),
      analysis_program("log_rank_weighted",
                       {.kind = "log_rank", .time = "time", .event = "died", .by = {"group"}, .rho = 1, .gamma = 2}),
      analysis_program("gray_test", {.kind = "gray_test",
                                     .time = "time",
                                     .event = "cause",
                                     .by = {"group"},
                                     .positive = {"1"},
                                     .censored = {"0"}}),
      {"linear", linear},
      {"signals", signals},
      {"fine_gray_sums", fine_gray_sums},
      {"between_sites", between_sites},
      {"dominance", dominance},
      {"enough_records", enough_records},
  };
  return programs;
}

}  // namespace cohortium::conformance
