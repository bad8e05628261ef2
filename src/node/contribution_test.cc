// Sites and compute parties over memory channels: what is shared adds up, questions are answered, and a party that asks
// on its own, too often or nonsense is refused.
#include "node/contribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <future>
#include <limits>
#include <span>

#include "base/error.h"
#include "mpc/dealing.h"
#include "mpc/protocols.h"
#include "mpc/simulate.h"
#include "net/memory_channel.h"
#include "study/study_file.h"

namespace cohortium::node {
namespace {

using mpc::u128;

study::Plan plan_of_counts() {
  return study::Plan(study::parse_study(R"({"cohortium": 1, "title": "t", "purpose": "p", "sites": ["a", "b"],
    "data": {"table": "t", "columns": {"arm": {"type": "category", "levels": [1, 2]}}},
    "analyses": [{"id": "n", "kind": "count", "by": "arm"}]})",
                                        "test"));
}

data::Table table_of(const study::Plan& plan, std::vector<std::uint16_t> arms) {
  data::Table table{.rows = arms.size()};
  table.columns.push_back({.declaration = plan.study().data.columns[0], .level = std::move(arms)});
  return table;
}

TEST(Contribution, AggregatesOfAllSitesAddUp) {
  const study::Plan plan = plan_of_counts();
  const std::vector<data::Table> tables{table_of(plan, {0, 0, 1}), table_of(plan, {1, 1})};
  std::vector<std::vector<std::unique_ptr<net::Channel>>> to_party(2), from_site(3);
  for (auto& ends : to_party) {
    for (auto& party : from_site) {
      auto [site, other] = net::memory_channel_pair("party", "site", std::chrono::seconds(10));
      ends.push_back(std::move(site));
      party.push_back(std::move(other));
    }
  }
  for (std::size_t s = 0; s < 2; ++s) {
    std::vector<net::Channel*> channels;
    for (const auto& channel : to_party[s]) channels.push_back(channel.get());
    SiteSide site(plan, tables[s], channels);
    site.deal();
    site.answer();
  }
  const auto sums = mpc::simulate("replicated3", [&](mpc::Engine& engine) {
    auto& channels = from_site[static_cast<std::size_t>(engine.self())];
    PartySide sites(plan, engine, [&](const std::string& name) -> net::Channel& { return *channels[name == "b"]; });
    sites.finish();
    return engine.open(sites.inputs().aggregates);
  });
  EXPECT_EQ(sums[0], (std::vector<u128>{2, 3}));
}

// Two sites of a study of ranks, one of which changes what it shares: the error with which the parties end.
std::string outcome_of_a_lie(const std::string& protocol, const std::function<void(std::vector<u128>&)>& lie) {
  const study::Plan plan(study::parse_study(R"({"cohortium": 1, "title": "t", "purpose": "p", "sites": ["a", "b"],
    "security": {"protocol": ")" + protocol + R"("},
    "data": {"table": "t", "columns": {"arm": {"type": "category", "levels": [1, 2]},
                                       "x": {"type": "number", "range": [-10, 10]}}},
    "analyses": [{"id": "n", "kind": "count", "by": "arm"}, {"id": "m", "kind": "describe", "column": "x", "by": "arm"},
                 {"id": "r", "kind": "mann_whitney", "column": "x", "by": "arm"}]})",
                                            "test"));
  data::Table liars = table_of(plan, {0, 0, 1}), others = table_of(plan, std::vector<std::uint16_t>(37, 1));
  liars.columns.push_back({.declaration = plan.study().data.columns[1], .number = {-10, 10, 0.5}});
  others.columns.push_back({.declaration = plan.study().data.columns[1], .number = std::vector<double>(37, 2.0)});
  const auto count = static_cast<std::size_t>(mpc::parties_of(protocol));
  std::vector<std::vector<std::unique_ptr<net::Channel>>> from_site(count);
  for (const bool lies : {false, true}) {
    const data::Table& table = lies ? liars : others;
    std::vector<u128> values = plan.local(table);
    if (lies) lie(values);
    const std::vector<Bytes> parts = mpc::deal(protocol, values);
    const std::uint64_t rows = study::padded_rows(table.rows);
    for (std::size_t party = 0; party < count; ++party) {
      auto [site, other] = net::memory_channel_pair("party", lies ? "b" : "a", std::chrono::seconds(10));
      site->send(std::as_bytes(std::span(&rows, 1)));
      site->send(parts[party]);
      from_site[party].push_back(std::move(other));
    }
  }
  const auto outcomes = mpc::simulate(protocol, [&](mpc::Engine& engine) {
    auto& channels = from_site[static_cast<std::size_t>(engine.self())];
    const auto done = attempt([&] {
      return PartySide(plan, engine, [&](const std::string& name) -> net::Channel& { return *channels[name == "b"]; })
          .inputs()
          .row_count;
    });
    return done.ok() ? "taken" : done.error().code + " of " + done.error().where;
  });
  for (const std::string& outcome : outcomes) EXPECT_EQ(outcome, outcomes[0]);
  return outcomes[0];
}

