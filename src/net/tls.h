// TLS 1.3 between the members of a consortium, on one port for two languages.
//
//   Version      1.3 only; AES-128-GCM first, AES-256-GCM accepted; X25519, then P-256; no tickets, no resumption, no
//                early data
//   Identity     both ends show a certificate. Chains, names and dates in it are not looked at: the key must be pinned
//                (PinnedPeers, filled from the consortium file), and that key's name is the peer. A client also says
//                whom it expects. Anything else is net.wrong_certificate.
//   Language     ALPN, mandatory: "cohortium-channel/1" (messages of a run, see tls_channel.h) or "http/1.1" (control)
//   Waiting      sockets never block. What waits has a deadline; what must not wait (try_read, write, flush) says so.
//   Signals      writing to a closed connection raises no SIGPIPE (every write carries MSG_NOSIGNAL).
//
// In TLS 1.3 a client is through its handshake before the server has looked at its certificate: a server's refusal
// shows at the client's first read, as net.wrong_certificate.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "net/byte_stream.h"
#include "net/private_key.h"
#include "net/socket.h"

namespace cohortium::net {

inline constexpr const char* channel_protocol = "cohortium-channel/1";
inline constexpr const char* http_protocol = "http/1.1";

// A certificate in PEM and its key. Where they do not belong together, what needs them fails with net.bad_identity.
struct TlsIdentity {
  std::string certificate;
  PrivateKey key;
};

// Name to fingerprint (certificate.h).
using PinnedPeers = std::map<std::string, std::string>;

class TlsStream final : public ByteStream {
 public:
  struct State;
  explicit TlsStream(std::unique_ptr<State> state);
  ~TlsStream() override;  // without close(): the peer sees the connection break

  // A stream from TlsListener needs this first, best in the thread that will use it: a slow client then delays nobody
  // else. Fails with net.wrong_certificate or net.tls_failed (also when the deadline passes).
  void handshake(Deadline deadline);

  const std::string& peer() const override;  // the pinned name; empty before the handshake
  const std::string& address() const;        // "192.0.2.1:4711"
  const std::string& protocol() const;       // what ALPN chose

  // Waits for data; 0 is the peer's goodbye. Fails with net.peer_silent after the timeout, or with net.peer_closed.
  std::size_t read_some(std::span<std::byte> out, std::chrono::milliseconds timeout);
  // Writes everything; the timeout restarts whenever the peer takes some.
  void write_all(std::span<const std::byte> bytes, std::chrono::milliseconds timeout);
  void close(std::chrono::milliseconds timeout) override;

  // Without waiting, for event loops.
  Read try_read(std::span<std::byte> out) override;
  void write(std::span<const std::byte> bytes, bool more_follows = false) override;  // encrypts
  bool flush() override;
  bool output_is_pending() const override;
  const Socket& socket() const override;

 private:
  void wait(short events, Deadline deadline, std::chrono::milliseconds timeout);
  std::unique_ptr<State> state_;
};

class TlsListener {
 public:
  // Port 0 takes any free one. Fails with net.cannot_listen or net.bad_identity.
  TlsListener(const std::string& address, std::uint16_t port, const TlsIdentity& identity, PinnedPeers peers);
  ~TlsListener();
  std::uint16_t port() const;
  // The next connection, its handshake still to be done; null when none came in time.
  std::unique_ptr<TlsStream> accept(std::chrono::milliseconds timeout);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Connects, trying again while the peer refuses, and does the handshake, all before the deadline.
std::unique_ptr<TlsStream> connect_tls(const std::string& host, std::uint16_t port, const TlsIdentity& identity,
                                       PinnedPeers peers, const std::string& expected_peer, const std::string& protocol,
                                       Deadline deadline);

}  // namespace cohortium::net
