// TLS streams over loopback: who gets in, who does not, and what a client that speaks something else gets.
#include "net/tls.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <future>

#include "base/error.h"
#include "net/testing/throw_away_identities.h"

namespace cohortium::net {
namespace {

using namespace std::chrono_literals;

std::string as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Tls : public testing::Test {
 protected:
  ThrowAwayIdentities known{{"alpha", "beta", "gamma"}};
  ThrowAwayIdentities stranger{{"alpha"}};  // the name is right, the key is not
  TlsListener listener{"127.0.0.1", 0, known.of("alpha"), known.pins()};

  std::future<Result<std::unique_ptr<TlsStream>>> accept_one(std::chrono::milliseconds patience = 5s) {
    return std::async(std::launch::async, [this, patience] {
      return attempt([&] {
        auto stream = listener.accept(5s);
        if (stream == nullptr) throw Failure({.code = "test.nobody_came", .message = ""});
        stream->handshake(after(patience));
        return stream;
      });
    });
  }
  Result<std::unique_ptr<TlsStream>> connect(const TlsIdentity& identity, const std::string& expected,
                                             const std::string& protocol = channel_protocol) {
    return attempt([&] {
      return connect_tls("127.0.0.1", listener.port(), identity, known.pins(), expected, protocol, after(5s));
    });
  }
};

TEST_F(Tls, BothEndsLearnWhoTheOtherIsAndTalk) {
  auto accepted = accept_one();
  const auto client = connect(known.of("beta"), "alpha", http_protocol).value().release();
  const std::unique_ptr<TlsStream> owner(client);
  const auto server = accepted.get();
  EXPECT_EQ(client->peer(), "alpha");
  EXPECT_EQ(server.value()->peer(), "beta");
  EXPECT_EQ(server.value()->protocol(), "http/1.1");
  client->write_all(bytes_of(std::string_view("hello")), 1s);
  Bytes buffer(100);
  EXPECT_EQ(as_text(std::span(buffer).first(server.value()->read_some(buffer, 1s))), "hello");
  client->close(1s);
  EXPECT_EQ(server.value()->read_some(buffer, 1s), 0u);
  server.value()->close(1s);  // the other end has long gone: no fault
}

TEST_F(Tls, ServerRefusesAnUnknownKeyAndTheClientLearnsWhy) {
  auto accepted = accept_one();
  const auto client = connect(stranger.of("alpha"), "alpha");
  const auto server = accepted.get();
  EXPECT_EQ(server.error().code, "net.wrong_certificate");
  EXPECT_NE(server.error().message.find(stranger.pins().at("alpha")), std::string::npos);
  Bytes buffer(1);
  const auto read = attempt([&] { return client.value()->read_some(buffer, 1s); });
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, "net.wrong_certificate");
}

TEST_F(Tls, ClientRefusesAServerItDidNotExpect) {
  auto accepted = accept_one();
  const auto client = connect(known.of("beta"), "gamma");
  EXPECT_EQ(client.error().code, "net.wrong_certificate");
  EXPECT_NE(client.error().message.find("it is alpha, not gamma"), std::string::npos);
  EXPECT_EQ(accepted.get().error().code, "net.wrong_certificate");
}

TEST_F(Tls, ClientRefusesAServerWithAnUnknownKey) {
  auto accepted = accept_one();
  const auto client = attempt([&] {
    return connect_tls("127.0.0.1", listener.port(), known.of("beta"), stranger.pins(), "alpha", channel_protocol,
                       after(5s));
  });
  EXPECT_EQ(client.error().code, "net.wrong_certificate");
  EXPECT_FALSE(accepted.get().ok());
}

TEST_F(Tls, ProtocolMustBeOneOfOurs) {
  auto accepted = accept_one();
  EXPECT_EQ(connect(known.of("beta"), "alpha", "h2").error().code, "net.tls_failed");
  EXPECT_EQ(accepted.get().error().code, "net.tls_failed");
}

TEST_F(Tls, RefusedConnectsAreTriedUntilTheDeadline) {
  const Socket taken = listen_on("127.0.0.1", 0);
  const std::uint16_t port = port_of(taken);
  EXPECT_EQ(attempt([&] { return listen_on("127.0.0.1", port).open(); }).error().code, "net.cannot_listen");
  const std::uint16_t later = [] {
    const Socket gone = listen_on("127.0.0.1", 0);
    return port_of(gone);
  }();
  EXPECT_EQ(attempt([&] { return connect_to("127.0.0.1", later, after(100ms)).open(); }).error().code,
            "net.cannot_connect");
  auto opened = std::async(std::launch::async, [&] {
    std::this_thread::sleep_for(100ms);
    return listen_on("127.0.0.1", later);
  });
  EXPECT_TRUE(connect_to("127.0.0.1", later, after(5s)).open());
}

TEST_F(Tls, UnusableIdentities) {
  const auto code = [&](const TlsIdentity& identity) {
    return attempt([&] { return TlsListener("127.0.0.1", 0, identity, known.pins()).port(); }).error().code;
  };
  EXPECT_EQ(code({.certificate = "no certificate", .key = known.of("beta").key}), "net.bad_identity");
  EXPECT_EQ(code({.certificate = known.of("alpha").certificate, .key = known.of("beta").key}), "net.bad_identity");
  EXPECT_EQ(attempt([&] { return certificate_fingerprint("no certificate"); }).error().code, "net.bad_identity");
}

// A client that is no TLS client at all: what it sends, and whether it then hangs up.
struct Impostor {
  const char* what;
  std::string sends;
  bool hangs_up;
};

class Impostors : public Tls, public testing::WithParamInterface<Impostor> {};

TEST_P(Impostors, GetNowhereAndHoldNobodyUp) {
  auto accepted = accept_one(300ms);
  Socket client = connect_to("127.0.0.1", listener.port(), after(1s));
  ASSERT_EQ(::send(client.descriptor(), GetParam().sends.data(), GetParam().sends.size(), 0),
            static_cast<ssize_t>(GetParam().sends.size()));
  if (GetParam().hangs_up) client = Socket();
  EXPECT_EQ(accepted.get().error().code, "net.tls_failed");
}

INSTANTIATE_TEST_SUITE_P(
    All, Impostors,
    testing::Values(Impostor{"plain text", "GET / HTTP/1.1\r\nHost: alpha\r\n\r\n", false},
                    Impostor{"garbage", std::string(4000, '\x9c'), false},
                    Impostor{"truncated hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9), true},
                    Impostor{"huge record", std::string("\x16\x03\x01\xff\xff", 5) + std::string(70000, 'a'), false},
                    Impostor{"silence", "", false}),
    [](const auto& parameter) {
      std::string name = parameter.param.what;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

}  // namespace
}  // namespace cohortium::net
