#include "node/http.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace cohortium::node {
namespace {

using nlohmann::json;

constexpr std::size_t bytes_per_second = 65536;
constexpr std::size_t deepest_json = 100;

struct Status {
  std::string_view code;  // or its beginning, up to a full stop
  unsigned status;
};

// The first that fits; whatever stands nowhere was understood, but is against a rule: 422.
constexpr std::array<Status, 38> statuses = {{
    {"node.bad_request", 400},
    {"node.bad_body", 400},
    {"node.bad_idempotency_key", 400},
    {"node.bad_event_id", 400},
    {"study.bad_json", 400},
    {"envelope.malformed", 400},
    {"decision.malformed", 400},
    {"audit.bad_question", 400},
    {"consortium.expired_key", 401},
    {"consortium.unknown_key", 401},
    {"node.not_allowed", 403},
    {"node.no_such_page", 404},
    {"node.unknown_study", 404},
    {"node.unknown_run", 404},
    {"node.no_result", 404},
    {"node.not_the_coordinator", 404},
    {"audit.no_entry", 404},
    {"node.already_submitted", 409},
    {"node.already_run", 409},
    {"node.running", 409},
    {"node.not_approved", 409},
    {"node.other_consortium", 409},
    {"node.key_reused", 409},
    {"node.request_running", 409},
    {"node.request_interrupted", 409},
    {"decision.repeated", 409},
    {"decision.withdrawn", 409},
    {"node.too_large", 413},
    {"node.too_many_requests", 429},
    {"node.too_many_connections", 429},
    {"node.too_many_checks", 422},
    {"audit.unwritable", 503},
    {"privacy.unwritable", 503},
    {"node.stopped", 503},
    {"net.", 503},
    {"internal.", 500},
    {"file.", 500},
    {"node.altered_study", 500},
}};

std::string_view reason_of(unsigned status) {
  constexpr std::array<std::pair<unsigned, std::string_view>, 12> reasons = {{{200, "OK"},
                                                                              {400, "Bad Request"},
                                                                              {401, "Unauthorized"},
                                                                              {403, "Forbidden"},
                                                                              {404, "Not Found"},
                                                                              {409, "Conflict"},
                                                                              {413, "Content Too Large"},
                                                                              {422, "Unprocessable Content"},
                                                                              {429, "Too Many Requests"},
                                                                              {500, "Internal Server Error"},
                                                                              {503, "Service Unavailable"}}};
  const auto found =
      std::find_if(reasons.begin(), reasons.end(), [&](const auto& reason) { return reason.first == status; });
  return found == reasons.end() ? "Error" : found->second;
}

}  // namespace

unsigned status_of(const Error& error) {
  for (const auto& [code, status] : statuses)
    if (error.code == code || (code.back() == '.' && error.code.starts_with(code))) return status;
  return 422;
}

void check_depth(std::string_view text) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest_json) {
        throw Failure({.code = "node.bad_body",
                       .message = "the JSON is nested more than 100 levels deep",
                       .remedy = "nothing that nodes understand is"});
      }
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
}

json parse_json(const std::string& text) {
  check_depth(text);
  json value = json::parse(text, nullptr, false);
  if (!value.is_discarded()) return value;
  throw Failure({.code = "node.bad_body", .message = "the body is not JSON", .remedy = "see docs/api.md"});
}

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

void HttpConnection::read_more(net::Deadline deadline) {
  std::array<std::byte, 16384> block;
  const auto left = deadline - std::chrono::steady_clock::now();
  const std::size_t count = stream_.read_some(
      block, std::max(std::chrono::duration_cast<std::chrono::milliseconds>(left), std::chrono::milliseconds(0)));
  if (count == 0) {
    throw Failure({.code = "net.peer_closed",
                   .message = peer() + " closed the connection before its request was complete",
                   .where = peer()});
  }
  arrived_.append(reinterpret_cast<const char*>(block.data()), count);
}

net::Deadline HttpConnection::deadline_for(std::size_t bytes) const {
  return net::after(patience_ + std::chrono::seconds(bytes / bytes_per_second));
}

RequestHead HttpConnection::read_head() {
  const net::Deadline deadline = deadline_for(0);
  std::size_t end = 0;
  while ((end = arrived_.find("\r\n\r\n")) == std::string::npos && arrived_.size() <= largest_head) read_more(deadline);
  const std::string head = arrived_.substr(0, end == std::string::npos ? end : end + 4);
  arrived_.erase(0, head.size());
  return parse_request_head(head);
}

std::string HttpConnection::read_body(const RequestHead& head) {
  if (head.content_length > 0 && head.expects_continue) write("HTTP/1.1 100 Continue\r\n\r\n");
  const net::Deadline deadline = deadline_for(head.content_length);
  while (arrived_.size() < head.content_length) read_more(deadline);
  arrived_.resize(head.content_length);  // one request a connection: whatever follows is nobody's
  return std::exchange(arrived_, {});
}

void HttpConnection::write(std::string_view text) {
  constexpr std::size_t portion = 65536;  // bounds what is queued
  const net::Deadline deadline = deadline_for(text.size());
  while (!text.empty()) {
    const std::string_view next = text.substr(0, portion);
    text.remove_prefix(next.size());
    stream_.write(std::as_bytes(std::span(next)));
    while (stream_.output_is_pending()) {
      if (!net::wait_for(stream_.socket(), POLLOUT, deadline)) {
        throw Failure({.code = "net.peer_silent", .message = peer() + " takes no answer", .where = peer()});
      }
      stream_.flush();
    }
  }
}

void HttpConnection::answer(const Result<json>& answer, unsigned retry_seconds) {
  const unsigned status = answer.ok() ? 200 : status_of(answer.error());
  // A message may quote bytes that are no UTF-8.
  const std::string body = (answer.ok() ? answer.value() : json{{"error", to_json(answer.error())}})
                               .dump(-1, ' ', false, json::error_handler_t::replace);
  std::string head = "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason_of(status)) +
                     "\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\n";
  if (retry_seconds > 0) head += "Retry-After: " + std::to_string(retry_seconds) + "\r\n";
  write(head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

bool HttpConnection::caller_is_gone() {
  std::array<std::byte, 64> surplus;
  const auto read = attempt([&] { return stream_.try_read(surplus).arrival; });
  return !read.ok() || read.value() == net::TlsStream::Arrival::kGoodbye;
}

void HttpConnection::close() { stream_.close(patience_); }

}  // namespace cohortium::node
