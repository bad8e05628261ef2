#include "bench/control.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"

namespace cohortium::bench {
namespace {

constexpr std::size_t longest_message = 64 * 1024;

Failure other_side_is_gone() {
  return Failure({.code = "bench.party_failed",
                  .message = "a process of the benchmark ended before its time",
                  .remedy = "check the machine's free memory; see the messages above"});
}

}  // namespace

std::pair<Control, Control> control_pair() {
  std::array<int, 2> ends{};
  COHORTIUM_CHECK(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0);
  return {Control(net::Socket(ends[0])), Control(net::Socket(ends[1]))};
}

void Control::send(const nlohmann::json& message) {
  const std::string text = message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  COHORTIUM_CHECK(text.size() <= longest_message);
  if (::send(socket_.descriptor(), text.data(), text.size(), MSG_NOSIGNAL) < 0) throw other_side_is_gone();
}

nlohmann::json Control::receive(const std::function<void()>& keep_going) {
  constexpr std::chrono::milliseconds turn{100};
  while (!net::wait_for(socket_, POLLIN, net::after(turn))) {
    if (keep_going) keep_going();
  }
  std::string text(longest_message, '\0');
  const ssize_t size = ::recv(socket_.descriptor(), text.data(), text.size(), 0);
  if (size <= 0) throw other_side_is_gone();
  return nlohmann::json::parse(text.begin(), text.begin() + size);
}

}  // namespace cohortium::bench
