#include "net/tls_channel.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <optional>

#include "base/error.h"
#include "net/byte_queue.h"
#include "net/faults.h"

namespace cohortium::net {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t header_size = 16;
constexpr std::size_t record_size = 16384;

// How often a waiting party looks whether a peer's host is lost, which no event tells.
constexpr milliseconds host_check_interval{1000};

void put_little_endian(std::span<std::byte> out, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::byte>(value >> (8 * i));
}
std::uint64_t get_little_endian(std::span<const std::byte> in) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= std::to_integer<std::uint64_t>(in[i]) << (8 * i);
  return value;
}

// A stream with what was read ahead from it.
class Line {
 public:
  Line(std::unique_ptr<ByteStream> stream, std::uint64_t read_ahead_limit)
      : stream_(std::move(stream)), read_ahead_limit_(read_ahead_limit) {}

  ByteStream& stream() { return *stream_; }
  const std::string& peer() const { return stream_->peer(); }

  // Fills what it can of `out` without waiting.
  std::size_t read(std::span<std::byte> out) {
    std::size_t count = read_ahead_.take(out);
    while (count < out.size() && !said_goodbye_) {
      const ByteStream::Read read = stream_->try_read(out.subspan(count));
      if (read.arrival == ByteStream::Arrival::kNothingYet) break;
      said_goodbye_ = read.arrival == ByteStream::Arrival::kGoodbye;
      count += read.count;
    }
    if (count == 0 && said_goodbye_ && !out.empty()) throw Failure(peer_closed(peer()));
    return count;
  }

  // A bounded helping, so that a peer that never stops sending does not keep us from the others.
  void read_ahead() {
    constexpr int helping = 64;
    for (int i = 0; i < helping && wants_input(); ++i) {
      const ByteStream::Read read = stream_->try_read(read_ahead_.space());
      more_is_buffered_ = read.arrival == ByteStream::Arrival::kData;
      said_goodbye_ = read.arrival == ByteStream::Arrival::kGoodbye;
      if (!more_is_buffered_) return;
      read_ahead_.commit(read.count);
    }
  }
  bool wants_input() const { return !said_goodbye_ && read_ahead_.size() <= read_ahead_limit_; }
  // OpenSSL may hold data that poll() knows nothing of.
  bool more_is_buffered() const { return more_is_buffered_ && wants_input(); }

 private:
  std::unique_ptr<ByteStream> stream_;
  std::uint64_t read_ahead_limit_;
  ByteQueue read_ahead_;
  bool said_goodbye_ = false, more_is_buffered_ = false;
};

// The siblings. A line leaves when its channel is destroyed.
class ChannelGroup {
 public:
  explicit ChannelGroup(ChannelOptions options) : options_(options) {}
  const ChannelOptions& options() const { return options_; }

  void add(Line* line) { lines_.push_back(line); }
  void remove(Line* line) { std::erase(lines_, line); }

  // Runs one operation of a channel; its failure becomes that of all siblings.
  template <class Operation>
  auto guard(Operation&& operation) {
    if (failure_) throw Failure(*failure_);
    try {
      return operation();
    } catch (const Failure& failure) {
      failure_ = failure.error();
      throw;
    }
  }

  // Keeps all lines moving until the awaited one has something to read or got rid of something.
  void wait_for_progress(Line& awaited) {
    const auto start = Clock::now(), deadline = start + options_.patience;
    for (auto now = start, next_check = start + host_check_interval;; now = Clock::now()) {
      if (now >= next_check) {
        check_hosts();
        next_check = now + host_check_interval;
      }
      if (now >= deadline) throw Failure(peer_silent(awaited.peer(), options_.patience));
      if (turn(&awaited, std::min(next_check, deadline) - now)) return;
    }
  }

  // Sends what is queued, as far as it goes without waiting.
  void flush() {
    for (Line* line : lines_) {
      if (line->stream().output_is_pending()) line->stream().flush();
    }
  }

  // Keeps all lines moving for a while.
  void let_pass(Clock::time_point until) {
    for (auto now = Clock::now(); now < until; now = Clock::now()) turn(nullptr, until - now);
  }

 private:
  void check_hosts() {
    for (Line* line : lines_) {
      if (host_is_lost(line->stream().socket())) throw Failure(peer_silent(line->peer(), host_patience));
    }
  }

