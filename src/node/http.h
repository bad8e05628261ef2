// The control API's transport: HTTP/1.1 over the node's mutual TLS (Boost.Beast parses, net/tls.h carries).
//
// One request per connection. Who calls is known from the TLS key, never from the request. A failed request is answered
// with {"error": {"code", "message", "where", "rule", "remedy"}}, which the client turns back into the same Error.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/error.h"
#include "governance/consortium.h"
#include "net/tls.h"

namespace cohortium::node {

struct Request {
  std::string method;  // "GET", "POST"
  std::string path;    // "/v1/studies"
  std::string query;   // "version=3"
  std::string body;
  std::string caller;  // pinned name
  // Whether the caller has hung up; long requests ask now and then.
  std::function<bool()> caller_is_gone;
};

using Handler = std::function<nlohmann::json(const Request&)>;

// Reads one request (body up to 256 MiB), answers it and closes. Faults of the caller end the call silently.
void serve_request(net::TlsStream& stream, const Handler& handler);

nlohmann::json to_json(const Error& error);
// Members that are missing come out empty: the sender may be hostile.
Error error_from_json(const nlohmann::json& json);

// Calls another node. The response is its JSON; an error response is thrown as Failure. `patience` bounds the silence,
// `give_up` ends the waiting for an answer (node.gave_up).
class HttpClient {
 public:
  HttpClient(net::TlsIdentity identity, net::PinnedPeers peers)
      : identity_(std::move(identity)), peers_(std::move(peers)) {}
  nlohmann::json call(const governance::Member& member, const std::string& method, const std::string& target,
                      const std::string& body, std::chrono::milliseconds patience,
                      const std::function<bool()>& give_up = {}) const;

 private:
  net::TlsIdentity identity_;
  net::PinnedPeers peers_;
};

}  // namespace cohortium::node
