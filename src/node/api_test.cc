// The parts of the control-plane API by themselves: heads of requests, the table of routes and its document, limits
// and refusals.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/file.h"
#include "governance/roles.h"
#include "node/http.h"
#include "node/rate_limit.h"
#include "node/refusals.h"
#include "node/routes.h"

namespace cohortium::node {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

template <class Do>
std::string code_of(const Do& body) {
  const auto done = attempt([&] { return body(), true; });
  return done.ok() ? "" : done.error().code;
}

TEST(RequestHead, WhatANodeTakes) {
  const RequestHead head = parse_request_head(
      "POST /v1/studies?version=3&x=y HTTP/1.1\r\nHost: north\r\ncontent-LENGTH: 12\r\nIdempotency-Key:abc \r\n"
      "Expect: 100-continue\r\nLast-Event-ID: 7\r\nX-Unknown: anything, at all\r\n\r\n");
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path, "/v1/studies");
  EXPECT_EQ(head.query, "version=3&x=y");
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_EQ(head.idempotency_key, "abc");
  EXPECT_EQ(head.last_event_id, "7");
  EXPECT_TRUE(head.expects_continue);
  EXPECT_EQ(query_value(head.query, "x"), "y");
  EXPECT_EQ(query_value(head.query, "ersion"), "");
  EXPECT_EQ(query_value("a=&&=", "a"), "");
}

TEST(RequestHead, WhatANodeRefuses) {
  const std::string good = "GET /v1/status HTTP/1.1\r\nHost: x\r\n";
  EXPECT_EQ(code_of([&] { parse_request_head(good + "\r\n"); }), "");
  for (const std::string& bad : {std::string(),
                                 std::string("\r\n\r\n"),
                                 good,
                                 good + "\r\nmore",
                                 std::string("GET /v1/status HTTP/1.0\r\n\r\n"),
                                 std::string("GET  HTTP/1.1\r\n\r\n"),
                                 std::string("GET v1 HTTP/1.1\r\n\r\n"),
                                 std::string("GET /\x80 HTTP/1.1\r\n\r\n"),
                                 std::string("G\x01T / HTTP/1.1\r\n\r\n"),
                                 std::string("GET / x HTTP/1.1\r\n\r\n"),
                                 std::string("GET /v1/status HTTP/1.1\nHost: x\n\n"),
                                 good + "Transfer-Encoding: chunked\r\n\r\n",
                                 good + "Transfer-Encoding:\r\n\r\n",
                                 good + "host: y\r\n\r\n",
                                 good + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
                                 good + "Content-Length: -1\r\n\r\n",
                                 good + "Content-Length: 99999999999999999999999\r\n\r\n",
                                 good + "Content-Length: 1 2\r\n\r\n",
                                 good + " folded: x\r\n\r\n",
                                 good + "no colon\r\n\r\n",
                                 good + ": x\r\n\r\n",
                                 good + "a b: x\r\n\r\n",
                                 good + "a: \x7f\r\n\r\n",
                                 good + "a: b\rc\r\n\r\n",
                                 good + "Expect: the unexpected\r\n\r\n",
                                 good + std::string(largest_head, 'a') + ": x\r\n\r\n"})
    EXPECT_EQ(code_of([&] { parse_request_head(bad); }), "node.bad_request") << bad.substr(0, 100);
  std::string many = good;
  for (int i = 0; i < 64; ++i) many += "a: b\r\n";
  EXPECT_EQ(code_of([&] { parse_request_head(many + "\r\n"); }), "node.bad_request");
}