class Lies : public ::testing::TestWithParam<const char*> {};

// In the vector: two counts of arms, two people with a value, two sums, two sums of squares, two people, then 16 rows' keys, first and second arms.
TEST_P(Lies, OfASiteAreFoundByTheirImpossibility) {
  const auto outcome = [](std::size_t at, u128 value) {
    return outcome_of_a_lie(GetParam(), [&](std::vector<u128>& values) { values.at(at) = value; });
  };
  const std::string found = "study.impossible_share of b";
  constexpr std::size_t sum = 4, square = 6, key = 10, first = key + 16, second = first + 16;
  EXPECT_EQ(outcome(0, 2), "taken");              // what it is
  EXPECT_EQ(outcome(0, u128{1} << 26), "taken");  // as many people as a site may bring: cannot be told from the truth
  EXPECT_EQ(outcome(0, (u128{1} << 26) + 1), found);   // more
  EXPECT_EQ(outcome(1, ~u128{0}), found);              // -1: would hide others' people
  EXPECT_EQ(outcome(1, u128{1} << 127), found);        // the lowest number of the ring
  EXPECT_EQ(outcome(1, (u128{1} << 127) - 1), found);  // and the highest
  EXPECT_EQ(outcome(sum, u128{1} << 120), found);
  EXPECT_EQ(outcome(square, ~u128{0}), found);  // a square below 0
  EXPECT_EQ(outcome(key, (u128{1} << 62) + 1), found);
  EXPECT_EQ(outcome(first, 2), found);          // one row that counts twice
  EXPECT_EQ(outcome(second, 1), found);         // one row in two groups
  EXPECT_EQ(outcome(second + 15, 1), "taken");  // a row of padding that takes part: a record like another
  EXPECT_EQ(outcome(second + 15, ~u128{0}), found);
}

INSTANTIATE_TEST_SUITE_P(Protocols, Lies, ::testing::Values("replicated3-malicious", "replicated4"),
                         [](const auto& instance) { return mpc::parties_of(instance.param) == 4 ? "four" : "three"; });

// Where parties are trusted to follow the protocol, sites are.
TEST(Contribution, UnderAProtocolWithoutCheatsNothingIsHeldAgainstASite) {
  EXPECT_EQ(outcome_of_a_lie("replicated3", [](std::vector<u128>& values) { values[1] = ~u128{0}; }), "taken");
}

