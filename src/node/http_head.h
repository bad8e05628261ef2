// The first part of an HTTP/1.1 message, read strictly: what a hostile peer sends becomes these few fields or an error.
//
//   GET /v1/studies?study=… HTTP/1.1 CR LF  |  HTTP/1.1 200 OK CR LF
//   name: value CR LF                          at most 64 lines, of 16 KiB in all
//   CR LF
//
// Refused      anything but HTTP/1.1; lone line feeds and folded lines; characters outside visible ASCII; a field of ours that
//              stands twice; a body in chunks or under any other transfer encoding: a body has a Content-Length
// Not decoded  percent signs: no path or query of this API has one, so a path with one is no path of ours
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cohortium::node {

inline constexpr std::size_t largest_head = 16384;

struct RequestHead {
  std::string method;  // "GET"
  std::string path;    // "/v1/studies"
  std::string query;   // "version=3"
  std::size_t content_length = 0;
  bool expects_continue = false;
  std::string idempotency_key, last_event_id;  // empty: not there
};

struct ResponseHead {
  unsigned status = 0;
  std::size_t content_length = 0;
  std::string content_type;
  unsigned retry_after = 0;  // seconds; 0: not there
};

// Of a text that ends with the empty line. Fails with node.bad_request.
RequestHead parse_request_head(std::string_view text);
// Fails with node.bad_answer.
ResponseHead parse_response_head(std::string_view text);

// Of "study=…&from=3"; empty where there is none.
std::string query_value(std::string_view query, std::string_view name);

}  // namespace cohortium::node
