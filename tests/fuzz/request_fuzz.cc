// The head of a request or answer from a hostile peer: refused, or fields that are what the rest of the node may rely on.
#include <algorithm>
#include <string>

#include "base/error.h"
#include "node/http_head.h"

namespace {

using namespace cohortium;

bool is_visible(const std::string& text, const char* also = "") {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c > ' ' && c <= '~') || std::string_view(also).find(c) != std::string_view::npos;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(bytes), size);
  const auto request = attempt([&] { return node::parse_request_head(input); });
  if (request.ok()) {
    const node::RequestHead& head = request.value();
    COHORTIUM_CHECK(input.size() <= node::largest_head && input.ends_with("\r\n\r\n"));
    COHORTIUM_CHECK(!head.method.empty() && head.path.starts_with('/') && is_visible(head.method));
    COHORTIUM_CHECK(is_visible(head.path) && head.path.find('?') == std::string::npos && is_visible(head.query));
    COHORTIUM_CHECK(is_visible(head.idempotency_key, " \t") && is_visible(head.last_event_id, " \t"));
    static_cast<void>(node::query_value(head.query, "from"));
    // Half of a message, or two of them, are none.
    COHORTIUM_CHECK(!attempt([&] { return node::parse_request_head(input.substr(0, input.size() - 1)); }).ok());
    COHORTIUM_CHECK(!attempt([&] { return node::parse_request_head(input + input); }).ok());
  } else {
    COHORTIUM_CHECK(request.error().code == "node.bad_request");
  }
  const auto response = attempt([&] { return node::parse_response_head(input); });
  COHORTIUM_CHECK(response.ok() ? response.value().status >= 200 && response.value().status < 600
                                : response.error().code == "node.bad_answer");
  return 0;
}
