#include "net/socket.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include "base/error.h"

namespace cohortium::net {
namespace {

using std::chrono::milliseconds;

bool set(int socket, int level, int option, int value) {
  return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

// Asking for a buffer switches the kernel's own tuning off, and the kernel cuts what it grants to a system-wide limit.
// So ask only when the limit is generous; a probe tells.
bool kernel_grants(int option, int bytes) {
  const Socket probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  int granted = 0;
  socklen_t size = sizeof granted;
  return probe.open() && set(probe.descriptor(), SOL_SOCKET, option, bytes) &&
         ::getsockopt(probe.descriptor(), SOL_SOCKET, option, &granted, &size) == 0 && granted >= bytes;
}

void prepare(int socket) {
  constexpr int buffer = 4 << 20;
  set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  for (const int option : {SO_SNDBUF, SO_RCVBUF}) {
    if (kernel_grants(option, buffer)) set(socket, SOL_SOCKET, option, buffer);
  }
  set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(socket, IPPROTO_TCP, TCP_KEEPIDLE, 3);
  set(socket, IPPROTO_TCP, TCP_KEEPINTVL, 2);
  set(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses look_up(const std::string& host, std::uint16_t port, int flags, std::string& reason) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (code != 0) reason = ::gai_strerror(code);
  return Addresses(code == 0 ? list : nullptr);
}

Socket open_socket(const addrinfo& address) {
  return Socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// A connected socket, or a closed one and errno.
Socket try_connect(const addrinfo& address, Deadline deadline) {
  Socket socket = open_socket(address);
  if (!socket.open()) return socket;
  prepare(socket.descriptor());
  if (::connect(socket.descriptor(), address.ai_addr, address.ai_addrlen) == 0) return socket;
  if (errno != EINPROGRESS) return Socket();
  int error = ETIMEDOUT;
  socklen_t size = sizeof error;
  if (wait_for(socket, POLLOUT, deadline)) {
    ::getsockopt(socket.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error == 0) return socket;
  socket = Socket();
  errno = error;
  return socket;
}

std::optional<tcp_info> connection_info(const Socket& socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket.descriptor(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  return info;
}

std::string at(const std::string& host, std::uint16_t port) { return host + ":" + std::to_string(port); }

}  // namespace

Socket::~Socket() {
  if (open()) ::close(descriptor_);
}

Socket listen_on(const std::string& address, std::uint16_t port) {
  std::string reason;
  const Addresses addresses = look_up(address, port, AI_PASSIVE, reason);
  for (const addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
    Socket socket = open_socket(*each);
    if (socket.open() && set(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, 1) &&
        ::bind(socket.descriptor(), each->ai_addr, each->ai_addrlen) == 0 && ::listen(socket.descriptor(), 128) == 0) {
      return socket;
    }
    reason = std::strerror(errno);
  }
  throw Failure({.code = "net.cannot_listen",
                 .message = "cannot listen for connections: " + reason,
                 .where = at(address, port),
                 .remedy = "check that the address is this machine's and that no other program uses the port"});
}

std::uint16_t port_of(const Socket& listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  COHORTIUM_CHECK(::getsockname(listener.descriptor(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

Socket accept_from(const Socket& listener, milliseconds timeout) {
  const Deadline deadline = after(timeout);
  while (wait_for(listener, POLLIN, deadline)) {
    Socket socket(::accept4(listener.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.open()) {
      prepare(socket.descriptor());
      return socket;
    }
    // Out of descriptors or memory: let other threads free some. Anything else was that one connection's misfortune.
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) std::this_thread::sleep_for(milliseconds(50));
  }
  return Socket();
}

Socket connect_to(const std::string& host, std::uint16_t port, Deadline deadline) {
  std::string reason;
  for (milliseconds pause(20);; pause = std::min(2 * pause, milliseconds(500))) {
    const Addresses addresses = look_up(host, port, 0, reason);
    for (const addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
      Socket socket = try_connect(*each, deadline);
      if (socket.open()) return socket;
      reason = std::strerror(errno);
    }
    if (std::chrono::steady_clock::now() + pause >= deadline) break;
    std::this_thread::sleep_for(pause);
  }
  throw Failure({.code = "net.cannot_connect",
                 .message = "cannot connect: " + reason,
                 .where = at(host, port),
                 .remedy = "check that the peer's node runs and that the firewalls between let this port through"});
}

std::string remote_address(const Socket& socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[INET6_ADDRSTRLEN], port[8];
  if (::getpeername(socket.descriptor(), reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "unknown address";
  }
  return std::string(host) + ":" + port;
}

bool wait_for(const Socket& socket, short events, Deadline deadline) {
  pollfd entry{.fd = socket.descriptor(), .events = events, .revents = 0};
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    const int ready = ::poll(&entry, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
    if (ready > 0) return true;
    if (ready == 0 && left <= 60'000) return false;
  }
}

bool all_confirmed(const Socket& socket) {
  const auto info = connection_info(socket);
  int waiting = 0;
  return !info || info->tcpi_state == TCP_CLOSE || ::ioctl(socket.descriptor(), SIOCOUTQ, &waiting) != 0 ||
         waiting == 0;
}

bool host_is_lost(const Socket& socket) {
  const auto info = connection_info(socket);
  return info && info->tcpi_unacked > 0 && info->tcpi_last_ack_recv > static_cast<std::uint32_t>(host_patience.count());
}

}  // namespace cohortium::net
