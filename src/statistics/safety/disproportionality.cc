// Disproportionality of all pairs of a drug and an event at once: PRR, ROR, chi-square, IC and EBGM of the signals.
//
// Local      per pair, drug and event the site's number of reports: distinct reports, rows, or sums of a column of counts
// Under MPC  sums over sites; whether a pair is a signal and may be shown (statistics/safety/signal_decision.h), exactly; in
//            batches, so memory does not grow with the number of pairs but for the counts themselves
// Released   of signals that may be shown: the four counts, from which all measures follow; of other pairs nothing
// Error      none
// Source     statistics/safety/pair_statistics.h
#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/error.h"
#include "statistics/entries.h"
#include "statistics/safety/kinds.h"
#include "statistics/safety/pair_statistics.h"
#include "statistics/safety/signal_decision.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;
using mpc::u64;

constexpr std::size_t most_pairs = std::size_t{1} << 22;

bool is_missing(const data::Column& column, std::size_t row) { return !column.missing.empty() && column.missing[row]; }

nlohmann::json interval_json(const std::optional<Interval>& interval) {
  if (!interval) return {{"value", nullptr}, {"lower", nullptr}, {"upper", nullptr}};
  return {{"value", interval->value}, {"lower", interval->lower}, {"upper", interval->upper}};
}

ShrinkagePrior prior_of(const EntryContext& context) {
  const std::vector<double>& given = context.entry.prior;
  if (given.empty()) return {};
  return {.shape1 = given[0], .rate1 = given[1], .shape2 = given[2], .rate2 = given[3], .first = given[4]};
}

double threshold_of(const EntryContext& context) {
  return context.entry.threshold.value_or(context.entry.method == "ic" ? 0 : 2);
}

ShrinkageBoundary boundary_of(const EntryContext& context) {
  const double threshold = threshold_of(context), confidence = context.entry.confidence;
  const bool of_ic = context.entry.method == "ic";
  const double ratio = of_ic ? std::exp2(threshold) : threshold;
  if (!(ratio >= 0.01 && ratio <= 1000)) {
    throw Failure({.code = "study.bad_threshold",
                   .message = "the threshold is no ratio of observed to expected from 0.01 to 1000",
                   .where = context.at("threshold"),
                   .remedy = of_ic ? "give its logarithm to base 2" : "give one that is"});
  }
  const ShrinkagePrior prior = prior_of(context);
  const ShrinkageBoundary boundary = fit_boundary(
      [&](double a) { return of_ic ? ic_limit(a, threshold, confidence) : ebgm_limit(a, threshold, prior); }, ratio);
  if (!(boundary.error <= worst_boundary_error)) {
    throw Failure({.code = "study.bad_threshold",
                   .message = "which pairs reach the threshold cannot be decided closely enough with this prior",
                   .where = context.at("threshold"),
                   .remedy = "use another threshold or prior, or another method"});
  }
  return boundary;
}

SignalCriterion criterion_of(const EntryContext& context) {
  const std::string& method = context.entry.method;
  if (method == "ic" || method == "ebgm") return {.rule = SignalRule::kShrunken, .boundary = boundary_of(context)};
  SignalCriterion criterion;
  if (method == "prr") criterion.rule = SignalRule::kPrr;
  if (method == "ror") criterion.rule = SignalRule::kRor;
  // As a fraction of thousandths.
  const double threshold = threshold_of(context), thousandths = std::round(1000 * threshold);
  const double least = criterion.rule == SignalRule::kEvans ? 1 : 0.001;
  if (!(threshold >= least && threshold <= 1000) || std::abs(thousandths - 1000 * threshold) > 1e-6) {
    throw Failure(
        {.code = "study.bad_threshold",
         .message = "the threshold is not a multiple of 0.001 from " + nlohmann::json(least).dump() + " to 1000",
         .where = context.at("threshold"),
         .remedy = "give one that is"});
  }
  criterion.numerator = static_cast<u64>(thousandths);
  criterion.denominator = 1000;
  return criterion;
}

