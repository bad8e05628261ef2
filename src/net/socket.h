// TCP sockets that never block: whoever must wait does so in wait_for(), with a deadline.
//
// Every connection has TCP_NODELAY, large buffers where the kernel allows them, and keep-alive probes that find a dead
// host within 10 s. TCP_USER_TIMEOUT is not used: it would also end the connection to a healthy peer that computes for
// a while before it reads on. host_is_lost() covers what keep-alive leaves out, data in flight that nobody confirms.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace cohortium::net {

using Deadline = std::chrono::steady_clock::time_point;
inline Deadline after(std::chrono::milliseconds duration) { return std::chrono::steady_clock::now() + duration; }

inline constexpr std::chrono::milliseconds host_patience{10'000};

class Socket {
 public:
  explicit Socket(int descriptor = -1) : descriptor_(descriptor) {}
  ~Socket();
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  int descriptor() const { return descriptor_; }
  bool open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

// Fails with net.cannot_listen. Port 0 asks for any free one.
Socket listen_on(const std::string& address, std::uint16_t port);
std::uint16_t port_of(const Socket& listener);
// The next connection, or a closed socket when none came in time.
Socket accept_from(const Socket& listener, std::chrono::milliseconds timeout);
// Tries again while the host refuses or cannot be reached, until the deadline: net.cannot_connect. Looking up the name
// takes as long as the system's resolver does.
Socket connect_to(const std::string& host, std::uint16_t port, Deadline deadline);

std::string remote_address(const Socket& socket);  // "192.0.2.1:4711"

// Waits for poll() events; false at the deadline. Errors count as events: the next read or write reports them.
bool wait_for(const Socket& socket, short events, Deadline deadline);

// Everything that was written has reached the peer's kernel, or the connection is over.
bool all_confirmed(const Socket& socket);
// Data in flight, and for host_patience nothing was heard from the peer's kernel.
bool host_is_lost(const Socket& socket);

}  // namespace cohortium::net
