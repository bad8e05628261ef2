// Calls nodes: the control API's transport at the one who asks (http.h is the other end).
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/error.h"
#include "governance/consortium.h"
#include "net/tls.h"
#include "node/http_head.h"

namespace cohortium::node {

// A new Idempotency-Key: 32 random hexadecimal digits.
std::string new_idempotency_key();

struct ServerEvent {
  std::string id, event, data;  // id: the latest, whether this event has one or not
};

// A node that was asked too often (429) and says after how many seconds it may be asked again; nothing has been done.
class AskedTooOften final : public Failure {
 public:
  AskedTooOften(Error error, unsigned seconds) : Failure(std::move(error)), seconds_(seconds) {}
  unsigned seconds() const { return seconds_; }

 private:
  unsigned seconds_;
};

class HttpClient {
 public:
  HttpClient(net::TlsIdentity identity, net::PinnedPeers peers)
      : identity_(std::move(identity)), peers_(std::move(peers)) {}

  // Calls another node. The response is its JSON; an error response is thrown as Failure, where the
  // node was asked too often as AskedTooOften. `patience` bounds the silence,
  // `give_up` ends the waiting for an answer (node.gave_up). What is no GET bears `key`, or a new one.
  nlohmann::json call(const governance::Member& member, const std::string& method, const std::string& target,
                      const std::string& body, std::chrono::milliseconds patience,
                      const std::function<bool()>& give_up = {}, const std::string& key = {}) const;

  // Listens to events until `take` returns false. `last_id`: where to resume; empty: from now on. Fails alike, and with
  // net.peer_closed when the node ends the stream.
  void listen(const governance::Member& member, const std::string& target, const std::string& last_id,
              const std::function<bool(const ServerEvent&)>& take, std::chrono::milliseconds patience,
              const std::function<bool()>& give_up) const;

 private:
  net::TlsIdentity identity_;
  net::PinnedPeers peers_;
};

}  // namespace cohortium::node
