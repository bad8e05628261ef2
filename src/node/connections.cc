#include "node/connections.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <system_error>

#include "base/error.h"

namespace cohortium::node {
namespace {

constexpr std::chrono::seconds handshake_patience{10};
constexpr std::size_t most_lines = 30;  // a minute

}  // namespace

void Connections::take(std::unique_ptr<net::TlsStream> stream) {
  reap(false);
  if (connections_.size() >= limits_.connections) {
    warn("too many connections; one from " + stream->address() + " is turned away");
    return;
  }
  make_room_for_a_stranger();
  Connection* connection = nullptr;
  {
    const std::lock_guard lock(mutex_);
    connection = &connections_.emplace_back();
    connection->descriptor = stream->socket().descriptor();
  }
  try {
    connection->thread =
        std::thread([this, connection, caller = std::move(stream)]() mutable { run(*connection, caller); });
  } catch (const std::system_error& error) {  // out of threads: its misfortune alone
    const std::lock_guard lock(mutex_);
    connections_.pop_back();
    spdlog::error("a connection is turned away: {}", error.what());
  }
}

void Connections::run(Connection& connection, std::unique_ptr<net::TlsStream>& stream) {
  const auto handled = attempt([&] {
    stream->handshake(net::after(handshake_patience));
    const bool crowded = enter(connection, stream->peer());
    serve_(std::move(stream), crowded);
    return true;
  });
  if (!handled.ok()) warn(handled.error().text());
  leave(connection);
}

bool Connections::enter(Connection& connection, const std::string& peer) {
  const std::lock_guard lock(mutex_);
  connection.stage = Stage::kServed;
  connection.peer = peer;
  return ++of_caller_[peer] > limits_.connections_per_caller;
}

void Connections::leave(Connection& connection) {
  const std::lock_guard lock(mutex_);
  if (connection.stage == Stage::kServed) --of_caller_[connection.peer];
  connection.stage = Stage::kDone;
}

void Connections::make_room_for_a_stranger() {
  const std::lock_guard lock(mutex_);
  std::size_t strangers = 0;
  for (const Connection& connection : connections_) strangers += connection.stage == Stage::kHandshake;
  if (strangers < limits_.connections / 2) return;
  const auto oldest = std::find_if(connections_.begin(), connections_.end(), [](const Connection& connection) {
    return connection.stage == Stage::kHandshake && connection.descriptor >= 0;
  });
  if (oldest == connections_.end()) return;
  ::shutdown(oldest->descriptor, SHUT_RDWR);
  oldest->descriptor = -1;
}

void Connections::reap(bool all) {
  for (auto it = connections_.begin(); it != connections_.end();) {
    {
      const std::lock_guard lock(mutex_);
      if (!all && it->stage != Stage::kDone) {
        ++it;
        continue;
      }
    }
    it->thread.join();
    const std::lock_guard lock(mutex_);
    it = connections_.erase(it);
  }
}

void Connections::finish() { reap(true); }

void Connections::warn(const std::string& text) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now - minute_began_ > std::chrono::minutes(1)) {
    if (lines_ > most_lines) spdlog::warn("and {} more like that within a minute", lines_ - most_lines);
    minute_began_ = now;
    lines_ = 0;
  }
  if (++lines_ <= most_lines) spdlog::warn("{}", text);
}

}  // namespace cohortium::node