class Disproportionality final : public Analysis {
 public:
  explicit Disproportionality(const EntryContext& context)
      : drug_(context.column("columns", context.entry.columns[0], data::ColumnType::kCategory)),
        event_(context.column("columns", context.entry.columns[1], data::ColumnType::kCategory)),
        rule_(context.rule),
        criterion_(criterion_of(context)),
        method_(context.entry.method),
        threshold_(threshold_of(context)),
        prior_(prior_of(context)),
        confidence_(context.entry.confidence) {
    if (!context.entry.report.empty())
      report_ = context.column("report", context.entry.report, data::ColumnType::kNumber);
    if (!context.entry.count.empty()) count_ = context.column("count", context.entry.count, data::ColumnType::kNumber);
    if (report_ && count_) {
      throw Failure({.code = "study.bad_report_count",
                     .message = "a row is either one of a report's or stands for a number of reports",
                     .where = context.at("count"),
                     .remedy = "name \"report\" or \"count\""});
    }
    if (pairs() > most_pairs) {
      throw Failure({.code = "study.too_many_groups",
                     .message = "there are more than " + std::to_string(most_pairs) + " pairs",
                     .where = context.at("columns"),
                     .remedy = "declare fewer levels"});
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the disproportionality of all pairs of " + drug_.name + " and " + event_.name;
    const std::string few = below_minimum(rule_);
    declaration.analyst_learns = {
        "which pairs of " + drug_.name + " and " + event_.name + " are signals (" + criterion_text() +
            "), and of these the numbers of reports of both, of either and in all over all sites together, hence all "
            "measures; of any other pair nothing but that it is no signal or may not be shown",
        "nothing of a signal for which one of its four counts is of " + few +
            ", nor of signals of a drug or event whose reports outside the signals shown number some but " + few};
    declaration.columns = {drug_.name, event_.name};
    if (report_) declaration.columns.push_back(report_->name);
    if (count_) declaration.columns.push_back(count_->name);
    declaration.aggregate = "reports\x1f" + drug_.name + "\x1f" + event_.name + "\x1f" +
                            (report_ ? report_->name : "") + "\x1f" + (count_ ? count_->name : "");
    declaration.aggregate_size = pairs() + drugs() + events() + 1;
    declaration.aggregate_bounds = {whole_numbers(declaration.aggregate_size, std::uint64_t{1} << report_bits)};
    if (criterion_.rule == SignalRule::kShrunken)
      declaration.error_bound = 2 * worst_boundary_error;  // of the decision
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    std::vector<u128> counts(pairs() + drugs() + events() + 1);
    if (report_)
      count_reports(table, counts);
    else
      count_rows_of(table, counts);
    const u128 limit = (u128{1} << report_bits) / std::max<std::size_t>(table.sites, 1);
    if (counts.back() >= limit) {
      throw Failure({.code = "study.too_many_reports",
                     .message = "the sites together may bring fewer than 2^30 reports, each an equal part of these",
                     .where = drug_.name,
                     .remedy = "select fewer with data/where"});
    }
    return counts;
  }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const SharedReports reports{.drugs = drugs(),
                                .events = events(),
                                .pairs = slice(inputs.aggregate, 0, pairs()),
                                .drug_totals = slice(inputs.aggregate, pairs(), drugs()),
                                .event_totals = slice(inputs.aggregate, pairs() + drugs(), events()),
                                .all = slice(inputs.aggregate, pairs() + drugs() + events(), 1)};
    mpc::SharedCells cells;
    cells.people = shown_signals(engine, reports, criterion_, rule_.minimum_cell);
    cells.values = {repeat(reports.drug_totals, events()), tile(reports.event_totals, drugs()),
                    tile(reports.all, pairs())};
    return {.cells = std::move(cells), .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    nlohmann::json signals = nlohmann::json::array(), all = nullptr;
    for (std::size_t i = 0; i < cells.passed.size(); ++i) {
      if (!cells.passed[i]) continue;
      const std::array<u128, 3> totals{cells.values[0][i], cells.values[1][i], cells.values[2][i]};
      all = count_json(std::optional(totals[2]));
      signals.push_back(signal_json(i, *cells.people[i], totals));
    }
    return {{"drug", drug_.name},
            {"event", event_.name},
            {"criterion", criterion_text()},
            {"confidence", confidence_},
            {"prior", {prior_.shape1, prior_.rate1, prior_.shape2, prior_.rate2, prior_.first}},
            {"pairs", pairs()},
            {"reports", all},
            {"signals", std::move(signals)}};
  }

 private:
  std::size_t drugs() const { return drug_.levels.size(); }
  std::size_t events() const { return event_.levels.size(); }
  std::size_t pairs() const { return drugs() * events(); }

  std::string criterion_text() const {
    const std::string threshold = nlohmann::json(threshold_).dump();
    if (method_ == "ic") return "lower limit of IC of at least " + threshold;
    if (method_ == "ebgm") return "EB05 of at least " + threshold;
    if (criterion_.rule == SignalRule::kRor) return "ROR of at least " + threshold;
    if (criterion_.rule == SignalRule::kPrr) return "PRR of at least " + threshold;
    return "PRR of at least " + threshold + ", chi-square of at least 4, three or more reports";
  }

  void add(std::vector<u128>& counts, std::size_t drug, std::size_t event, u128 reports) const {
    counts[drug * events() + event] += reports;
    counts[pairs() + drug] += reports;
    counts[pairs() + drugs() + event] += reports;
    counts.back() += reports;
  }

  void count_rows_of(const data::Table& table, std::vector<u128>& counts) const {
    const data::Column &drug = table.column(drug_.name), &event = table.column(event_.name);
    const data::Column* number = count_ ? &table.column(count_->name) : nullptr;
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (is_missing(drug, row) || is_missing(event, row) || (number && is_missing(*number, row))) continue;
      const double reports = number ? number->number[row] : 1;
      if (!(reports >= 0 && reports < std::ldexp(1.0, report_bits) && reports == std::floor(reports))) {
        throw Failure({.code = "study.not_a_count",
                       .message = "a value is not a whole number of reports",
                       .where = count_->name,
                       .remedy = "correct it, or leave the row out with data/where"});
      }
      add(counts, drug.level[row], event.level[row], static_cast<u128>(reports));
    }
  }

