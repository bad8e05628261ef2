#include "node/rendezvous.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>

namespace cohortium::node {
namespace {

constexpr std::size_t run_digits = 32;
constexpr std::size_t most_waiting = 64;  // per member
constexpr std::chrono::seconds greeting_patience{10};
constexpr std::chrono::minutes longest_wait{40};  // longer than a party waits for the slowest site

}  // namespace

void greet(net::TlsStream& stream, const std::string& run, Purpose purpose) {
  COHORTIUM_CHECK(run.size() == run_digits);
  std::string greeting = run + static_cast<char>(purpose);
  stream.write_all(std::as_bytes(std::span(greeting)), greeting_patience);
}

void Rendezvous::accept(std::unique_ptr<net::TlsStream> stream) {
  std::string greeting(run_digits + 1, '\0');
  for (std::size_t have = 0; have < greeting.size();) {
    const std::size_t count =
        stream->read_some(std::as_writable_bytes(std::span(greeting)).subspan(have), greeting_patience);
    if (count == 0) return;
    have += count;
  }
  const auto purpose = static_cast<Purpose>(greeting.back());
  if (purpose != Purpose::kParty && purpose != Purpose::kShares) return;
  const std::string peer = stream->peer();
  std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(waiting_, [&](const auto& entry) { return now - entry.second.since > longest_wait; });
  const auto from_peer =
      std::count_if(waiting_.begin(), waiting_.end(), [&](const auto& e) { return std::get<2>(e.first) == peer; });
  if (static_cast<std::size_t>(from_peer) >= most_waiting) return;
  waiting_[{greeting.substr(0, run_digits), purpose, peer}] = {std::move(stream), now};
  changed_.notify_all();
}

std::unique_ptr<net::TlsStream> Rendezvous::take(const std::string& run, Purpose purpose, const std::string& peer,
                                                 std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const Key key{run, purpose, peer};
  const bool came = changed_.wait_for(lock, patience, [&] { return waiting_.contains(key) || ended_.contains(run); });
  if (const auto ended = ended_.find(run); ended != ended_.end()) throw Failure(ended->second.reason);
  if (!came) {
    throw Failure({.code = "net.peer_absent",
                   .message = peer + " has not connected",
                   .where = peer,
                   .remedy = "check that the node is running and can reach this one"});
  }
  auto stream = std::move(waiting_[key].stream);
  waiting_.erase(key);
  return stream;
}

void Rendezvous::cancel(const std::string& run, const Error& reason) { end(run, {reason, true}); }

void Rendezvous::give_up(const std::string& run, const Error& reason) { end(run, {reason, false}); }

void Rendezvous::end(const std::string& run, const Ended& ended) {
  std::lock_guard lock(mutex_);
  const auto [known, is_new] = ended_.emplace(run, ended);
  if (!is_new && ended.cancelled && !known->second.cancelled) known->second = ended;
  for (const Breakable* connections : breakable_) {
    if (connections->run_ != run) continue;
    for (const net::Socket& socket : connections->sockets_) ::shutdown(socket.descriptor(), SHUT_RDWR);
    if (connections->cancel_) connections->cancel_();
  }
  changed_.notify_all();
}

std::optional<Error> Rendezvous::forget(const std::string& run) {
  std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [&](const auto& entry) { return std::get<0>(entry.first) == run; });
  const auto ended = ended_.extract(run);
  return ended.empty() || !ended.mapped().cancelled ? std::nullopt : std::optional(ended.mapped().reason);
}

Rendezvous::Breakable::Breakable(Rendezvous& rendezvous, std::string run, const std::vector<int>& sockets,
                                 std::function<void()> cancel)
    : rendezvous_(rendezvous), run_(std::move(run)), cancel_(std::move(cancel)) {
  for (int socket : sockets) sockets_.emplace_back(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  std::lock_guard lock(rendezvous_.mutex_);
  if (const auto ended = rendezvous_.ended_.find(run_); ended != rendezvous_.ended_.end())
    throw Failure(ended->second.reason);
  rendezvous_.breakable_.insert(this);
}

Rendezvous::Breakable::~Breakable() {
  std::lock_guard lock(rendezvous_.mutex_);
  rendezvous_.breakable_.erase(this);
}

}  // namespace cohortium::node
