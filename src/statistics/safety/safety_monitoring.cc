// Surveillance of events over periods: maxSPRT for Poisson or binomial counts, or a CUSUM.
//
// Local      per period the number of records with the outcome (binomial: of both groups), and of all records
// Under MPC  sums over sites; poisson: cumulative counts against public integers, which the critical value becomes;
//            binomial: exposed against a public step function of all events, as a sum of comparisons; cusum: whether in
//            any stretch of periods up to this one the likelihood ratio rises by the threshold (S_t = P_t - min P_s)
// Released   the number of records, the first period with a signal, and all counts where each is none or enough
// Error      none; cusum: weights are rounded to 2^-20
// Source     Kulldorff et al. (2011); Page (1954); Lucas (1985): the Poisson CUSUM
#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/compare.h"
#include "statistics/entries.h"
#include "statistics/outcome_column.h"
#include "statistics/safety/kinds.h"
#include "statistics/safety/surveillance.h"
#include "statistics/test_result.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

constexpr std::size_t most_periods = 400;
constexpr int weight_bits = 20;

Shared<u64> constants(mpc::Engine& engine, const std::vector<u64>& values) {
  return engine.constant(std::span<const u64>(values));
}

class SafetyMonitoring final : public Analysis {
 public:
  explicit SafetyMonitoring(const EntryContext& context)
      : by_(context.grouping()),
        outcome_(context),
        rule_(context.rule),
        method_(context.entry.method),
        expected_(context.entry.expected),
        ratio_(context.entry.ratio),
        most_events_(context.entry.most_events) {
    auto refuse = [&](const std::string& field, const std::string& message, const std::string& remedy) {
      throw Failure({.code = "study.bad_monitoring", .message = message, .where = context.at(field), .remedy = remedy});
    };
    const bool binomial = method_ == "binomial";
    if (by_.columns().size() != (binomial ? 2u : 1u) || (binomial && by_.columns()[1].levels.size() != 2))
      refuse("by", binomial ? "periods and two groups are needed" : "only periods are needed",
             binomial ? "name the column of periods, then one with two levels, the exposed first"
                      : "name the column of periods alone");
    if (periods() > most_periods) refuse("by", "there are more than 400 periods", "declare fewer levels");
    if (!binomial && (expected_.size() != periods() || *std::min_element(expected_.begin(), expected_.end()) <= 0))
      refuse("expected", "there is not one number above 0 for each period", "give the events expected in each");
    if (binomial && (most_events_ < 1 || most_events_ > 1000))
      refuse("most_events", "it is not said after how many events, at most 1000, monitoring ends", "say so");
    if (method_ == "cusum" && (!context.entry.threshold || ratio_ <= 1))
      refuse("threshold", "a CUSUM needs a threshold and a ratio above 1", "give both");
    const double most_expected = binomial ? 0 : cumulative().back();
    if (!context.entry.threshold && most_expected > 500)
      refuse("threshold", "a critical value is computed for at most 500 expected events in all", "give it");
    const double alpha = context.entry.alpha.value_or(0.05);
    threshold_ = context.entry.threshold.value_or(0);
    if (!context.entry.threshold)
      threshold_ = binomial ? binomial_critical_value(most_events_, exposed(), alpha)
                            : poisson_critical_value(cumulative(), alpha);
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the monitoring of " + outcome_.describe() + by_.describe();
    declaration.analyst_learns = {
        "the number of records over all sites together, and in which period there was the first signal, if any; "
        "nothing when there are " +
            below_minimum(rule_),
        "all numbers of records with " + outcome_.describe() + by_.describe() + ", unless one is some but " +
            below_minimum(rule_)};
    declaration.columns = {outcome_.name()};
    for (const auto& column : by_.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate = "monitored\x1f" + outcome_.key() + "\x1f" + by_.key();
    declaration.aggregate_size = by_.size() + 1;
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    const RowGroups groups(by_, table);
    const std::vector<std::optional<bool>> known = outcome_.read(table);
    std::vector<u128> counts(by_.size() + 1);
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (groups[row] == by_.size() || !known[row]) continue;
      counts.back() += 1;
      counts[groups[row]] += *known[row] ? 1 : 0;
    }
    return counts;
  }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const std::size_t cells = by_.size();
    const Shared<u128> counts = slice(inputs.aggregate, 0, cells);
    const Shared<u64> events = narrow(counts);
    const SharedBits signals = method_ == "binomial" ? binomial_signals(engine, events)
                               : method_ == "cusum"  ? cusum_signals(engine, events)
                                                     : poisson_signals(engine, events);
    // Periods from the first signal on: those up to which there was any.
    const Shared<u64> so_far = prefix_sum_blocks(engine.ring<u64>().from_bit(signals), periods());
    const SharedBits none = oblivious::less_than(engine, so_far, constants(engine, std::vector<u64>(periods(), 1)), 20);
    const Shared<u128> since = sum_blocks(engine.ring<u128>().from_bit(engine.not_bits(none)), periods());
    // How many counts are some but too few.
    const std::array<Shared<u64>, 2> twice{events, events};
    std::vector<u64> bounds(2 * cells, rule_.minimum_cell);
    std::fill_n(bounds.begin(), cells, u64{1});
    const SharedBits below = oblivious::less_than(engine, concatenate(std::span<const Shared<u64>>(twice)),
                                                  constants(engine, bounds), mpc::count_bits);
    const SharedBits few = engine.and_bits(engine.not_bits(slice(below, 0, cells)), slice(below, cells, cells));
    const SharedBits all_pass =
        oblivious::less_than(engine, sum_blocks(engine.ring<u64>().from_bit(few), cells), constants(engine, {1}), 20);
    const Shared<u128> series = engine.keep_where(gather(all_pass, std::vector<std::size_t>(cells, 0)), counts);
    const Shared<u128> shown = engine.ring<u128>().from_bit(all_pass);
    const std::array<Shared<u128>, 3> values{since, shown, series};
    return {.cells = mpc::SharedCells{.people = slice(inputs.aggregate, cells, 1),
                                      .values = {concatenate(std::span<const Shared<u128>>(values))},
                                      .together = true},
            .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    TestResult result{.method = title() + " of " + outcome_.describe(), .statistic_name = ""};
    result.estimates.push_back({method_ == "cusum" ? "threshold" : "critical value", threshold_});
    nlohmann::json signal, periods_json;
    const bool shown = cells.passed.front() && cells.values[0][1] == 1;
    result.note = "withheld";
    if (cells.passed.front()) {
      result.estimates.push_back({"records", to_double(*cells.people[0])});
      const auto since = static_cast<std::size_t>(cells.values[0][0]);
      signal = since > 0;
      if (since > 0) periods_json = by_.columns()[0].levels[periods() - since].code;
      result.note = since > 0 ? "signal in period " + by_.columns()[0].levels[periods() - since].label : "no signal";
    }
    for (std::size_t i = 0; i < by_.size(); ++i)
      result.cells.push_back({{"levels", by_.codes(i)},
                              {"labels", by_.labels(i)},
                              {"n", shown ? count_json(std::optional(cells.values[0][2 + i])) : nullptr}});
    nlohmann::json out = test_json(result, names_of(by_.columns()), 0.95);
    out["signal"] = signal;
    out["first_signal"] = periods_json;
    return out;
  }

