#include "net/faults.h"

#include <fmt/format.h>

namespace cohortium::net {

Error peer_closed(const std::string& peer) {
  return {.code = "net.peer_closed",
          .message = "the peer ended the connection before the run was over",
          .where = peer,
          .remedy = "look at the peer's log for the reason, then start the run again"};
}

Error peer_silent(const std::string& peer, std::chrono::milliseconds patience) {
  return {.code = "net.peer_silent",
          .message = fmt::format("no byte came from the peer, and none was taken by it, for {} ms", patience.count()),
          .where = peer,
          .remedy = "check that the peer's node is alive and that no firewall drops idle connections"};
}

Error bad_frame(const std::string& peer, const std::string& what) {
  return {.code = "net.bad_frame",
          .message = "the peer broke the framing: " + what,
          .where = peer,
          .remedy = "the peer runs faulty or hostile software: compare versions before another run"};
}

Error unexpected_length(const std::string& peer, std::size_t expected, std::size_t actual) {
  return {.code = "net.unexpected_length",
          .message = fmt::format("the peer sent a message of {} bytes where {} belong", actual, expected),
          .where = peer,
          .remedy = "check that all parties run the same study with the same version"};
}

Error longer_than(const std::string& peer, std::size_t limit, std::size_t actual) {
  return {.code = "net.unexpected_length",
          .message = fmt::format("the peer sent a message of {} bytes where at most {} belong", actual, limit),
          .where = peer,
          .remedy = "check that all parties run the same study with the same version"};
}

Error wrong_certificate(const std::string& where, const std::string& message) {
  return {.code = "net.wrong_certificate",
          .message = message,
          .where = where,
          .rule = "a node speaks only with keys whose fingerprints stand in the consortium file",
          .remedy =
              "compare the fingerprint in the consortium file with the one the other side's administrator reads "
              "out, over another channel"};
}

Error tls_failed(const std::string& where, const std::string& message) {
  return {.code = "net.tls_failed",
          .message = message,
          .where = where,
          .remedy = "check that the address and port are a node's and that nothing between the nodes opens TLS"};
}

}  // namespace cohortium::net
