#include "node/http.h"

#include <poll.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

#include "node/members.h"

namespace cohortium::node {
namespace {

namespace http = boost::beast::http;
using nlohmann::json;

constexpr std::size_t largest_body = std::size_t{256} << 20;
constexpr std::chrono::seconds request_patience{10};
constexpr std::chrono::seconds connect_patience{5};

// What Beast reads from and writes to.
class BeastStream {
 public:
  BeastStream(net::TlsStream& stream, std::chrono::milliseconds patience) : stream_(stream), patience_(patience) {}

  template <class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    const boost::asio::mutable_buffer buffer = *boost::asio::buffer_sequence_begin(buffers);
    return stream_.read_some({static_cast<std::byte*>(buffer.data()), buffer.size()}, patience_);
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, boost::system::error_code& error) {
    const std::size_t count = read_some(buffers);
    error = count == 0 ? make_error_code(boost::asio::error::eof) : boost::system::error_code{};
    return count;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    std::size_t total = 0;
    for (auto it = boost::asio::buffer_sequence_begin(buffers); it != boost::asio::buffer_sequence_end(buffers); ++it) {
      const boost::asio::const_buffer buffer = *it;
      stream_.write_all({static_cast<const std::byte*>(buffer.data()), buffer.size()}, patience_);
      total += buffer.size();
    }
    return total;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, boost::system::error_code& error) {
    error = {};
    return write_some(buffers);
  }

 private:
  net::TlsStream& stream_;
  std::chrono::milliseconds patience_;
};

http::status status_of(const Error& error) {
  if (error.code == "node.not_allowed") return http::status::forbidden;
  if (error.code == "node.unknown_study" || error.code == "node.no_such_page") return http::status::not_found;
  if (error.code.starts_with("internal.")) return http::status::internal_server_error;
  return http::status::bad_request;
}

// Until something arrives; the reading that follows finds out what.
void wait_for_answer(const net::TlsStream& stream, std::chrono::milliseconds patience,
                     const std::function<bool()>& give_up) {
  const net::Deadline deadline = net::after(patience);
  while (!net::wait_for(stream.socket(), POLLIN, std::min(deadline, net::after(std::chrono::milliseconds(100))))) {
    if (give_up && give_up()) {
      throw Failure({.code = "node.gave_up", .message = "no answer was waited for any longer", .where = stream.peer()});
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      throw Failure({.code = "net.peer_silent",
                     .message = stream.peer() + " does not answer",
                     .where = stream.peer(),
                     .remedy = "check that the node is running; its log says what it does"});
    }
  }
}

bool has_hung_up(net::TlsStream& stream) {
  std::byte surplus[64];
  try {
    return stream.try_read(surplus).arrival == net::TlsStream::Arrival::kGoodbye;
  } catch (const Failure&) {
    return true;
  }
}

}  // namespace

json to_json(const Error& error) {
  return {{"code", error.code},
          {"message", error.message},
          {"where", error.where},
          {"rule", error.rule},
          {"remedy", error.remedy}};
}

Error error_from_json(const json& json) {
  auto text = [&](const char* key) {
    return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
  };
  return {.code = text("code"),
          .message = text("message"),
          .where = text("where"),
          .rule = text("rule"),
          .remedy = text("remedy")};
}

void serve_request(net::TlsStream& stream, const Handler& handler) {
  BeastStream beast(stream, request_patience);
  boost::beast::flat_buffer buffer;
  http::request_parser<http::string_body> parser;
  parser.body_limit(largest_body);
  parser.header_limit(16384);
  http::response<http::string_body> response;
  response.version(11);
  response.set(http::field::content_type, "application/json");
  response.keep_alive(false);
  boost::system::error_code error;
  http::read(beast, buffer, parser, error);
  if (error) return;
  const auto& message = parser.get();
  const std::string target(message.target());
  const std::size_t question = target.find('?');
  Request request{.method = std::string(message.method_string()),
                  .path = target.substr(0, question),
                  .query = question == std::string::npos ? "" : target.substr(question + 1),
                  .body = message.body(),
                  .caller = stream.peer(),
                  .caller_is_gone = [&stream] { return has_hung_up(stream); }};
  const Result<json> answer = attempt([&] { return handler(request); });
  response.result(answer.ok() ? http::status::ok : status_of(answer.error()));
  response.body() = answer.ok() ? answer.value().dump() : json{{"error", to_json(answer.error())}}.dump();
  response.prepare_payload();
  http::write(beast, response);
  stream.close(request_patience);
}

json HttpClient::call(const governance::Member& member, const std::string& method, const std::string& target,
                      const std::string& body, std::chrono::milliseconds patience,
                      const std::function<bool()>& give_up) const {
  const std::string& peer = member.name;
  const auto stream = connect_to_member(member, identity_, peers_, net::http_protocol, net::after(connect_patience));
  BeastStream beast(*stream, patience);
  http::request<http::string_body> request(http::string_to_verb(method), target, 11);
  request.set(http::field::host, member.endpoint);
  request.set(http::field::content_type, "application/json");
  request.keep_alive(false);
  request.body() = body;
  request.prepare_payload();
  http::write(beast, request);
  wait_for_answer(*stream, patience, give_up);
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(largest_body);
  boost::system::error_code error;
  http::read(beast, buffer, parser, error);
  auto bad_answer = [&] {
    return Failure({.code = "node.bad_answer",
                    .message = peer + " gave an answer that is not understood",
                    .where = peer,
                    .remedy = "check that both nodes run the same version"});
  };
  if (error == http::error::end_of_stream || error == http::error::partial_message) {
    throw Failure({.code = "net.peer_closed",
                   .message = peer + " closed the connection before it answered",
                   .where = peer,
                   .remedy = "check that the node is running; its log says why it stopped"});
  }
  if (error) throw bad_answer();
  const json answer = json::parse(parser.get().body(), nullptr, false);
  if (answer.is_discarded()) throw bad_answer();
  if (parser.get().result() == http::status::ok) return answer;
  if (!answer.contains("error")) throw bad_answer();
  throw Failure(error_from_json(answer["error"]));
}

}  // namespace cohortium::node
