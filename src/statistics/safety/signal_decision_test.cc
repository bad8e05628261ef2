// The decision on shared counts against the same rules in exact arithmetic of any size, at random and at the edges.
#include "statistics/safety/signal_decision.h"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <random>

#include "mpc/simulate.h"
#include "statistics/safety/pair_statistics.h"

namespace cohortium::statistics {
namespace {

using boost::multiprecision::cpp_int;
using mpc::u128;

struct Reports {
  std::size_t drugs = 0, events = 0;
  std::vector<u128> pairs, drug_totals, event_totals;
  u128 all = 0;
};

Reports random_reports(std::size_t drugs, std::size_t events, unsigned seed, int largest_bits) {
  std::mt19937_64 random(seed);
  Reports reports{drugs, events, std::vector<u128>(drugs * events), std::vector<u128>(drugs),
                  std::vector<u128>(events)};
  for (std::size_t i = 0; i < drugs * events; ++i) {
    const u128 n = random() >> (64 - random() % static_cast<unsigned>(largest_bits + 1)) % 64;
    reports.pairs[i] = n >> largest_bits == 0 ? n : random() % 5;
    reports.drug_totals[i / events] += reports.pairs[i];
    reports.event_totals[i % events] += reports.pairs[i];
    reports.all += reports.pairs[i];
  }
  return reports;
}

bool none_or_enough(const cpp_int& n, std::uint64_t minimum) { return n == 0 || n >= minimum; }
bool few(const cpp_int& n, std::uint64_t minimum) { return n >= 1 && n < minimum; }

bool is_signal(const cpp_int& a, const cpp_int& b, const cpp_int& c, const cpp_int& d,
               const SignalCriterion& criterion) {
  const cpp_int p = criterion.numerator, q = criterion.denominator, n = a + b + c + d;
  if (a == 0 || c == 0) return false;
  if (criterion.rule == SignalRule::kRor) return b > 0 && q * a * d >= p * b * c;
  if (q * a * (c + d) < p * (a + b) * c) return false;
  if (criterion.rule == SignalRule::kPrr) return true;
  const cpp_int excess = 2 * (a * d - b * c) - n;
  return a >= 3 && excess >= 0 && n * excess * excess >= 16 * (a + b) * (c + d) * (a + c) * (b + d) && b + d > 0;
}

std::vector<u128> expected_signals(const Reports& r, const SignalCriterion& criterion, std::uint64_t minimum) {
  std::vector<u128> shown(r.pairs.size());
  const cpp_int all(r.all);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const cpp_int a(r.pairs[i]), b = cpp_int(r.drug_totals[i / r.events]) - a,
                                 c = cpp_int(r.event_totals[i % r.events]) - a, d = all - a - b - c;
    const bool ok =
        a >= minimum && none_or_enough(b, minimum) && none_or_enough(c, minimum) && none_or_enough(d, minimum);
    if (ok && is_signal(a, b, c, d, criterion)) shown[i] = r.pairs[i];
  }
  if (minimum == 1) return shown;
  std::vector<cpp_int> drug_rest(r.drug_totals.begin(), r.drug_totals.end()),
      event_rest(r.event_totals.begin(), r.event_totals.end());
  for (std::size_t i = 0; i < shown.size(); ++i) {
    drug_rest[i / r.events] -= cpp_int(shown[i]);
    event_rest[i % r.events] -= cpp_int(shown[i]);
  }
  std::vector<bool> drug_shown(r.drugs), event_shown(r.events);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (few(drug_rest[i / r.events], minimum) || few(event_rest[i % r.events], minimum)) shown[i] = 0;
    if (shown[i] > 0) drug_shown[i / r.events] = event_shown[i % r.events] = true;
  }
  cpp_int without_drugs = all, without_events = all;
  for (std::size_t i = 0; i < r.drugs; ++i) without_drugs -= drug_shown[i] ? cpp_int(r.drug_totals[i]) : cpp_int(0);
  for (std::size_t i = 0; i < r.events; ++i) without_events -= event_shown[i] ? cpp_int(r.event_totals[i]) : cpp_int(0);
  if (few(without_drugs, minimum) || few(without_events, minimum)) shown.assign(shown.size(), 0);
  return shown;
}

std::vector<u128> decide(const char* protocol, const Reports& r, const SignalCriterion& criterion,
                         std::uint64_t minimum) {
  return mpc::simulate(protocol,
                       [&](mpc::Engine& engine) {
                         auto share = [&](const std::vector<u128>& values) {
                           return engine.share(0, std::span(values).first(engine.self() == 0 ? values.size() : 0),
                                               values.size());
                         };
                         return engine.open(shown_signals(engine,
                                                          {.drugs = r.drugs,
                                                           .events = r.events,
                                                           .pairs = share(r.pairs),
                                                           .drug_totals = share(r.drug_totals),
                                                           .event_totals = share(r.event_totals),
                                                           .all = share({r.all})},
                                                          criterion, minimum));
                       })
      .front();
}

class SignalDecision : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Protocols, SignalDecision, ::testing::Values("plaintext", "replicated3"));

