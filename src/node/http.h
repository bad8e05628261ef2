// The control API's transport at the node that is asked: HTTP/1.1 over mutual TLS (net/tls.h), one request a connection.
//
// Hostile peers  every message is bounded in size before it is read (http_head.h, Route::largest_body), and in time as a
//                whole: whoever sends or takes less than 64 KiB a second, after `patience` to begin with, is given up
// An error       is {"error": {"code", "message", "where", "rule", "remedy"}}, with a status by its code (status_of)
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/tls.h"
#include "node/http_head.h"

namespace cohortium::node {

struct Request {
  RequestHead head;
  std::string body;
  std::string caller;      // pinned name
  std::string study, run;  // of its path
  // Of requests that change state (request_journal.h): 32 hexadecimal digits, the same whenever it is repeated, and
  // whether an earlier life of this node began with it and did not come to an answer.
  std::string token = {};
  bool resumed = false;
  std::function<bool()> caller_is_gone;  // long requests ask now and then
};

class HttpConnection {
 public:
  explicit HttpConnection(net::TlsStream& stream, std::chrono::seconds patience = std::chrono::seconds(10))
      : stream_(stream), patience_(patience) {}

  const std::string& peer() const { return stream_.peer(); }
  // Fails with node.bad_request, or with net.* where there is nobody left to answer.
  RequestHead read_head();
  std::string read_body(const RequestHead& head);
  void write(std::string_view text);
  // JSON; with the Retry-After of an error that asks for it.
  void answer(const Result<nlohmann::json>& answer, unsigned retry_seconds = 0);
  bool caller_is_gone();
  void close();

 private:
  void read_more(net::Deadline deadline);
  net::Deadline deadline_for(std::size_t bytes) const;  // as long as so many bytes may take
  net::TlsStream& stream_;
  const std::chrono::seconds patience_;
  std::string arrived_;
};

unsigned status_of(const Error& error);

// JSON of a peer: nobody's stack is deep enough for what can be written in a few MB. Fails with node.bad_body.
nlohmann::json parse_json(const std::string& text);
void check_depth(std::string_view json_text);

nlohmann::json to_json(const Error& error);
// Members that are missing come out empty: the sender may be hostile.
Error error_from_json(const nlohmann::json& json);

}  // namespace cohortium::node
