// How the parties of a benchmark reach one another: mutual TLS on loopback between processes, or memory channels between
// threads of one process. A program may bring another one (bench/engine_bench brings TCP without TLS).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mpc/engine.h"
#include "net/channel.h"
#include "net/shaped_channel.h"

namespace cohortium::bench {

// channels[lane][peer]; null for oneself.
using Lanes = std::vector<std::vector<std::unique_ptr<net::Channel>>>;
// Tells the other parties one's port; returns everybody's.
using ExchangePorts = std::function<std::vector<std::uint16_t>(std::uint16_t own)>;

struct Transport {
  std::string name;
  bool processes = true;  // one per party; else one process with a thread per party
  // Called once by every party.
  std::function<Lanes(mpc::PartyId self, const ExchangePorts& exchange_ports)> connect;
};

// Keys are made for this one run and never touch a disk.
Transport tls_transport(int parties, int lanes);
Transport memory_transport(int parties, int lanes);

// The same over links of the network's latency and bandwidth, played in process. Fails with bench.bad_option for a network
// that nobody knows. Call it in the process that connects.
Lanes shape_lanes(Lanes lanes, const std::string& network);
// Refuses unknown names.
net::LinkShape shape_of_network(const std::string& network);

// Connects every pair over `lanes` streams each: the later party calls, the earlier one answers. For transports over
// sockets: `call(port, peer)` and `answer()` give a stream; peer_of tells whose it is.
template <class Stream, class Call, class Answer, class PeerOf>
std::vector<std::vector<Stream>> connect_streams(mpc::PartyId self, int parties, int lanes,
                                                 const std::vector<std::uint16_t>& ports, Call call, Answer answer,
                                                 PeerOf peer_of) {
  std::vector<std::vector<Stream>> streams(lanes);  // [lane][peer], empty for oneself
  for (auto& lane : streams) lane.resize(parties);
  for (mpc::PartyId peer = 0; peer < self; ++peer) {
    for (int lane = 0; lane < lanes; ++lane) streams[lane][peer] = call(ports[peer], peer);
  }
  // A caller opens its streams one after the other, so that they arrive in the order of the lanes.
  std::vector<int> arrived(parties, 0);
  for (int expected = (parties - 1 - self) * lanes; expected > 0; --expected) {
    Stream stream = answer();
    const mpc::PartyId peer = peer_of(stream);
    streams[arrived[peer]++][peer] = std::move(stream);
  }
  return streams;
}

}  // namespace cohortium::bench