TEST(ResponseHead, OfAnotherNode) {
  const ResponseHead head = parse_response_head("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(head.status, 404u);
  EXPECT_EQ(head.content_length, 5u);
  for (const char* bad : {"HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 \r\n\r\n", "HTTP/2 200 OK\r\n\r\n",
                          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"})
    EXPECT_EQ(code_of([&] { parse_response_head(bad); }), "node.bad_answer") << bad;
}

TEST(Json, IsNotDeeperThanAStack) {
  EXPECT_EQ(parse_json("[[\"[[[\\\"[\"]]").size(), 1u);
  EXPECT_EQ(code_of([] { parse_json(std::string(101, '[') + std::string(101, ']')); }), "node.bad_body");
  EXPECT_EQ(code_of([] { check_depth(std::string(1'000'000, '{')); }), "node.bad_body");
  std::string wide;
  for (int i = 0; i < 1000; ++i) wide += "[],";
  EXPECT_EQ(code_of([&] { parse_json("[" + wide + "1]"); }), "");
  EXPECT_EQ(code_of([] { parse_json("{"); }), "node.bad_body");
}

TEST(Status, ByCode) {
  const auto status = [](const char* code) { return status_of({.code = code, .message = ""}); };
  EXPECT_EQ(status("node.bad_request"), 400u);
  EXPECT_EQ(status("consortium.expired_key"), 401u);
  EXPECT_EQ(status("node.not_allowed"), 403u);
  EXPECT_EQ(status("node.no_result"), 404u);
  EXPECT_EQ(status("node.key_reused"), 409u);
  EXPECT_EQ(status("node.too_large"), 413u);
  EXPECT_EQ(status("study.unknown_column"), 422u);
  EXPECT_EQ(status("node.too_many_requests"), 429u);
  EXPECT_EQ(status("internal.unexpected"), 500u);
  EXPECT_EQ(status("net.cannot_connect"), 503u);
}

// ---- the table and docs/api/openapi.json -----------------------------------------------------------------------------

std::set<std::string> callers_in(const Route& route) {
  std::set<std::string> callers;
  std::stringstream names(governance::role_names());
  for (std::string name; std::getline(names, name, ',');) {
    name = name.substr(name.find_first_not_of(' '));
    if (route.people && governance::may(governance::role_named(name).value(), *route.people)) callers.insert(name);
  }
  if (route.members == Members::kAll) callers.insert("member");
  if (route.members == Members::kCoordinator) callers.insert("coordinator");
  return callers;
}

std::set<std::string> parameters_of(const json& document, const json& operation) {
  std::set<std::string> names;
  for (json parameter : operation.value("parameters", json::array())) {
    if (parameter.contains("$ref"))
      parameter = document.at(json::json_pointer(parameter["$ref"].get<std::string>().substr(1)));
    names.insert(parameter.at("name"));
  }
  return names;
}

TEST(Routes, AreWhatTheDocumentSays) {
  const json document =
      json::parse(read_file(std::filesystem::path(COHORTIUM_SOURCE_FOLDER) / "docs/api/openapi.json"));
  std::size_t described = 0;
  for (const auto& [path, methods] : document.at("paths").items()) described += methods.size();
  EXPECT_EQ(described, routes().size());
  for (const Route& route : routes()) {
    SCOPED_TRACE(route.name);
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const json& operation = document.at("paths").at(std::string(route.path)).at(method);
    EXPECT_EQ(operation.at("operationId"), route.name);
    EXPECT_EQ(operation.at("x-callers").get<std::set<std::string>>(), callers_in(route));
    EXPECT_EQ(operation.at("x-at-own-member"), route.at_own_node);
    EXPECT_EQ(operation.at("x-at-coordinator"), route.at_coordinator);
    EXPECT_EQ(operation.at("x-largest-body"), route.largest_body);
    EXPECT_EQ(operation.contains("requestBody"), route.largest_body > 0);
    const std::set<std::string> parameters = parameters_of(document, operation);
    EXPECT_EQ(parameters.contains("Idempotency-Key"), route.changes_state);
    EXPECT_EQ(parameters.contains("study"),
              route.path.find("{study}") != std::string_view::npos || route.operation == Operation::kWatchEvents);
    EXPECT_EQ(parameters.contains("run"), route.path.find("{run}") != std::string_view::npos);
    for (const char* status : {"200", "400", "401", "403", "404", "413", "422", "429", "500", "503"})
      EXPECT_TRUE(operation.at("responses").contains(status)) << status;
    EXPECT_EQ(operation.at("responses").contains("409"), route.changes_state);
  }
}

TEST(Routes, Match) {
  const std::string study(64, 'a'), run(32, 'b');
  const RouteMatch match = match_route("GET", "/v1/studies/" + study + "/result");
  EXPECT_EQ(match.route->operation, Operation::kFetchResult);
  EXPECT_EQ(match.study, study);
  EXPECT_EQ(match_route("POST", "/v1/runs/" + run + "/abort").run, run);
  EXPECT_EQ(code_of([] { match_route("GET", "/v1/studies/..%2f"); }), "node.unknown_study");
  EXPECT_EQ(code_of([] { match_route("GET", "/v1/runs/../x"); }), "node.no_such_page");
  EXPECT_EQ(code_of([] { match_route("GET", "/v1/runs/x"); }), "node.unknown_run");
  for (const char* path : {"", "/", "/v1", "/v1/", "/v1/status/", "//v1/status", "/v2/status", "/v1/studies/"})
    EXPECT_NE(code_of([&] { match_route("GET", path); }), "") << path;
  EXPECT_EQ(code_of([] { match_route("DELETE", "/v1/studies"); }), "node.no_such_page");
}

// ---- limits ----------------------------------------------------------------------------------------------------------

TEST(RateLimit, AMinutesWorthAtOnceThenAsTheyComeBack) {
  RateLimit limit({.requests_per_minute = 60, .changes_per_minute = 6});
  const RateLimit::Time now = std::chrono::steady_clock::now();
  for (int i = 0; i < 6; ++i) EXPECT_EQ(limit.take("ana", false, true, now), 0u) << i;
  EXPECT_EQ(limit.take("ana", false, true, now), 10u);
  for (int i = 0; i < 54; ++i) EXPECT_EQ(limit.take("ana", false, false, now), 0u) << i;
  EXPECT_EQ(limit.take("ana", false, false, now), 1u);
  EXPECT_EQ(limit.take("nora", false, true, now), 0u) << "others have their own";
  EXPECT_EQ(limit.take("ana", false, true, now + 9s), 1u);
  EXPECT_EQ(limit.take("ana", false, true, now + 10s), 0u);
  EXPECT_EQ(limit.take("ana", false, true, now + 10s), 10u);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(limit.take("north", true, true, now), 0u) << "nodes have ten times as many";
  EXPECT_NE(limit.take("north", true, true, now), 0u);
}

TEST(Refusals, AreCountedWithoutFlooding) {
  std::vector<json> log;
  Refusals refusals([&](const json& detail) { log.push_back(detail); });
  const Refusals::Time now = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) refusals.count("eve", "runStudy", "/v1/studies/x/run", "node.not_allowed", now);
  refusals.count("eve", "decide", "/v1/studies/x/decide", "node.not_allowed", now);
  EXPECT_EQ(log.size(), 2u);
  refusals.log_due(now + 59s);
  EXPECT_EQ(log.size(), 2u);
  refusals.log_due(now + 60s);
  ASSERT_EQ(log.size(), 3u);
  EXPECT_EQ(log[2],
            (json{{"by", "eve"}, {"code", "node.not_allowed"}, {"request", "/v1/studies/x/run"}, {"times", 999}}));
  refusals.count("eve", "runStudy", "/v1/studies/x/run", "node.not_allowed", now + 61s);
  refusals.count("eve", "runStudy", "/v1/studies/x/run", "node.not_allowed", now + 62s);
  EXPECT_EQ(log.size(), 4u);
  refusals.log_due(Refusals::Time::max());
  EXPECT_EQ(log.back()["times"], 1);
}

}  // namespace
}  // namespace cohortium::node