 private:
  std::size_t periods() const { return by_.columns()[0].levels.size(); }
  double exposed() const { return 1 / (1 + ratio_); }
  std::string title() const {
    return method_ == "cusum" ? "Poisson CUSUM" : method_ == "binomial" ? "Binomial maxSPRT" : "Poisson maxSPRT";
  }
  std::vector<double> cumulative() const {
    std::vector<double> sums;
    for (const double mu : expected_) sums.push_back((sums.empty() ? 0 : sums.back()) + mu);
    return sums;
  }

  SharedBits poisson_signals(mpc::Engine& engine, const Shared<u64>& events) const {
    std::vector<u64> boundaries;
    for (const double mu : cumulative()) boundaries.push_back(poisson_boundary(mu, threshold_));
    return engine.not_bits(oblivious::less_than(engine, prefix_sum_blocks(events, periods()),
                                                constants(engine, boundaries), mpc::count_bits + 9));
  }

  // Events run exposed, control, exposed, control.
  SharedBits binomial_signals(mpc::Engine& engine, const Shared<u64>& events) const {
    const std::size_t t = periods();
    std::vector<std::size_t> exposed_places;
    for (std::size_t i = 0; i < t; ++i) exposed_places.push_back(2 * i);
    const Shared<u64> first = prefix_sum_blocks(gather(events, exposed_places), t);
    const Shared<u64> all = prefix_sum_blocks(sum_blocks(events, 2), t);
    // The boundary as steps: it rises by `rises` where the number of events reaches `places`; beyond the last look, and
    // before one, nothing signals.
    std::vector<u64> places, rises;
    u64 before = 0;
    for (u64 n = 0; n <= most_events_ + 1; ++n) {
      const u64 boundary = n == 0 ? 1 : n > most_events_ ? u64{1} << 40 : binomial_boundary(n, exposed(), threshold_);
      if (boundary != before) {
        places.push_back(n);
        rises.push_back(boundary - before);
      }
      before = boundary;
    }
    std::vector<u64> all_places, all_rises;
    for (std::size_t i = 0; i < t; ++i) {
      all_places.insert(all_places.end(), places.begin(), places.end());
      all_rises.insert(all_rises.end(), rises.begin(), rises.end());
    }
    const SharedBits reached = engine.not_bits(
        oblivious::less_than(engine, repeat(all, places.size()), constants(engine, all_places), mpc::count_bits + 9));
    const Shared<u64> boundary = sum_blocks(
        multiply_public(engine.ring<u64>().from_bit(reached), std::span<const u64>(all_rises)), places.size());
    return engine.not_bits(oblivious::less_than(engine, first, boundary, 50));
  }

