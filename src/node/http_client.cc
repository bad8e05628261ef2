#include "node/http_client.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/buffer.h"
#include "crypto/random_generator.h"
#include "node/http.h"
#include "node/members.h"

namespace cohortium::node {
namespace {

using nlohmann::json;

constexpr std::size_t largest_answer = std::size_t{256} << 20;
constexpr std::size_t largest_event = std::size_t{1} << 20;
constexpr std::chrono::seconds connect_patience{5};

// One request to a node and what it answers; the node may be hostile.
class Exchange {
 public:
  Exchange(net::TlsStream& stream, std::chrono::milliseconds patience, const std::function<bool()>& give_up)
      : stream_(stream), patience_(patience), give_up_(give_up) {}

  void send(const governance::Member& member, const std::string& method, const std::string& target,
            const std::string& fields, const std::string& body) {
    const std::string message = method + " " + target + " HTTP/1.1\r\nHost: " + member.endpoint +
                                "\r\nContent-Type: application/json\r\nConnection: close\r\n" + fields +
                                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    stream_.write_all(std::as_bytes(std::span(message)), patience_);
  }
  ResponseHead head() {
    std::size_t end = 0;
    while ((end = arrived_.find("\r\n\r\n")) == std::string::npos && arrived_.size() <= largest_head) read_more();
    const std::string text = arrived_.substr(0, end == std::string::npos ? end : end + 4);
    arrived_.erase(0, text.size());
    const auto head = attempt([&] { return parse_response_head(text); });
    if (!head.ok() || head.value().content_length > largest_answer) bad_answer();
    return head.value();
  }
  json body(const ResponseHead& head) {
    while (arrived_.size() < head.content_length) read_more();
    auto parsed = attempt([&] { return parse_json(arrived_.substr(0, head.content_length)); });
    if (!parsed.ok()) bad_answer();
    if (head.status == 200) return std::move(parsed).value();
    if (!parsed.value().is_object() || !parsed.value().contains("error")) bad_answer();
    const Error error = error_from_json(parsed.value()["error"]);
    if (head.status == 429 && head.retry_after > 0) throw AskedTooOften(error, head.retry_after);
    throw Failure(error);
  }
  // The next line of a stream of events, without its end.
  std::string line() {
    std::size_t end = 0;
    while ((end = arrived_.find('\n')) == std::string::npos) {
      if (arrived_.size() > largest_event) bad_answer();
      read_more();
    }
    const std::string line = arrived_.substr(0, end);
    arrived_.erase(0, end + 1);
    return line;
  }
  [[noreturn]] void bad_answer() const {
    throw Failure({.code = "node.bad_answer",
                   .message = stream_.peer() + " gave an answer that is not understood",
                   .where = stream_.peer(),
                   .remedy = "check that both nodes run the same version"});
  }

 private:
  // Waits until something arrives that TLS can make something of.
  void read_more() {
    const net::Deadline deadline = net::after(patience_);
    std::array<std::byte, 65536> block;
    for (;;) {
      const net::TlsStream::Read read = stream_.try_read(block);
      arrived_.append(reinterpret_cast<const char*>(block.data()), read.count);
      if (read.arrival == net::TlsStream::Arrival::kData) return;
      if (read.arrival == net::TlsStream::Arrival::kGoodbye) {
        throw Failure({.code = "net.peer_closed",
                       .message = stream_.peer() + " closed the connection before it had answered",
                       .where = stream_.peer(),
                       .remedy = "check that the node is running; its log says why it stopped"});
      }
      wait_until(deadline);
    }
  }
  void wait_until(net::Deadline deadline) const {
    while (!net::wait_for(stream_.socket(), POLLIN, std::min(deadline, net::after(std::chrono::milliseconds(100))))) {
      if (give_up_ && give_up_()) {
        throw Failure(
            {.code = "node.gave_up", .message = "no answer was waited for any longer", .where = stream_.peer()});
      }
      if (std::chrono::steady_clock::now() >= deadline) {
        throw Failure({.code = "net.peer_silent",
                       .message = stream_.peer() + " does not answer",
                       .where = stream_.peer(),
                       .remedy = "check that the node is running; its log says what it does"});
      }
    }
  }

  net::TlsStream& stream_;
  const std::chrono::milliseconds patience_;
  const std::function<bool()>& give_up_;
  std::string arrived_;
};

}  // namespace

std::string new_idempotency_key() { return to_hex(bytes_of(crypto::random_seed())); }

json HttpClient::call(const governance::Member& member, const std::string& method, const std::string& target,
                      const std::string& body, std::chrono::milliseconds patience, const std::function<bool()>& give_up,
                      const std::string& key) const {
  const auto stream = connect_to_member(member, identity_, peers_, net::http_protocol, net::after(connect_patience));
  Exchange exchange(*stream, patience, give_up);
  const bool changes_state = method != "GET";
  exchange.send(member, method, target,
                changes_state ? "Idempotency-Key: " + (key.empty() ? new_idempotency_key() : key) + "\r\n" : "", body);
  return exchange.body(exchange.head());
}

void HttpClient::listen(const governance::Member& member, const std::string& target, const std::string& last_id,
                        const std::function<bool(const ServerEvent&)>& take, std::chrono::milliseconds patience,
                        const std::function<bool()>& give_up) const {
  const auto stream = connect_to_member(member, identity_, peers_, net::http_protocol, net::after(connect_patience));
  Exchange exchange(*stream, patience, give_up);
  exchange.send(member, "GET", target, last_id.empty() ? "" : "Last-Event-ID: " + last_id + "\r\n", "");
  const ResponseHead head = exchange.head();
  if (head.status != 200) static_cast<void>(exchange.body(head));
  if (head.content_type != "text/event-stream") exchange.bad_answer();
  ServerEvent event{.id = last_id, .event = {}, .data = {}};
  for (;;) {
    const std::string line = exchange.line();
    if (line.starts_with("id: ")) event.id = line.substr(4);
    if (line.starts_with("event: ")) event.event = line.substr(7);
    if (line.starts_with("data: ")) event.data = line.substr(6);
    if (!line.empty() || event.event.empty()) continue;
    if (!take(event)) return;
    event.event.clear();
    event.data.clear();
  }
}

}  // namespace cohortium::node
