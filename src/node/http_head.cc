#include "node/http_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <optional>

#include "base/error.h"

namespace cohortium::node {
namespace {

constexpr std::size_t most_fields = 64;
constexpr std::string_view line_end = "\r\n";
// What is looked at; a peer that says one of them twice wants two readers to understand two things.
constexpr std::array<std::string_view, 8> known = {"content-length", "transfer-encoding", "expect",
                                                   "host",           "idempotency-key",   "last-event-id",
                                                   "content-type",   "retry-after"};

// Ends the reading: why these bytes are no message.
using Refuse = std::function<void(const char* reason)>;

bool is_visible(char c) { return c > ' ' && c <= '~'; }
bool is_token(char c) {
  return is_visible(c) && std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

// The lines of a head, one after another.
class Lines {
 public:
  Lines(std::string_view text, const Refuse& refuse) : rest_(text), refuse_(refuse) {}

  std::string_view next() {
    const std::size_t end = rest_.find(line_end);
    if (end == std::string_view::npos) refuse_("a line has no end");
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + line_end.size());
    if (line.find_first_of("\r\n") != std::string_view::npos) refuse_("a line ends in half a line end");
    return line;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  const Refuse& refuse_;
};

class Fields {
 public:
  Fields(Lines& lines, const Refuse& refuse) {
    std::size_t count = 0;
    for (std::string_view line = lines.next(); !line.empty(); line = lines.next()) {
      if (++count > most_fields) refuse("there are too many header fields");
      take(line, refuse);
    }
    if (!lines.at_end()) refuse("something follows the head");
    if (!of("transfer-encoding").empty()) refuse("a body has a Content-Length; transfer encodings are not taken");
  }
  const std::string& of(std::string_view name) const {
    return values_[static_cast<std::size_t>(std::find(known.begin(), known.end(), name) - known.begin())];
  }
  std::size_t content_length(const Refuse& refuse) const {
    if (of("content-length").empty()) return 0;
    const auto length = whole_number<std::size_t>(of("content-length"));
    if (!length) refuse("the Content-Length is no number");
    return *length;
  }

 private:
  void take(std::string_view line, const Refuse& refuse) {
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || name.empty() || !std::all_of(name.begin(), name.end(), is_token))
      refuse("a header field is not \"name: value\"");
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    if (!std::all_of(value.begin(), value.end(), [](char c) { return is_visible(c) || c == ' ' || c == '\t'; }))
      refuse("a header field holds other characters than visible ASCII");
    const auto found = std::find(known.begin(), known.end(), lower_case(name));
    if (found == known.end()) return;
    const auto at = static_cast<std::size_t>(found - known.begin());
    if (seen_[at]) refuse("a header field stands twice");
    if (value.empty()) refuse("a header field is empty");
    seen_[at] = true;
    values_[at] = value;
  }

  std::array<std::string, known.size()> values_;
  std::array<bool, known.size()> seen_{};
};

}  // namespace

RequestHead parse_request_head(std::string_view text) {
  const Refuse refuse = [](const char* reason) {
    throw Failure({.code = "node.bad_request",
                   .message = std::string("this is no HTTP/1.1 request that a node takes: ") + reason,
                   .remedy = "see docs/api.md"});
  };
  if (text.size() > largest_head) refuse("its head is too long");
  Lines lines(text, refuse);
  const std::string_view line = lines.next();
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) refuse("it does not begin with method, path and version");
  const std::string_view method = line.substr(0, first), target = line.substr(first + 1, last - first - 1);
  if (line.substr(last + 1) != "HTTP/1.1") refuse("its version is another one");
  if (method.empty() || method.size() > 16 || !std::all_of(method.begin(), method.end(), is_token))
    refuse("its method is none");
  if (!target.starts_with('/') || !std::all_of(target.begin(), target.end(), is_visible)) refuse("its path is none");
  const Fields fields(lines, refuse);
  const std::size_t question = std::min(target.find('?'), target.size());
  RequestHead head{.method = std::string(method),
                   .path = std::string(target.substr(0, question)),
                   .query = std::string(target.substr(std::min(question + 1, target.size()))),
                   .content_length = fields.content_length(refuse),
                   .expects_continue = lower_case(fields.of("expect")) == "100-continue",
                   .idempotency_key = fields.of("idempotency-key"),
                   .last_event_id = fields.of("last-event-id")};
  if (!head.expects_continue && !fields.of("expect").empty()) refuse("it expects what a node cannot do");
  return head;
}

ResponseHead parse_response_head(std::string_view text) {
  const Refuse refuse = [](const char* reason) {
    throw Failure({.code = "node.bad_answer", .message = std::string("this is no answer of a node: ") + reason});
  };
  if (text.size() > largest_head) refuse("its head is too long");
  Lines lines(text, refuse);
  const std::string_view line = lines.next();
  if (!line.starts_with("HTTP/1.1 ")) refuse("it is not HTTP/1.1");
  const auto status = whole_number<unsigned>(line.substr(9, 3));
  if (!status || *status < 200 || *status > 599) refuse("it has no status");
  const Fields fields(lines, refuse);
  return {.status = *status,
          .content_length = fields.content_length(refuse),
          .content_type = fields.of("content-type"),
          .retry_after = whole_number<unsigned>(fields.of("retry-after")).value_or(0)};
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return std::string(pair.substr(name.size() + 1));
  }
  return "";
}

}  // namespace cohortium::node
