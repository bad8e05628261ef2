#include "bench/limits.h"

#include <openssl/evp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <vector>

#include "base/error.h"
#include "bench/transport.h"
#include "net/socket.h"

namespace cohortium::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double shortest_measurement = 0.15;  // seconds
constexpr std::size_t message_bytes = 131056;  // with its frame header, eight full TLS records
constexpr std::size_t stream_bytes = std::size_t{256} << 20;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// How often per second `work` is done, over the shortest measurement.
template <class Work>
double rate(Work work) {
  work();
  const auto start = Clock::now();
  std::size_t times = 0;
  double seconds = 0;
  do {
    work();
    ++times;
    seconds = seconds_since(start);
  } while (seconds < shortest_measurement);
  return static_cast<double>(times) / seconds;
}

double aes_ctr_gb_s() {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher(EVP_CIPHER_CTX_new(),
                                                                               &EVP_CIPHER_CTX_free);
  const std::array<unsigned char, 16> key{}, counter{};
  COHORTIUM_CHECK(EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_ctr(), nullptr, key.data(), counter.data()) == 1);
  std::vector<unsigned char> buffer(64 * 1024);
  int written = 0;
  const double times = rate([&] {
    COHORTIUM_CHECK(
        EVP_EncryptUpdate(cipher.get(), buffer.data(), &written, buffer.data(), static_cast<int>(buffer.size())) == 1);
  });
  return times * static_cast<double>(buffer.size()) * 1e-9;
}

double memcpy_gb_s() {
  const std::vector<std::uint64_t> from(std::size_t{8} << 20, 1);
  std::vector<std::uint64_t> to(from.size());
  const double bytes = static_cast<double>(from.size() * sizeof(std::uint64_t));
  return bytes * 1e-9 * rate([&] {
           std::memcpy(to.data(), from.data(), from.size() * sizeof(std::uint64_t));
           asm volatile("" : : "r"(to.data()) : "memory");
         });
}

// Independent chains in vector registers, as many as hide the multiplier's latency.
__attribute__((target_clones("default", "avx2", "arch=skylake-avx512"))) void multiply_add_chains(std::uint64_t* chains,
                                                                                                  std::size_t count,
                                                                                                  std::size_t steps) {
  for (std::size_t block = 0; block < count; block += 64) {
    std::array<std::uint64_t, 64> value;
    std::memcpy(value.data(), chains + block, sizeof value);
    for (std::size_t step = 0; step < steps; ++step) {
      for (std::uint64_t& v : value) v = v * (2 * step + 3) + step;
    }
    std::memcpy(chains + block, value.data(), sizeof value);
  }
}

double multiply_add_g_s() {
  constexpr std::size_t count = 64, steps = 4096;
  std::vector<std::uint64_t> chains(count, 12345);
  return static_cast<double>(count * steps) * 1e-9 * rate([&] {
           multiply_add_chains(chains.data(), count, steps);
           asm volatile("" : : "r"(chains.data()) : "memory");
         });
}

// A second process that runs `body`; it ends with this one.
class Helper {
 public:
  template <class Body>
  explicit Helper(Body body) {
    const pid_t parent = ::getpid();
    process_ = ::fork();
    COHORTIUM_CHECK(process_ >= 0);
    if (process_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    ::setpgid(0, 0);
    const auto done = attempt([&] { return body(), true; });
    ::_exit(done.ok() ? 0 : 1);
  }
  ~Helper() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;

 private:
  pid_t process_;
};

void read_exactly(const net::Socket& socket, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t count = ::recv(socket.descriptor(), out.data(), out.size(), 0);
    if (count > 0) {
      out = out.subspan(count);
    } else if (count == 0 || !net::wait_for(socket, POLLIN, net::after(net::host_patience))) {
      throw Failure({.code = "bench.party_failed", .message = "the other end of a loopback connection is gone"});
    }
  }
}

