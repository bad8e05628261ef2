// Safety signals as a workload: which of all pairs of a drug and an event are signals that may be shown, by PRR,
// chi-square and number of reports, with at least 11 people; elements are pairs, of 1,000 events (fewer: of 100).
#include <algorithm>
#include <random>

#include "bench/inputs.h"
#include "bench/workload.h"
#include "statistics/safety/signal_decision.h"

namespace cohortium::bench {
namespace {

using mpc::i128;

constexpr u64 minimum_cell = 11;

struct Reports {
  std::size_t drugs = 0, events = 0;
  std::vector<u64> pairs = {}, of_drug = {}, of_event = {};
  u64 all = 0;
};

std::size_t events_of(std::size_t pairs) { return pairs >= 100'000 ? 1000 : 100; }

// Drugs and events differ in how often they are reported; one pair in a hundred is reported ten times as often.
Reports made_reports(std::size_t pairs) {
  std::mt19937_64 random(17);
  Reports made{.events = events_of(pairs)};
  made.drugs = std::max<std::size_t>(1, pairs / made.events);
  made.of_drug.resize(made.drugs);
  made.of_event.resize(made.events);
  for (std::size_t d = 0; d < made.drugs; ++d) {
    for (std::size_t e = 0; e < made.events; ++e) {
      const u64 reports = random() % (8 + 400 / (1 + (d * 7 + e) % 100)) * (random() % 100 == 0 ? 10 : 1);
      made.pairs.push_back(reports);
      made.of_drug[d] += reports;
      made.of_event[e] += reports;
      made.all += reports;
    }
  }
  return made;
}

// The decision in plain integers, which fit: there are fewer than 2^28 reports.
std::vector<u64> expected_signals(const Reports& r) {
  std::vector<u64> shown(r.pairs.size());
  auto is_few = [](i128 count) { return count >= 1 && count < i128{minimum_cell}; };
  std::vector<i128> of_drug(r.of_drug.begin(), r.of_drug.end()), of_event(r.of_event.begin(), r.of_event.end());
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const i128 a = r.pairs[i], drug = r.of_drug[i / r.events], event = r.of_event[i % r.events], n = r.all;
    const i128 c = event - a, excess = 2 * (a * n - drug * event) - n;
    const bool may_show =
        a >= i128{minimum_cell} && c >= i128{minimum_cell} && !is_few(drug - a) && !is_few(n - drug - c);
    if (may_show && a * (n - drug) >= 2 * drug * c && excess >= 0 &&
        n * excess * excess >= 16 * drug * (n - drug) * event * (n - event)) {
      shown[i] = r.pairs[i];
      of_drug[i / r.events] -= a;
      of_event[i % r.events] -= a;
    }
  }
  for (std::size_t i = 0; i < shown.size(); ++i)
    if (is_few(of_drug[i / r.events]) || is_few(of_event[i % r.events])) shown[i] = 0;
  return shown;
}

Workload signals() {
  Workload workload = make_workload(
      "safety_signals", "which pairs of drug and event are signals, elements = pairs", 1'000'000,
      [](Engine& engine, std::size_t n) {
        const Reports made = engine.self() == 0 ? made_reports(n) : Reports();
        auto share = [&](const std::vector<u64>& words, std::size_t count) {
          const std::vector<u128> wide(words.begin(), words.end());
          return engine.share(0, std::span<const u128>(wide), count);
        };
        const std::size_t events = events_of(n), drugs = std::max<std::size_t>(1, n / events);
        return statistics::SharedReports{
            .drugs = drugs,
            .events = events,
            .pairs = share(made.pairs, drugs * events),
            .drug_totals = share(made.of_drug, drugs),
            .event_totals = share(made.of_event, events),
            .all = share(engine.self() == 0 ? std::vector<u64>{made.all} : std::vector<u64>(), 1)};
      },
      [](Engine& engine, const statistics::SharedReports& reports) {
        return statistics::shown_signals(engine, reports, {.numerator = 2000, .denominator = 1000}, minimum_cell);
      },
      [](Engine& engine, const Shared<u128>& out, std::size_t n) -> std::string {
        const auto opened = engine.open_to(0, out);
        if (!opened) return "";
        const std::vector<u64> expected = expected_signals(made_reports(n));
        const auto signals = std::count_if(expected.begin(), expected.end(), [](u64 a) { return a > 0; });
        if (n >= 10'000 && signals < 10) return "the made reports hold hardly a signal";
        for (std::size_t i = 0; i < expected.size(); ++i)
          if ((*opened)[i] != expected[i]) return fmt::format("pair {} is decided wrongly", i);
        return "";
      });
  // Whole drugs only.
  workload.prepare = [inner = workload.prepare](Engine& engine, std::size_t n) {
    return inner(engine, std::max<std::size_t>(1, n / events_of(n)) * events_of(n));
  };
  return workload;
}

}  // namespace

std::vector<Workload> safety_workloads() { return {signals()}; }

}  // namespace cohortium::bench
