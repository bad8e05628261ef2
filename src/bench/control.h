// How the bench speaks with its parties: JSON messages over a pair of local sockets, one message per packet.
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <utility>

#include "net/socket.h"

namespace cohortium::bench {

class Control {
 public:
  explicit Control(net::Socket socket) : socket_(std::move(socket)) {}

  // Both fail with bench.party_failed when the other side is gone.
  void send(const nlohmann::json& message);
  // Waits as long as it takes; `keep_going`, where given, is called several times a second and ends the wait by throwing.
  nlohmann::json receive(const std::function<void()>& keep_going = {});

  const net::Socket& socket() const { return socket_; }

 private:
  net::Socket socket_;
};

std::pair<Control, Control> control_pair();

}  // namespace cohortium::bench
