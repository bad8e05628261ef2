// See plain_channel.h. Large pieces go between the caller's memory and the socket without a copy on the way.
#include "bench/plain_channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include "base/error.h"
#include "net/byte_queue.h"
#include "net/faults.h"

namespace cohortium::bench {
namespace {

using net::Deadline;
using std::chrono::milliseconds;

constexpr std::size_t small_read = 4096;

class PlainStream final : public net::ByteStream {
 public:
  explicit PlainStream(PlainConnection connection)
      : socket_(std::move(connection.socket)), peer_("party" + std::to_string(connection.peer)) {}

  const std::string& peer() const override { return peer_; }
  const net::Socket& socket() const override { return socket_; }
  bool output_is_pending() const override { return !queue_.empty(); }

  // Small pieces, such as headers, are cut from what was read in one go.
  Read try_read(std::span<std::byte> out) override {
    if (begin_ == end_ && out.size() < small_read) {
      const Read read = receive(early_);
      if (read.arrival != Arrival::kData) return read;
      begin_ = 0;
      end_ = read.count;
    }
    if (begin_ == end_) return receive(out);
    const std::size_t count = std::min(out.size(), end_ - begin_);
    std::copy_n(early_.begin() + static_cast<std::ptrdiff_t>(begin_), count, out.begin());
    begin_ += count;
    return {Arrival::kData, count};
  }

  void write(std::span<const std::byte> bytes, bool more_follows) override {
    if (more_follows) return queue_.append(bytes);
    queue_.append(bytes.subspan(send({queue_.front(), bytes})));
    flush();
  }

  bool flush() override {
    bool moved = false;
    while (!queue_.empty()) {
      const std::size_t before = queue_.size();
      send({queue_.front(), {}});
      if (queue_.size() == before) break;
      moved = true;
    }
    return moved;
  }

  void close(milliseconds timeout) override {
    const Deadline deadline = net::after(timeout);
    while (output_is_pending()) {
      if (!net::wait_for(socket_, POLLOUT, deadline)) throw Failure(net::peer_silent(peer_, timeout));
      flush();
    }
    ::shutdown(socket_.descriptor(), SHUT_WR);
    while (!net::all_confirmed(socket_)) {
      if (std::chrono::steady_clock::now() >= deadline) throw Failure(net::peer_silent(peer_, timeout));
      if (receive(early_).arrival != Arrival::kData) std::this_thread::sleep_for(milliseconds(1));
    }
  }

 private:
  Read receive(std::span<std::byte> out) {
    while (true) {
      const ssize_t count = ::recv(socket_.descriptor(), out.data(), out.size(), 0);
      if (count > 0) return {Arrival::kData, static_cast<std::size_t>(count)};
      if (count == 0) return {Arrival::kGoodbye};
      if (errno == EAGAIN || errno == EWOULDBLOCK) return {Arrival::kNothingYet};
      if (errno != EINTR) throw Failure(net::peer_closed(peer_));
    }
  }

  // Sends the queue's front and, if that is all of the queue, what follows: how much of the second went out.
  std::size_t send(std::array<std::span<const std::byte>, 2> pieces) {
    if (pieces[0].size() < queue_.size()) pieces[1] = {};
    std::array<iovec, 2> vectors;
    for (std::size_t i = 0; i < 2; ++i) {
      vectors[i] = {.iov_base = const_cast<std::byte*>(pieces[i].data()), .iov_len = pieces[i].size()};
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = vectors.size();
    ssize_t count = 0;
    do {
      count = ::sendmsg(socket_.descriptor(), &message, MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK) throw Failure(net::peer_closed(peer_));
    const auto sent = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    const std::size_t of_queue = std::min(sent, pieces[0].size());
    if (of_queue > 0) queue_.consume(of_queue);
    return sent - of_queue;
  }

  net::Socket socket_;
  std::string peer_;
  net::ByteQueue queue_;
  std::array<std::byte, small_read> early_;
  std::size_t begin_ = 0, end_ = 0;  // what of `early_` is left
};

}  // namespace

PlainConnection call_plain(std::uint16_t port, int self, int peer, Deadline deadline) {
  PlainConnection connection{net::connect_to("127.0.0.1", port, deadline), peer};
  std::array<std::byte, 4> number;
  for (unsigned i = 0; i < 4; ++i) number[i] = static_cast<std::byte>(static_cast<unsigned>(self) >> (8 * i));
  // A fresh connection takes four bytes.
  COHORTIUM_CHECK(::send(connection.socket.descriptor(), number.data(), number.size(), MSG_NOSIGNAL) == 4);
  return connection;
}

PlainConnection answer_plain(const net::Socket& listener, milliseconds timeout) {
  const Deadline deadline = net::after(timeout);
  PlainConnection connection{net::accept_from(listener, timeout)};
  std::array<std::byte, 4> number;
  if (!connection.socket.open() || !net::wait_for(connection.socket, POLLIN, deadline) ||
      ::recv(connection.socket.descriptor(), number.data(), number.size(), 0) != 4) {
    throw Failure(net::peer_silent("another party", timeout));
  }
  unsigned peer = 0;
  for (unsigned i = 0; i < 4; ++i) peer |= std::to_integer<unsigned>(number[i]) << (8 * i);
  connection.peer = static_cast<int>(peer);
  return connection;
}

std::vector<std::unique_ptr<net::Channel>> make_plain_channels(std::vector<PlainConnection> connections,
                                                               net::ChannelOptions options) {
  std::vector<std::unique_ptr<net::ByteStream>> streams;
  for (auto& connection : connections) streams.push_back(std::make_unique<PlainStream>(std::move(connection)));
  return net::make_channels(std::move(streams), options);
}

}  // namespace cohortium::bench
