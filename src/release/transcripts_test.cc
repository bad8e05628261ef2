// What one compute party received, sent and was told does not tell a withheld number from any other that it may be.
//
// For a table and for a curve: every alternative that leads to the same release is run many times, and of the transcripts
// of each party every bit of every word, and of the exclusive-or of every received word with every sent one (a value
// behind a mask that the party used elsewhere would show there), must be one as often as for the truth. The same search
// finds a door that opens one withheld bit more.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>

#include "mpc/simulate.h"
#include "net/testing/recording_channel.h"
#include "release/door.h"

namespace cohortium::release {
namespace {

using mpc::Engine;
using mpc::PartyId;
using mpc::u128;
using mpc::u64;
using Counts = std::vector<u64>;

constexpr int runs = 300;
constexpr std::size_t looked_at = 100;  // words of each direction, from the end

// What a run tells everybody, as text; and per party the words that it received and sent.
using Body = std::function<std::string(Engine&)>;
struct View {
  std::string released;
  std::vector<std::vector<u64>> received, sent;
};

std::vector<u64> words_of(const net::Transcript& transcript, net::Direction direction) {
  std::vector<u64> words;
  for (const auto& entry : transcript.entries()) {
    if (entry.direction != direction) continue;
    const std::size_t first = words.size();
    words.resize(first + (entry.bytes.size() + sizeof(u64) - 1) / sizeof(u64));
    std::memcpy(words.data() + first, entry.bytes.data(), entry.bytes.size());
  }
  return words;
}

View view_of(const Body& body) {
  std::map<std::pair<PartyId, PartyId>, std::shared_ptr<net::Transcript>> transcripts;
  const auto released = mpc::simulate(
      "replicated3", body, {.wrap = [&](PartyId self, PartyId peer, std::unique_ptr<net::Channel> channel) {
        auto& transcript = transcripts[{self, peer}] = std::make_shared<net::Transcript>();
        return net::record(std::move(channel), transcript);
      }});
  View view{.released = released.front(), .received = std::vector<std::vector<u64>>(3), .sent = {}};
  view.sent.resize(3);
  for (const auto& [link, transcript] : transcripts) {
    const auto self = static_cast<std::size_t>(link.first);
    for (const u64 word : words_of(*transcript, net::Direction::kReceived)) view.received[self].push_back(word);
    for (const u64 word : words_of(*transcript, net::Direction::kSent)) view.sent[self].push_back(word);
  }
  return view;
}

int bit_of(u64 word, int bit) { return static_cast<int>((word >> bit) & 1); }

// How often each bit was one: of the received words, then of received words with sent ones.
struct Ones {
  std::vector<int> counts = {};