TEST_P(SignalDecision, EqualsExactArithmetic) {
  std::size_t signals = 0;
  for (const int bits : {3, 6, 12, 22}) {
    const Reports reports = random_reports(9, 13, 7 + static_cast<unsigned>(bits), bits);
    for (const SignalRule rule : {SignalRule::kEvans, SignalRule::kPrr, SignalRule::kRor}) {
      for (const std::uint64_t minimum : {1, 5, 11}) {
        const SignalCriterion criterion{.rule = rule, .numerator = 1500, .denominator = 1000};
        const std::vector<u128> expected = expected_signals(reports, criterion, minimum);
        EXPECT_EQ(decide(GetParam(), reports, criterion, minimum), expected) << bits << " bits, minimum " << minimum;
        for (const u128 a : expected) signals += a > 0;
      }
    }
  }
  EXPECT_GT(signals, 100u);
}

// Two drugs and two events: the four counts of one pair.
Reports one_pair(u128 a, u128 b, u128 c, u128 d) {
  return {2, 2, {a, b, c, d}, {a + b, c + d}, {a + c, b + d}, a + b + c + d};
}

TEST_P(SignalDecision, AThresholdIsReachedExactly) {
  // PRR = (20 / 40) / (30 / 120) = 2, ROR = 20 * 90 / (20 * 30) = 3.
  const Reports reports = one_pair(20, 20, 30, 90);
  for (const std::uint64_t beyond : {0, 1}) {
    const SignalCriterion prr{.rule = SignalRule::kPrr, .numerator = 2000 + beyond, .denominator = 1000};
    EXPECT_EQ(decide(GetParam(), reports, prr, 1)[0], beyond == 0 ? 20 : 0);
    const SignalCriterion ror{.rule = SignalRule::kRor, .numerator = 3000 + beyond, .denominator = 1000};
    EXPECT_EQ(decide(GetParam(), reports, ror, 1)[0], beyond == 0 ? 20 : 0);
  }
}

TEST_P(SignalDecision, HoldsForAsManyReportsAsThereMayBe) {
  const u128 half = (u128{1} << (report_bits - 1)) - 2000;
  const SignalCriterion evans{.rule = SignalRule::kEvans, .numerator = 2000, .denominator = 1000};
  for (const Reports& reports :
       {one_pair(half, 100, 100, half), one_pair(half - 7, 0, 12, half), one_pair(3, 1000, 2, half),
        one_pair(100, half, 90, half), one_pair(1u << 20, 1u << 24, 1u << 21, half)})
    EXPECT_EQ(decide(GetParam(), reports, evans, 1), expected_signals(reports, evans, 1));
}

TEST_P(SignalDecision, ShrunkenMeasuresAreWhatTheyAreInTheClear) {
  const ShrinkagePrior prior;
  for (const bool of_ic : {true, false}) {
    const double threshold = of_ic ? 0.25 : 1.5;
    const auto limit = [&](double a) { return of_ic ? ic_limit(a, threshold, 0.95) : ebgm_limit(a, threshold, prior); };
    const SignalCriterion criterion{.rule = SignalRule::kShrunken,
                                    .boundary = fit_boundary(limit, of_ic ? std::exp2(threshold) : threshold)};
    EXPECT_LE(criterion.boundary.error, 1e-7);
    std::size_t signals = 0, others = 0;
    for (const int bits : {4, 7, 12, 20}) {
      const Reports r = random_reports(7, 11, 3 + static_cast<unsigned>(bits), bits);
      const std::vector<u128> shown = decide(GetParam(), r, criterion, 1);
      for (std::size_t i = 0; i < shown.size(); ++i) {
        const PairCounts counts{static_cast<double>(r.pairs[i]), static_cast<double>(r.drug_totals[i / r.events]),
                                static_cast<double>(r.event_totals[i % r.events]), static_cast<double>(r.all)};
        if (counts.together == 0 || std::abs(counts.expected() / limit(counts.together) - 1) < 3e-6) continue;
        const PairStatistics s = pair_statistics(counts, prior, 0.95);
        EXPECT_EQ(shown[i] > 0, (of_ic ? s.ic.lower : s.ebgm.lower) >= threshold) << i << " of " << bits << " bits";
        (shown[i] > 0 ? signals : others) += 1;
      }
    }
    EXPECT_GT(signals, 20u);
    EXPECT_GT(others, 20u);
  }
}

TEST(PairStatistics, ShrinksAsTheLiteratureSays) {
  // A mixture of two equal gamma distributions is one: the posterior is Gamma(shape + a, rate + E).
  const ShrinkagePrior prior{.shape1 = 2, .rate1 = 4, .shape2 = 2, .rate2 = 4, .first = 0.25};
  const PairStatistics s = pair_statistics({.together = 10, .drug = 40, .event = 50, .all = 1000}, prior, 0.95);
  EXPECT_NEAR(s.expected, 2, 1e-15);
  EXPECT_NEAR(s.ebgm.value, std::exp(2.442661679975812) / 6, 1e-9);  // digamma(12)
  EXPECT_NEAR(s.ebgm.lower, 6.9242125135851085 / 6, 1e-9);           // half the 5 % point of chi-square on 24 degrees
  EXPECT_NEAR(s.ebgm.upper, 18.207514250903653 / 6, 1e-9);
}

TEST(PairStatistics, ZerosLeaveRatiosUndefined) {
  const PairStatistics s = pair_statistics({.together = 10, .drug = 40, .event = 10, .all = 1000}, {}, 0.95);
  EXPECT_FALSE(s.prr);
  EXPECT_FALSE(s.ror);
  EXPECT_TRUE(s.chi_square);
  EXPECT_GT(s.ebgm.value, s.ebgm.lower);
  EXPECT_LT(s.ebgm.value, s.ebgm.upper);
}

}  // namespace
}  // namespace cohortium::statistics
