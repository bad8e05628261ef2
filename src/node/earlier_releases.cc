#include "node/earlier_releases.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "base/clock.h"
#include "base/error.h"
#include "node/dealt.h"
#include "node/release_list.h"

namespace cohortium::node {
namespace {

using governance::Release;

constexpr std::size_t most_list = std::size_t{1} << 24;      // bytes
constexpr std::size_t most_overlaps = std::size_t{1} << 20;  // of groups: two comparisons of 33 bits each
constexpr std::size_t most_in_threes = 32;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

bool matters(const Release& release, const study::Plan& plan) {
  return release.shape.minimum > 1 && plan.study().release.minimum_cell > 1;
}

// The latest first. As many of these as there is room for are compared family by family, the others only as wholes.
std::vector<Release> chosen(std::vector<Release> releases, const release::ReleaseShape& now) {
  std::sort(releases.begin(), releases.end(),
            [](const Release& a, const Release& b) { return std::tie(b.time, b.run) < std::tie(a.time, a.run); });
  if (releases.size() * now.groups() > most_overlaps)
    throw Failure({.code = "release.too_many_groups",
                   .message = fmt::format("its {} groups cannot be compared with {} earlier releases", now.groups(),
                                          releases.size()),
                   .where = "/analyses",
                   .rule = fmt::format("a study is compared with all earlier releases, and with at most {} groups of "
                                       "them in all",
                                       most_overlaps / now.groups()),
                   .remedy = "ask for fewer groups"});
  std::size_t room = most_overlaps - releases.size() * now.groups();
  for (Release& release : releases) {
    const std::size_t more = now.groups() * (release.shape.groups() - 1);
    if (more > room) release.shape.families = {1};
    if (more <= room) room -= more;
  }
  return releases;
}

release::DifferenceShape shape_of(const release::ReleaseShape& now, const std::vector<Release>& releases) {
  release::DifferenceShape shape{.now = now, .earlier = {}, .in_threes = std::min(releases.size(), most_in_threes)};
  for (const Release& release : releases) shape.earlier.push_back(release.shape);
  return shape;
}

void expect_empty(net::Channel& channel) { channel.receive({}); }

void send(net::Channel& channel, std::span<const std::byte> message) {
  channel.send(message);
  channel.flush();
}

[[noreturn]] void refuse(const study::Plan& plan, const study::ReleasedGroups& groups,
                         const std::vector<Release>& releases, const release::SmallDifferences& found) {
  constexpr std::size_t most_named = 5;
  std::vector<std::string> places;
  for (std::size_t e = 0; e < found.families.size(); ++e) {
    for (std::size_t f = 0; f < found.families[e].size(); ++f) {
      if (!found.families[e][f]) continue;
      const std::string of = groups.analysis(f).empty() ? "everyone it selects" : "analysis " + groups.analysis(f);
      const std::string place =
          fmt::format("{}: study {} of {}", of, releases[e].study.substr(0, 12), releases[e].time);
      if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
    }
  }
  auto pair = found.pairs.begin();
  for (std::size_t j = 1; pair != found.pairs.end(); ++j)
    for (std::size_t i = 0; i < j; ++i, ++pair)
      if (*pair)
        places.push_back(fmt::format("everyone it selects: studies {} and {}", releases[i].study.substr(0, 12),
                                     releases[j].study.substr(0, 12)));
  if (places.size() > most_named) places.resize(most_named);
  throw Failure({.code = "release.small_difference",
                 .message = fmt::format("its numbers could be subtracted from those of earlier studies, which would "
                                        "leave some people, but fewer than {}",
                                        plan.study().release.minimum_cell),
                 .where = fmt::format("{}", fmt::join(places, "; ")),
                 .rule = "what a study shows differs from what was shown before by nobody or by enough people",
                 .remedy = "ask for the same groups as before or for clearly other ones, or with noise "
                           "(release/privacy); see docs/disclosure.md"});
}

}  // namespace

void pass_earlier_releases(const study::Plan& plan, const std::string& run, const data::Table& table,
                           governance::ReleaseLedger& ledger, const std::vector<net::Channel*>& channels) {
  if (plan.study().privacy) return;
  const study::ReleasedGroups groups(plan.study(), plan.declarations());
  const study::ReleasedRows now = study::released_rows(table.names, groups.of_rows(table));
  for (net::Channel* channel : channels) send(*channel, {});
  for (net::Channel* channel : channels) expect_empty(*channel);
  const auto turn = ledger.turn();
  std::map<std::string, Release> own;
  for (Release& release : ledger.releases())
    if (matters(release, plan)) own.emplace(release.run, std::move(release));
  std::vector<Release> told;
  for (const auto& [known, release] : own) told.push_back(release);
  for (net::Channel* channel : channels) send(*channel, bytes_of(release_list(told)));

  const Bytes compared = channels.front()->receive_message(64 * most_list);
  for (std::size_t i = 1; i < channels.size(); ++i) {
    if (channels[i]->receive_message(64 * most_list) == compared) continue;
    throw Failure({.code = "node.unequal_questions",
                   .message = "the compute parties do not compare with the same earlier releases",
                   .where = channels.front()->peer() + ", " + channels[i]->peer(),
                   .remedy = "let all compute parties run the same version; if they do, one of them deviates"});
  }
  const std::vector<Release> releases = read_release_list(compared, channels.front()->peer());
  std::vector<study::ReleasedRows> earlier;
  for (const Release& release : releases) {
    const auto mine = own.find(release.run);
    earlier.push_back(mine == own.end() ? study::ReleasedRows() : ledger.rows(mine->second));
    if (mine == own.end()) continue;
    const std::vector<std::size_t>& families = mine->second.shape.families;
    if (release.shape.families.size() > families.size() ||
        !std::equal(release.shape.families.begin(), release.shape.families.end(), families.begin()))
      refuse_release_list(channels.front()->peer());
    own.erase(mine);
  }
  if (!own.empty())
    refuse_release_list(channels.front()->peer());  // something that this site has released would be left out
  if (!releases.empty()) {
    std::vector<mpc::u128> counts = study::count_differences(shape_of(groups.shape(), releases), now,
                                                             std::span<const study::ReleasedRows>(earlier));
    deal_out(plan.study().protocol, counts, channels);
  }
  for (net::Channel* channel : channels) expect_empty(*channel);
  ledger.record({.run = run, .study = plan.study().hash, .time = timestamp(), .shape = groups.shape()}, now);
}

void require_no_small_difference(const study::Plan& plan, mpc::Engine& engine,
                                 const std::vector<net::Channel*>& sites) {
  if (plan.study().privacy) return;
  const study::ReleasedGroups groups(plan.study(), plan.declarations());
  for (net::Channel* site : sites) expect_empty(*site);
  for (net::Channel* site : sites) send(*site, {});
  std::map<std::string, Release> by_run;
  for (net::Channel* site : sites) {
    for (Release& release : read_release_list(site->receive_message(most_list), site->peer())) {
      const auto [known, is_new] = by_run.emplace(release.run, release);
      if (is_new) continue;
      if (known->second.study != release.study || known->second.shape != release.shape)
        refuse_release_list(site->peer());
      known->second.time = std::max(known->second.time, release.time);
    }
  }
  std::vector<Release> releases;
  for (auto& [run, release] : by_run)
    if (matters(release, plan)) releases.push_back(std::move(release));
  releases = chosen(std::move(releases), groups.shape());
  for (net::Channel* site : sites) send(*site, bytes_of(release_list(releases)));
  if (!releases.empty()) {
    const release::DifferenceShape shape = shape_of(groups.shape(), releases);
    mpc::Shared<mpc::u128> counts;
    for (net::Channel* site : sites) {
      const mpc::Shared<mpc::u128> part = adopt_dealt(engine, *site, shape.counts());
      counts = counts.size == 0 ? part : add(counts, part);
    }
    const release::SmallDifferences found = release::small_differences(engine, shape, narrow(counts));
    if (found.any()) refuse(plan, groups, releases, found);
  }
  for (net::Channel* site : sites) send(*site, {});
}

}  // namespace cohortium::node