  SharedBits cusum_signals(mpc::Engine& engine, const Shared<u64>& events) const {
    const std::size_t t = periods();
    auto rounded = [](double x) { return static_cast<u64>(std::llround(std::ldexp(x, weight_bits))); };
    std::vector<u64> drift;
    for (const double mu : expected_) drift.push_back(rounded((ratio_ - 1) * mu));
    const Shared<u64> steps = subtract(scale(events, rounded(std::log(ratio_))), constants(engine, drift));
    const Shared<u64> sums = prefix_sum_blocks(steps, t);
    // P_t - P_s for s from before the first period to t - 1.
    std::vector<Shared<u64>> rises;
    for (std::size_t i = 0; i < t; ++i) {
      rises.push_back(slice(sums, i, 1));
      if (i > 0) rises.push_back(subtract(repeat(slice(sums, i, 1), i), slice(sums, 0, i)));
    }
    const Shared<u64> all = concatenate(std::span<const Shared<u64>>(rises));
    const Shared<u64> reached = engine.ring<u64>().from_bit(engine.not_bits(
        oblivious::less_than(engine, all, constants(engine, std::vector<u64>(all.size, rounded(threshold_))))));
    std::vector<Shared<u64>> any;
    for (std::size_t i = 0, next = 0; i < t; next += i + 1, ++i)
      any.push_back(sum_blocks(slice(reached, next, i + 1), i + 1));
    return engine.not_bits(oblivious::less_than(engine, concatenate(std::span<const Shared<u64>>(any)),
                                                constants(engine, std::vector<u64>(t, 1)), 20));
  }

  Grouping by_;
  OutcomeColumn outcome_;
  mpc::ReleaseRule rule_;
  std::string method_;
  std::vector<double> expected_;
  double ratio_, threshold_ = 0;
  std::size_t most_events_;
};

}  // namespace

std::unique_ptr<Analysis> make_safety_monitoring(const EntryContext& context) {
  return std::make_unique<SafetyMonitoring>(context);
}

}  // namespace cohortium::statistics
