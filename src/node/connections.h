// The node's open connections: one thread each, as many as the limits say, in all and of each caller.
//
// Strangers   whoever has not proved yet who she is takes at most half of the places; when these are taken, the one that has
//             been at it longest goes for a new one. Honest callers are through in milliseconds.
// Crowded     a caller with too many connections is told so on the surplus ones
// The log     of connections that came to nothing has at most 30 lines a minute, and says how many it left out
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "net/tls.h"
#include "node/limits.h"

namespace cohortium::node {

class Connections {
 public:
  // Runs in a thread of its own, after the handshake.
  using Serve = std::function<void(std::unique_ptr<net::TlsStream> stream, bool crowded)>;
  Connections(const Limits& limits, Serve serve) : limits_(limits), serve_(std::move(serve)) {}
  ~Connections() { finish(); }

  void take(std::unique_ptr<net::TlsStream> stream);
  void finish();  // waits for all

 private:
  enum class Stage { kHandshake, kServed, kDone };
  struct Connection {
    std::thread thread;
    Stage stage = Stage::kHandshake;
    int descriptor = -1;  // until kDone the stream's
    std::string peer;
  };
  void reap(bool all);
  void make_room_for_a_stranger();
  void run(Connection& connection, std::unique_ptr<net::TlsStream>& stream);
  bool enter(Connection& connection, const std::string& peer);
  void leave(Connection& connection);
  void warn(const std::string& text);

  const Limits limits_;
  const Serve serve_;
  std::mutex mutex_;
  std::list<Connection> connections_;  // changed by the one thread that takes; their members by all
  std::map<std::string, std::size_t> of_caller_;
  std::chrono::steady_clock::time_point minute_began_;
  std::size_t lines_ = 0;
};

}  // namespace cohortium::node