  void add(const std::vector<u64>& received, const std::vector<u64>& sent) {
    const std::size_t r = std::min(looked_at, received.size()), s = std::min(looked_at, sent.size());
    if (counts.empty()) counts.resize(64 * r + 8 * r * s);
    ASSERT_EQ(counts.size(), 64 * r + 8 * r * s);
    auto at = counts.begin();
    for (std::size_t i = 0; i < r; ++i)
      for (int bit = 0; bit < 64; ++bit) *at++ += bit_of(received[received.size() - 1 - i], bit);
    for (std::size_t i = 0; i < r; ++i)
      for (std::size_t j = 0; j < s; ++j)
        for (int bit = 0; bit < 8; ++bit)
          *at++ += bit_of(received[received.size() - 1 - i] ^ sent[sent.size() - 1 - j], bit);
  }
};

struct Evidence {
  std::string released = {};
  std::vector<Ones> parties = std::vector<Ones>(3);
};

Evidence evidence_of(const Body& body) {
  Evidence evidence;
  for (int run = 0; run < runs; ++run) {
    const View view = view_of(body);
    if (run == 0) evidence.released = view.released;
    EXPECT_EQ(view.released, evidence.released);
    for (std::size_t party = 0; party < 3; ++party) evidence.parties[party].add(view.received[party], view.sent[party]);
  }
  return evidence;
}

// The largest deviation between two, in standard errors, over all bits that the parties have seen. Party 0 has dealt the
// numbers in these runs and knows them.
double deviation(const Evidence& a, const Evidence& b) {
  double largest = 0;
  for (std::size_t party = 1; party < 3; ++party) {
    EXPECT_EQ(a.parties[party].counts.size(), b.parties[party].counts.size());
    for (std::size_t i = 0; i < a.parties[party].counts.size(); ++i) {
      const double x = a.parties[party].counts[i], y = b.parties[party].counts[i], p = (x + y) / (2 * runs);
      if (p > 0 && p < 1) largest = std::max(largest, std::abs(x - y) / std::sqrt(2 * runs * p * (1 - p)));
    }
  }
  return largest;
}

// Of the 2 * 10^6 comparisons below one is beyond this in fewer than one of 10^4 runs; a bit that tells is beyond 17.
constexpr double beyond = 6.8;

mpc::Shared<u128> share(Engine& engine, const Counts& counts) {
  const std::vector<u128> wide(counts.begin(), counts.end());
  return engine.share(0, engine.self() == 0 ? std::span<const u128>(wide) : std::span<const u128>(), counts.size());
}

std::string text(const std::optional<u128>& value) {
  return value ? std::to_string(static_cast<u64>(*value)) + " " : "- ";
}

Body table_of(const Counts& counts) {
  return [counts](Engine& engine) {
    mpc::SharedCells cells;
    cells.people = share(engine, counts);
    cells.totals = {counts.size()};
    const auto outcome = release(engine, {.cells = cells, .curve = {}}, {.minimum_cell = 5});
    std::string all;
    for (const auto& people : outcome.cells->people) all += text(people);
    for (const auto& totals : outcome.cells->totals)
      for (const auto& total : totals) all += text(total);
    return all;
  };
}

Body curve_of(const Counts& events, const Counts& censored) {
  return [events, censored](Engine& engine) {
    mpc::SharedCurve curve;
    curve.strata = 1;
    curve.grid = events.size();
    curve.events = share(engine, events);
    curve.censored = share(engine, censored);
    const auto outcome = release(engine, {.cells = {}, .curve = curve}, {.minimum_cell = 5});
    std::string all;
    for (const auto& stratum : *outcome.curve) {
      if (!stratum.passed) all += "closed ";
      for (const auto& step : stratum.steps) {
        all += std::to_string(step.from) + "-" + std::to_string(step.to) + ": " + text(step.events);
        all += text(step.censored) + text(step.at_risk);
      }
    }
    return all;
  };
}

// All bodies but the first that release what it does.
std::vector<Body> alternatives(const std::vector<Body>& bodies) {
  std::vector<Body> alike;
  const std::string released = view_of(bodies.front()).released;
  for (std::size_t i = 1; i < bodies.size(); ++i)
    if (view_of(bodies[i]).released == released) alike.push_back(bodies[i]);
  return alike;
}

void expect_alike(const std::vector<Body>& bodies) {
  const Evidence truth = evidence_of(bodies.front());
  for (std::size_t i = 1; i < bodies.size(); ++i) EXPECT_LT(deviation(truth, evidence_of(bodies[i])), beyond) << i;
}

TEST(Transcripts, OfATableDoNotTellWithheldNumbersApart) {
  std::vector<Body> bodies{table_of({3, 4, 30, 9})};
  for (u64 v = 0; v < 5; ++v) bodies.push_back(table_of({v, 4, 30, 9}));
  std::vector<Body> alike = alternatives(bodies);
  EXPECT_EQ(alike.size(), 5u);  // the total of all is withheld with them: any number is possible
  alike.insert(alike.begin(), bodies.front());
  expect_alike(alike);
}

TEST(Transcripts, OfACurveDoNotTellWithheldTimesApart) {
  // 5 events and 6 censorings make one step of 4 points; how they lie in it is withheld.
  std::vector<Body> bodies{curve_of({2, 1, 0, 2}, {1, 2, 0, 3})};
  for (u64 early = 0; early <= 4; ++early) {
    bodies.push_back(curve_of({early, 5 - early, 0, 0}, {1, 2, 0, 3}));
    bodies.push_back(curve_of({2, 1, 0, 2}, {early, 6 - early, 0, 0}));
  }
  std::vector<Body> alike = alternatives(bodies);
  EXPECT_GE(alike.size(), 4u);
  alike.resize(std::min<std::size_t>(alike.size(), 5));
  alike.insert(alike.begin(), bodies.front());
  expect_alike(alike);
}

// Numbers of people that show, to multiples of 5.
Body rounded_table_of(const Counts& counts) {
  return [counts](Engine& engine) {
    mpc::SharedCells cells{
        .people = share(engine, counts), .values = {}, .totals = {counts.size()}, .counts_only = true};
    const auto outcome = release(engine, {.cells = cells, .curve = {}}, {.minimum_cell = 8, .round_to = 5});
    std::string all;
    for (const auto& people : outcome.cells->people) all += text(people);
    return all + text(outcome.cells->totals[0][0]);
  };
}

TEST(Transcripts, OfRoundedNumbersDoNotTellThoseApartThatRoundAlike) {
  std::vector<Body> bodies{rounded_table_of({9, 21, 33})};  // 10, 20, 35, and 63 as 65
  for (const Counts& counts : {Counts{8, 22, 33}, {12, 19, 33}, {10, 20, 33}, {11, 21, 34}, {9, 21, 37}})
    bodies.push_back(rounded_table_of(counts));
  std::vector<Body> alike = alternatives(bodies);
  EXPECT_EQ(alike.size(), 5u);
  alike.insert(alike.begin(), bodies.front());
  expect_alike(alike);
}

// A table of three sites, protected: of each its numbers.
Body protected_table_of(const std::vector<Counts>& sites) {
  return [sites](Engine& engine) {
    mpc::SharedCells cells;
    for (const Counts& site : sites) {
      cells.sites.push_back({.people = share(engine, site)});
      cells.people = cells.people.size == 0 ? cells.sites[0].people : add(cells.people, cells.sites.back().people);
    }
    cells.totals = {sites[0].size()};
    const auto outcome = release(engine, {.cells = cells, .curve = {}}, {.minimum_cell = 5, .protect_sites = true});
    std::string all;
    for (const auto& people : outcome.cells->people) all += text(people);
    for (const auto& [rule, records] : outcome.cells->vetoed) all += rule + " " + std::to_string(records) + " ";
    return all + text(outcome.cells->totals[0][0]);
  };
}

// Neither for which site a number was closed, nor how many the others have.
TEST(Transcripts, OfProtectedSitesDoNotTellWhoseViewClosed) {
  std::vector<Body> bodies{protected_table_of({{30, 9}, {2, 9}, {1, 9}})};
  for (const std::vector<Counts>& sites : {std::vector<Counts>{{30, 9}, {4, 9}, {0, 9}},
                                           {{1, 9}, {2, 9}, {30, 9}},
                                           {{0, 9}, {40, 9}, {1, 9}},
                                           {{1, 9}, {1, 9}, {1, 9}}})
    bodies.push_back(protected_table_of(sites));
  std::vector<Body> alike = alternatives(bodies);
  EXPECT_EQ(alike.size(), 3u);  // where fewer than five have it in all, the minimum cell closes it
  alike.insert(alike.begin(), bodies.front());
  expect_alike(alike);
}

TEST(Transcripts, OfADoorThatOpensABitMoreTell) {
  const auto leaky = [](u64 value) -> Body {
    return [value](Engine& engine) {
      const std::string released = table_of({value, 4, 30, 9})(engine);
      engine.open_bits(engine.bit(share(engine, {value}), 0));
      return released;
    };
  };
  EXPECT_GT(deviation(evidence_of(leaky(3)), evidence_of(leaky(2))), 15);
}

}  // namespace
}  // namespace cohortium::release