void write_exactly(const net::Socket& socket, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) {
      bytes = bytes.subspan(count);
    } else if (!net::wait_for(socket, POLLOUT, net::after(net::host_patience))) {
      throw Failure({.code = "bench.party_failed", .message = "the other end of a loopback connection is gone"});
    }
  }
}

double tcp_loopback_gb_s() {
  const net::Socket listener = net::listen_on("127.0.0.1", 0);
  const Helper writer([&] {
    const net::Socket socket = net::connect_to("127.0.0.1", net::port_of(listener), net::after(net::host_patience));
    const std::vector<std::byte> message(message_bytes);
    for (std::size_t sent = 0; sent < stream_bytes; sent += message_bytes) write_exactly(socket, message);
    std::byte last;
    read_exactly(socket, std::span(&last, 1));
  });
  const net::Socket socket = net::accept_from(listener, net::host_patience);
  std::vector<std::byte> message(message_bytes);
  read_exactly(socket, message);
  const auto start = Clock::now();
  std::size_t received = 0;
  for (; received + message_bytes < stream_bytes; received += message_bytes) read_exactly(socket, message);
  return static_cast<double>(received) * 1e-9 / seconds_since(start);
}

struct TlsFigures {
  double gb_s = 0, one_way_seconds = 0;
};

// Two parties of the benchmark's own transport: channels as the engine uses them.
TlsFigures tls_loopback() {
  constexpr int trips = 1000;
  const Transport transport = tls_transport(2, 1);
  int ports[2][2];
  for (auto& pair : ports) COHORTIUM_CHECK(::pipe2(pair, 0) == 0);
  const net::Socket ends[] = {net::Socket(ports[0][0]), net::Socket(ports[0][1]), net::Socket(ports[1][0]),
                              net::Socket(ports[1][1])};
  const auto connect = [&](mpc::PartyId self) {
    const auto exchange = [&](std::uint16_t own) {
      std::uint16_t theirs = 0;
      COHORTIUM_CHECK(::write(ports[self][1], &own, sizeof own) == sizeof own);
      COHORTIUM_CHECK(::read(ports[1 - self][0], &theirs, sizeof theirs) == sizeof theirs);
      return self == 0 ? std::vector<std::uint16_t>{own, theirs} : std::vector<std::uint16_t>{theirs, own};
    };
    return std::move(transport.connect(self, exchange).front()[1 - self]);
  };
  const Helper writer([&] {
    const auto channel = connect(1);
    std::vector<std::byte> message(message_bytes), token(64);
    for (int trip = 0; trip < trips; ++trip) {
      channel->receive(token);
      channel->send(token);
    }
    for (std::size_t sent = 0; sent < stream_bytes; sent += message_bytes) channel->send(message);
    channel->receive(token);
  });
  const auto channel = connect(0);
  std::vector<std::byte> message(message_bytes), token(64);
  auto start = Clock::now();
  for (int trip = 0; trip < trips; ++trip) {
    channel->send(token);
    channel->receive(token);
  }
  const double one_way = seconds_since(start) / (2 * trips);
  channel->receive(message);
  start = Clock::now();
  std::size_t received = message_bytes;
  for (; received < stream_bytes; received += message_bytes) channel->receive(message);
  return {.gb_s = static_cast<double>(received - message_bytes) * 1e-9 / seconds_since(start),
          .one_way_seconds = one_way};
}

}  // namespace

Limits measure_limits(const std::function<void()>& keep_going) {
  Limits limits;
  limits.aes_ctr_gb_s = aes_ctr_gb_s();
  limits.memcpy_gb_s = memcpy_gb_s();
  limits.multiply_add_g_s = multiply_add_g_s();
  keep_going();
  limits.tcp_loopback_gb_s = tcp_loopback_gb_s();
  keep_going();
  const TlsFigures tls = tls_loopback();
  limits.tls_loopback_gb_s = tls.gb_s;
  limits.tls_one_way_seconds = tls.one_way_seconds;
  keep_going();
  return limits;
}

}  // namespace cohortium::bench
