#include "bench/transport.h"

#include "base/error.h"
#include "net/certificate.h"
#include "net/faults.h"
#include "net/memory_channel.h"
#include "net/tls_channel.h"

namespace cohortium::bench {
namespace {

constexpr std::chrono::seconds connect_patience{10};

std::string name_of(mpc::PartyId party) { return "party" + std::to_string(party); }

struct Identities {
  std::vector<net::TlsIdentity> of_party;
  net::PinnedPeers pins;

  explicit Identities(int parties) {
    for (mpc::PartyId party = 0; party < parties; ++party) {
      const net::PrivateKey key = net::PrivateKey::generate();
      of_party.push_back({.certificate = net::make_certificate(key, name_of(party)), .key = key});
      pins[name_of(party)] = net::public_key_fingerprint(key.public_key());
    }
  }
};

using Stream = std::unique_ptr<net::TlsStream>;

Lanes connect_tls_lanes(const Identities& identities, mpc::PartyId self, int lanes, const ExchangePorts& exchange) {
  const int parties = static_cast<int>(identities.of_party.size());
  const net::TlsIdentity& identity = identities.of_party[self];
  net::TlsListener listener("127.0.0.1", 0, identity, identities.pins);
  const std::vector<std::uint16_t> ports = exchange(listener.port());
  const auto call = [&](std::uint16_t port, mpc::PartyId peer) {
    return net::connect_tls("127.0.0.1", port, identity, identities.pins, name_of(peer), net::channel_protocol,
                            net::after(connect_patience));
  };
  const auto answer = [&] {
    Stream stream = listener.accept(connect_patience);
    if (!stream) throw Failure(net::peer_silent("another party", connect_patience));
    stream->handshake(net::after(connect_patience));
    return stream;
  };
  const auto peer_of = [](const Stream& stream) { return std::stoi(stream->peer().substr(name_of(0).size() - 1)); };
  auto streams = connect_streams<Stream>(self, parties, lanes, ports, call, answer, peer_of);
  Lanes result;
  for (auto& lane : streams) {
    lane.erase(lane.begin() + self);
    result.push_back(net::make_tls_channels(std::move(lane)));
    result.back().insert(result.back().begin() + self, nullptr);
  }
  return result;
}

}  // namespace

net::LinkShape shape_of_network(const std::string& network) {
  if (const auto shape = net::link_shape(network)) return *shape;
  throw Failure({.code = "bench.bad_option",
                 .message = "there is no network \"" + network + "\"",
                 .where = "--network",
                 .remedy = "use loopback, lan, national-wan, wan or bad-wan"});
}

Lanes shape_lanes(Lanes lanes, const std::string& network) {
  const net::LinkShape shape = shape_of_network(network);
  if (shape == net::LinkShape{}) return lanes;
  std::vector<std::shared_ptr<net::ShapedLink>> links;  // by peer: lanes share them
  for (std::size_t peer = 0; peer < lanes.front().size(); ++peer) {
    links.push_back(std::make_shared<net::ShapedLink>(shape));
    for (auto& lane : lanes) {
      if (lane[peer]) lane[peer] = net::shape(std::move(lane[peer]), links[peer]);
    }
  }
  return lanes;
}

Transport tls_transport(int parties, int lanes) {
  const auto identities = std::make_shared<const Identities>(parties);
  return {.name = "tls", .processes = true, .connect = [=](mpc::PartyId self, const ExchangePorts& exchange) {
            return connect_tls_lanes(*identities, self, lanes, exchange);
          }};
}

Transport memory_transport(int parties, int lanes) {
  const auto all = std::make_shared<std::vector<Lanes>>(parties);
  for (Lanes& own : *all) {
    own.resize(lanes);
    for (auto& lane : own) lane.resize(parties);
  }
  for (int lane = 0; lane < lanes; ++lane) {
    for (mpc::PartyId a = 0; a < parties; ++a) {
      for (mpc::PartyId b = a + 1; b < parties; ++b) {
        auto [first, second] = net::memory_channel_pair(name_of(a), name_of(b));
        (*all)[a][lane][b] = std::move(first);
        (*all)[b][lane][a] = std::move(second);
      }
    }
  }
  return {.name = "memory", .processes = false, .connect = [all](mpc::PartyId self, const ExchangePorts&) {
            return std::move((*all)[self]);
          }};
}

}  // namespace cohortium::bench