// A site of a model whose steps are opened, and what three compute parties say to it.
class Questions : public ::testing::Test {
 protected:
  Questions()
      : plan_(study::parse_study(R"({"cohortium": 1, "title": "t", "purpose": "p", "sites": ["a", "b"],
          "data": {"table": "t", "columns": {"y": {"type": "number", "range": [0, 9]},
                                             "x": {"type": "number", "range": [0, 9]}}},
          "analyses": [{"id": "n", "kind": "glm", "formula": "y ~ x", "family": "poisson", "strength": "opened"}]})",
                                 "test")) {
    table_.rows = 4;
    for (const auto& column : plan_.study().data.columns)
      table_.columns.push_back({.declaration = column, .number = {1, 3, 2, 5}});
    for (int party = 0; party < 3; ++party) {
      auto [site, other] = net::memory_channel_pair("party" + std::to_string(party), "site", std::chrono::seconds(10));
      to_parties_.push_back(std::move(site));
      parties_.push_back(std::move(other));
    }
  }

  static Bytes question(std::uint32_t analysis, std::vector<double> state) {
    Bytes message(sizeof analysis + state.size() * sizeof(double));
    const auto head = std::as_bytes(std::span(&analysis, 1)), rest = std::as_bytes(std::span(state));
    std::copy(rest.begin(), rest.end(), std::copy(head.begin(), head.end(), message.begin()));
    return message;
  }
  void ask(const Bytes& message) {
    for (const auto& party : parties_) party->send(message);
  }
  // How the site ends, once everything has been asked.
  std::string outcome() {
    std::vector<net::Channel*> channels;
    for (const auto& channel : to_parties_) channels.push_back(channel.get());
    const auto done = attempt([&] {
      SiteSide(plan_, table_, channels).answer();
      return true;
    });
    return done.ok() ? "done" : done.error().code;
  }

  study::Plan plan_;
  data::Table table_;
  std::vector<std::unique_ptr<net::Channel>> to_parties_, parties_;
  const std::vector<double> start_ = std::vector<double>(4);
};

TEST_F(Questions, AreAnsweredWhereAllPartiesAskAlike) {
  ask(question(0, start_));
  ask({});
  EXPECT_EQ(outcome(), "done");
  for (const auto& party : parties_) EXPECT_GT(party->receive_message(1 << 20).size(), 0u);
}

TEST_F(Questions, OfOnePartyAloneAreRefused) {
  std::vector<double> other = start_;
  other.back() = 1;
  parties_[0]->send(question(0, start_));
  parties_[1]->send(question(0, start_));
  parties_[2]->send(question(0, other));
  EXPECT_EQ(outcome(), "node.unequal_questions");
  for (const auto& party : parties_) {
    Bytes nothing(1);
    EXPECT_FALSE(attempt([&] { return party->try_receive(nothing); }).value());
  }
}

TEST_F(Questions, ThatMakeNoSenseAreRefused) {
  for (const Bytes& message : {Bytes(3), Bytes(7), question(1, start_), question(0xffffffff, start_),
                               question(0, {std::numeric_limits<double>::quiet_NaN(), 0, 0, 0}),
                               question(0, {0, 0, std::numeric_limits<double>::infinity(), 0}), question(0, {0})}) {
    ask(message);
    EXPECT_EQ(outcome(), "study.bad_step") << message.size();
  }
}

TEST_F(Questions, EndWithThePlansNumber) {
  for (std::size_t i = 0; i <= plan_.steps(); ++i) ask(question(0, start_));
  EXPECT_EQ(outcome(), "study.bad_step");
}

TEST(PaddedRows, CoverTheRowsAndTellLittle) {
  std::size_t last = 0;
  for (std::size_t rows : {0, 1, 15, 16, 17, 100, 1000, 1023, 1024, 1025, 100'000, 1'000'000}) {
    const std::size_t padded = study::padded_rows(rows);
    EXPECT_GE(padded, std::max<std::size_t>(rows, 16)) << rows;
    EXPECT_LE(8 * padded, std::max<std::size_t>(9 * rows + 8, 128)) << rows;
    EXPECT_GE(padded, last) << rows;
    EXPECT_EQ(study::padded_rows(padded), padded) << rows;
    last = padded;
  }
}

}  // namespace
}  // namespace cohortium::node
