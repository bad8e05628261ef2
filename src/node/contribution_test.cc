// Sites and compute parties over memory channels: what is shared adds up, questions are answered, and a party that asks
// on its own, too often or nonsense is refused.
#include "node/contribution.h"

#include <gtest/gtest.h>

#include <cstring>
#include <future>
#include <limits>

#include "base/error.h"
#include "mpc/simulate.h"
#include "net/memory_channel.h"
#include "study/study_file.h"

namespace cohortium::node {
namespace {

using mpc::u128;

// A plan cannot be given analyses that do not exist, so the questions here go to one that has no steps.
study::Plan plan_without_steps() {
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
  const study::Plan plan = plan_without_steps();
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
