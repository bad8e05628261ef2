#include "node/dealt.h"

#include "base/error.h"
#include "base/memory.h"
#include "mpc/dealing.h"

namespace cohortium::node {

using mpc::u128;

void deal_out(std::string_view protocol, std::span<u128> values, const std::vector<net::Channel*>& channels) {
  const std::vector<Bytes> parts = mpc::deal(protocol, values);
  wipe(values.data(), values.size_bytes());
  for (std::size_t i = 0; i < channels.size(); ++i) channels[i]->send(parts[i]);
  for (net::Channel* channel : channels) channel->flush();
}

mpc::Shared<u128> adopt_dealt(mpc::Engine& engine, net::Channel& site, std::size_t count) {
  const Bytes part = site.receive_message(1024 + 2 * sizeof(u128) * count);
  auto shares = attempt([&] { return engine.adopt(part, count); });
  if (shares.ok()) return std::move(shares).value();
  Error error = shares.error();
  if (error.code == "mpc.inconsistent_shares") error.where = site.peer() + ", " + error.where;
  throw Failure(error);
}

}  // namespace cohortium::node
