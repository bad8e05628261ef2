#include "node/contribution.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "node/dealt.h"

namespace cohortium::node {
namespace {

using mpc::Shared;
using mpc::u128;

static_assert(std::endian::native == std::endian::little, "messages are written as they lie in memory");

constexpr std::size_t most_state = std::size_t{1} << 20;  // bytes of a question

struct Question {
  std::uint32_t analysis = 0;
  std::vector<double> state;
};

Bytes encode(std::uint32_t analysis, std::span<const double> state) {
  Bytes message(sizeof analysis + state.size_bytes());
  std::memcpy(message.data(), &analysis, sizeof analysis);
  if (!state.empty()) std::memcpy(message.data() + sizeof analysis, state.data(), state.size_bytes());
  return message;
}

Question decode(const Bytes& message) {
  Question question;
  const bool fits =
      message.size() >= sizeof question.analysis && (message.size() - sizeof question.analysis) % sizeof(double) == 0;
  if (!fits) throw Failure({.code = "study.bad_step", .message = "a compute party's question is no list of numbers"});
  std::memcpy(&question.analysis, message.data(), sizeof question.analysis);
  question.state.resize((message.size() - sizeof question.analysis) / sizeof(double));
  if (!question.state.empty())
    std::memcpy(question.state.data(), message.data() + sizeof question.analysis,
                question.state.size() * sizeof(double));
  return question;
}

// The rows of all sites, column by column, from each site's columns.
Shared<u128> join_columns(const std::vector<Shared<u128>>& sites, std::size_t columns) {
  std::vector<Shared<u128>> parts;
  for (std::size_t c = 0; c < columns; ++c) {
    for (const Shared<u128>& site : sites) {
      const std::size_t rows = site.size / columns;
      parts.push_back(slice(site, c * rows, rows));
    }
  }
  return concatenate(std::span<const Shared<u128>>(parts));
}

}  // namespace

SiteSide::SiteSide(const study::Plan& plan, const data::Table& table, std::vector<net::Channel*> channels)
    : plan_(plan), table_(table), channels_(std::move(channels)) {}

void SiteSide::deal() {
  if (plan_.row_columns() > 0) {
    const std::uint64_t rows = study::padded_rows(table_.rows);
    for (net::Channel* channel : channels_) channel->send(std::as_bytes(std::span(&rows, 1)));
  }
  std::vector<u128> values = plan_.local(table_);
  deal_out(plan_.study().protocol, values, channels_);
}

void SiteSide::answer() {
  if (plan_.steps() == 0) return;
  std::map<std::size_t, std::size_t> asked;
  while (true) {
    std::vector<Bytes> questions;
    for (net::Channel* channel : channels_) questions.push_back(channel->receive_message(most_state));
    for (std::size_t i = 1; i < questions.size(); ++i) {
      if (questions[i] == questions[0]) continue;
      throw Failure({.code = "node.unequal_questions",
                     .message = "the compute parties do not ask the same of this site",
                     .where = channels_[0]->peer() + ", " + channels_[i]->peer(),
                     .remedy = "let all compute parties run the same version on the same kind of machine; if they do, "
                               "one of them deviates"});
    }
    if (questions[0].empty()) return;
    const Question question = decode(questions[0]);
    for (double x : question.state) {
      if (!std::isfinite(x))
        throw Failure({.code = "study.bad_step", .message = "a compute party's question is not finite"});
    }
    if (question.analysis >= plan_.declarations().size() ||
        ++asked[question.analysis] > plan_.declarations()[question.analysis].steps) {
      throw Failure({.code = "study.bad_step", .message = "the compute parties ask more than the study allows"});
    }
    std::vector<u128> values = plan_.step(question.analysis, table_, question.state);
    deal_out(plan_.study().protocol, values, channels_);
  }
}

PartySide::PartySide(const study::Plan& plan, mpc::Engine& engine, const Connect& connect)
    : plan_(plan), engine_(engine) {
  std::vector<study::SiteShares> sites;
  for (const std::string& site : plan.study().sites) {
    channels_.push_back(&connect(site));
    sites.push_back(receive(*channels_.back(), site));
  }
  study::require_bounds(engine, plan, sites);
  inputs_.aggregates = slice(sites.front().values, 0, plan.aggregate_size());
  std::vector<Shared<u128>> rows;
  for (study::SiteShares& site : sites) {
    if (&site != &sites.front())
      inputs_.aggregates = add(inputs_.aggregates, slice(site.values, 0, plan.aggregate_size()));
    if (plan.by_site()) inputs_.sites.push_back(slice(site.values, 0, plan.aggregate_size()));
    rows.push_back(slice(site.values, plan.aggregate_size(), site.values.size - plan.aggregate_size()));
    inputs_.row_count += site.rows;
    site.values = {};
  }
  if (plan.row_columns() > 0) inputs_.rows = join_columns(rows, plan.row_columns());
  inputs_.ask = [this](std::size_t analysis, std::span<const double> state) { return ask(analysis, state); };
}

study::SiteShares PartySide::receive(net::Channel& channel, const std::string& site) {
  std::uint64_t row_count = 0;
  if (plan_.row_columns() > 0) {
    channel.receive(std::as_writable_bytes(std::span(&row_count, 1)));
    if (row_count > study::padded_rows(plan_.most_rows()) || row_count != study::padded_rows(row_count)) {
      throw Failure({.code = "node.bad_row_count",
                     .message = "the site announces a number of rows that no site can have",
                     .where = channel.peer(),
                     .remedy = "let the site run the same version of this program"});
    }
  }
  const std::size_t count = plan_.aggregate_size() + plan_.row_columns() * row_count;
  return {.site = site, .values = adopt_dealt(engine_, channel, count), .rows = row_count};
}

Shared<u128> PartySide::ask(std::size_t analysis, std::span<const double> state) {
  const Bytes question = encode(static_cast<std::uint32_t>(analysis), state);
  COHORTIUM_CHECK(question.size() <= most_state);
  for (net::Channel* channel : channels_) {
    channel->send(question);
    channel->flush();
  }
  const std::size_t count = plan_.step_size(analysis);
  Shared<u128> sum;
  for (net::Channel* channel : channels_) {
    const Shared<u128> answer = adopt_dealt(engine_, *channel, count);
    sum = sum.size == 0 ? answer : add(sum, answer);
  }
  return sum;
}

void PartySide::finish() {
  if (plan_.steps() == 0) return;
  for (net::Channel* channel : channels_) {
    channel->send({});
    channel->flush();
  }
}

}  // namespace cohortium::node
