// Slow peers over real TLS: whoever takes no answer, or sends her request a byte at a time, is given up after some seconds.
#include "node/http.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "net/testing/tls_pairs.h"

namespace cohortium::node {
namespace {

using namespace std::chrono_literals;

std::string code_and_whether_in_time(const std::function<bool()>& body) {
  const auto begun = std::chrono::steady_clock::now();
  const auto ended = attempt(body);
  const bool in_time = std::chrono::steady_clock::now() - begun < 25s;
  return (ended.ok() ? "none" : ended.error().code) + (in_time ? "" : ", late");
}

TEST(HttpConnection, SlowPeersAreGivenUp) {
  auto [telling, deaf] = net::stream_pair("alpha", "beta");
  auto [asked, dripping] = net::stream_pair("beta", "gamma");
  auto told = std::async(std::launch::async, [&, &stream = *telling] {
    HttpConnection connection(stream);
    const std::string event(65536, 'e');
    return code_and_whether_in_time([&]() -> bool {
      for (;;) connection.write(event);
    });
  });
  std::atomic<bool> done{false};
  std::thread drip([&, &stream = *dripping] {
    while (!done) {
      static_cast<void>(attempt([&] { return stream.write_all(bytes_of(std::string_view("G")), 1s), true; }));
      std::this_thread::sleep_for(100ms);
    }
  });
  HttpConnection connection(*asked);
  EXPECT_EQ(code_and_whether_in_time([&] { return connection.read_head(), true; }), "net.peer_silent");
  EXPECT_EQ(told.get(), "net.peer_silent");
  done = true;
  drip.join();
  EXPECT_FALSE(connection.caller_is_gone());
  dripping.reset();
  std::this_thread::sleep_for(200ms);
  while (connection.caller_is_gone() == false) std::this_thread::sleep_for(10ms);  // past what had dripped
}

TEST(HttpConnection, AnswersAndTheirStatus) {
  auto [node, caller] = net::stream_pair("alpha", "beta");
  caller->write_all(bytes_of(std::string_view("POST /v1/studies HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}more")), 1s);
  HttpConnection connection(*node);
  const RequestHead head = connection.read_head();
  EXPECT_EQ(connection.read_body(head), "{}");
  connection.answer(Result<nlohmann::json>(Error{.code = "node.too_many_requests", .message = "\xff no UTF-8"}), 7);
  connection.close();
  std::string answer;
  std::array<std::byte, 4096> block;
  while (const std::size_t count = caller->read_some(block, 1s))
    answer.append(reinterpret_cast<const char*>(block.data()), count);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 429 Too Many Requests\r\n")) << answer;
  EXPECT_NE(answer.find("\r\nRetry-After: 7\r\n"), std::string::npos);
}

}  // namespace
}  // namespace cohortium::node