  // Whether the awaited line moved. The others, all of them if none is awaited, read ahead.
  bool turn(Line* awaited, std::chrono::nanoseconds longest) {
    entries_.clear();
    for (Line* line : lines_) {
      const bool sends = line->stream().output_is_pending(), reads = line->wants_input();
      // A line with nothing to do is left out (-1): poll() would report its end again and again.
      entries_.push_back({.fd = sends || reads ? line->stream().socket().descriptor() : -1,
                          .events = static_cast<short>((sends ? POLLOUT : 0) | (reads ? POLLIN : 0)),
                          .revents = 0});
      if (line != awaited && line->more_is_buffered()) longest = longest.zero();
    }
    const timespec timeout{.tv_sec = static_cast<time_t>(longest.count() / 1'000'000'000),
                           .tv_nsec = static_cast<long>(longest.count() % 1'000'000'000)};
    const int ready = ::ppoll(entries_.data(), entries_.size(), &timeout, nullptr);
    if (ready < 0) COHORTIUM_CHECK(errno == EINTR);
    bool progress = false;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      Line& line = *lines_[i];
      const short events = ready < 0 ? short{0} : entries_[i].revents;
      const bool readable = (events & ~POLLOUT) != 0;
      const bool sent = (events & POLLOUT) != 0 && line.stream().flush();
      if (&line == awaited) {
        progress = readable || sent;
      } else if (readable || line.more_is_buffered()) {
        line.read_ahead();
      }
    }
    return progress;
  }

  ChannelOptions options_;
  std::vector<Line*> lines_;
  std::vector<pollfd> entries_;  // of the current turn
  std::optional<Error> failure_;
};

class FramedChannel final : public Channel {
 public:
  FramedChannel(std::unique_ptr<ByteStream> stream, std::shared_ptr<ChannelGroup> group)
      : group_(std::move(group)), line_(std::move(stream), group_->options().maximum_message) {
    group_->add(&line_);
  }
  ~FramedChannel() override { group_->remove(&line_); }

  const std::string& peer() const override { return line_.peer(); }
  Traffic traffic() const override { return traffic_; }

  void send(std::span<const std::byte> message) override {
    COHORTIUM_CHECK(message.size() <= group_->options().maximum_message);
    group_->guard([&] {
      // The header travels in the message's first record; the records behind it are full.
      std::array<std::byte, record_size> first;
      const std::span<std::byte> header(first);
      put_little_endian(header.first(8), message.size());
      put_little_endian(header.subspan(8), traffic_.messages_sent);
      const std::size_t count = std::min(message.size(), record_size - header_size);
      std::copy_n(message.begin(), count, first.begin() + header_size);
      line_.stream().write(std::span(first).first(header_size + count), count < message.size());
      line_.stream().write(message.subspan(count));
      wipe(first.data(), header_size + count);
    });
    traffic_.bytes_sent += message.size();
    ++traffic_.messages_sent;
  }

  void receive(std::span<std::byte> message) override {
    group_->guard([&] {
      while (!take(message)) group_->wait_for_progress(line_);
    });
  }

  bool try_receive(std::span<std::byte> message) override {
    return group_->guard([&] {
      const bool complete = take(message);
      if (!complete) group_->flush();
      return complete;
    });
  }

  void wait_until(Clock::time_point time) override {
    group_->guard([&] { group_->let_pass(time); });
  }

  Bytes receive_message(std::size_t limit) override {
    return group_->guard([&] {
      COHORTIUM_CHECK(incoming_.filled == 0);
      while (!take_header()) group_->wait_for_progress(line_);
      if (incoming_.length > limit) throw Failure(longer_than(peer(), limit, incoming_.length));
      // Memory follows what has arrived, not what the peer announced.
      constexpr std::size_t portion = std::size_t{16} << 20;
      Bytes message;
      while (message.size() < incoming_.length) {
        message.resize(std::min<std::uint64_t>(incoming_.length, std::max(2 * message.size(), portion)));
        while (!fill(message, incoming_.filled)) group_->wait_for_progress(line_);
      }
      finish_message();
      return message;
    });
  }

  void flush() override {
    group_->guard([&] { send_all(); });
  }

  void close() override {
    group_->guard([&] {
      if (closed_) return;
      send_all();
      line_.stream().close(group_->options().patience);
      group_->remove(&line_);
      closed_ = true;
    });
  }

 private:
  void send_all() {
    while (line_.stream().output_is_pending()) {
      group_->wait_for_progress(line_);
      line_.read_ahead();
    }
  }

  // How far the next message has come; the steps below never wait and go on where the last call stopped.
  struct Incoming {
    std::array<std::byte, header_size> header{};
    std::size_t header_filled = 0;
    std::uint64_t length = 0;  // once the header is complete
    std::size_t filled = 0;    // of the message
  };

  bool take(std::span<std::byte> message) {
    if (!take_header()) return false;
    if (incoming_.length != message.size()) {
      COHORTIUM_CHECK(incoming_.filled == 0);  // the same span again
      throw Failure(unexpected_length(peer(), message.size(), incoming_.length));
    }
    if (!fill(message, incoming_.filled)) return false;
    finish_message();
    return true;
  }

  bool take_header() {
    if (incoming_.header_filled == header_size) return true;
    if (!fill(incoming_.header, incoming_.header_filled)) return false;
    incoming_.length = get_little_endian(std::span(incoming_.header).first(8));
    const std::uint64_t sequence = get_little_endian(std::span(incoming_.header).subspan(8));
    if (sequence != traffic_.messages_received) throw Failure(bad_frame(peer(), "a message is missing or repeated"));
    if (incoming_.length > group_->options().maximum_message) {
      throw Failure(bad_frame(peer(), "a message is too large"));
    }
    return true;
  }

  bool fill(std::span<std::byte> out, std::size_t& filled) {
    while (filled < out.size()) {
      const std::size_t count = line_.read(out.subspan(filled));
      if (count == 0) return false;
      filled += count;
    }
    return true;
  }

  void finish_message() {
    traffic_.bytes_received += incoming_.length;
    ++traffic_.messages_received;
    incoming_ = {};
  }

  std::shared_ptr<ChannelGroup> group_;
  Line line_;
  Incoming incoming_;
  Traffic traffic_;
  bool closed_ = false;
};

}  // namespace

std::vector<std::unique_ptr<Channel>> make_channels(std::vector<std::unique_ptr<ByteStream>> streams,
                                                    ChannelOptions options) {
  const auto group = std::make_shared<ChannelGroup>(options);
  std::vector<std::unique_ptr<Channel>> channels;
  channels.reserve(streams.size());
  for (auto& stream : streams) channels.push_back(std::make_unique<FramedChannel>(std::move(stream), group));
  return channels;
}

std::vector<std::unique_ptr<Channel>> make_tls_channels(std::vector<std::unique_ptr<TlsStream>> streams,
                                                        ChannelOptions options) {
  return make_channels({std::make_move_iterator(streams.begin()), std::make_move_iterator(streams.end())}, options);
}

}  // namespace cohortium::net