  // Each report once per pair, per drug, per event and in all, however many rows say so.
  void count_reports(const data::Table& table, std::vector<u128>& counts) const {
    const data::Column &drug = table.column(drug_.name), &event = table.column(event_.name),
                       &report = table.column(report_->name);
    using Row = std::tuple<double, std::uint16_t, std::uint16_t>;
    std::vector<Row> rows;
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (is_missing(drug, row) || is_missing(event, row) || is_missing(report, row)) continue;
      rows.emplace_back(report.number[row], drug.level[row], event.level[row]);
    }
    auto distinct = [&](auto&& key, auto&& place) {
      std::sort(rows.begin(), rows.end(), [&](const Row& x, const Row& y) { return key(x) < key(y); });
      for (std::size_t i = 0; i < rows.size(); ++i)
        if (i == 0 || key(rows[i]) != key(rows[i - 1])) counts[place(rows[i])] += 1;
    };
    auto drug_of = [](const Row& row) { return std::size_t{std::get<1>(row)}; };
    auto event_of = [](const Row& row) { return std::size_t{std::get<2>(row)}; };
    distinct([](const Row& row) { return row; },
             [&](const Row& row) { return drug_of(row) * events() + event_of(row); });
    distinct([&](const Row& row) { return std::pair(std::get<0>(row), drug_of(row)); },
             [&](const Row& row) { return pairs() + drug_of(row); });
    distinct([&](const Row& row) { return std::pair(std::get<0>(row), event_of(row)); },
             [&](const Row& row) { return pairs() + drugs() + event_of(row); });
    distinct([](const Row& row) { return std::get<0>(row); }, [&](const Row&) { return counts.size() - 1; });
  }

  nlohmann::json signal_json(std::size_t pair, u128 together, const std::array<u128, 3>& totals) const {
    const data::Level &drug = drug_.levels[pair / events()], &event = event_.levels[pair % events()];
    const PairStatistics s = pair_statistics(
        {to_double(together), to_double(totals[0]), to_double(totals[1]), to_double(totals[2])}, prior_, confidence_);
    return {{"drug", drug.code},
            {"drug_label", drug.label},
            {"event", event.code},
            {"event_label", event.label},
            {"n", count_json(std::optional(together))},
            {"n_drug", count_json(std::optional(totals[0]))},
            {"n_event", count_json(std::optional(totals[1]))},
            {"expected", s.expected},
            {"prr", interval_json(s.prr)},
            {"ror", interval_json(s.ror)},
            {"chi_square", to_json(s.chi_square)},
            {"ic", interval_json(s.ic)},
            {"ebgm", interval_json(s.ebgm)}};
  }

  data::ColumnDeclaration drug_, event_;
  std::optional<data::ColumnDeclaration> report_, count_;
  mpc::ReleaseRule rule_;
  SignalCriterion criterion_;
  std::string method_;
  double threshold_;
  ShrinkagePrior prior_;
  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_disproportionality(const EntryContext& context) {
  return std::make_unique<Disproportionality>(context);
}

}  // namespace cohortium::statistics
