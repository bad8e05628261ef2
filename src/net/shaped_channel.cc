// The stamp travels as a message of its own, so that the message itself is not copied. See shaped_channel.h.
#include "net/shaped_channel.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/error.h"
#include "net/faults.h"

namespace cohortium::net {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::size_t frame_header = 16;
constexpr double megabit_per_second = 1e6 / 8;
constexpr std::chrono::hours longest_delay{1};

class ShapedChannel final : public Channel {
 public:
  ShapedChannel(std::unique_ptr<Channel> inner, std::shared_ptr<ShapedLink> link)
      : inner_(std::move(inner)), link_(std::move(link)) {}

  const std::string& peer() const override { return inner_->peer(); }
  Traffic traffic() const override { return traffic_; }
  void close() override { inner_->close(); }
  void flush() override { inner_->flush(); }
  void wait_until(Clock::time_point time) override { inner_->wait_until(time); }

  void send(std::span<const std::byte> message) override {
    const auto arrival = link_->send(Clock::now(), message.size() + frame_header);
    const auto stamp = static_cast<std::uint64_t>(nanoseconds(arrival.time_since_epoch()).count());
    std::array<std::byte, 8> bytes;
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::byte>(stamp >> (8 * i));
    inner_->send(bytes);
    inner_->send(message);
    traffic_.bytes_sent += message.size();
    ++traffic_.messages_sent;
  }

  void receive(std::span<std::byte> message) override {
    await_arrival();
    inner_->receive(message);
    count_received(message.size());
  }

  bool try_receive(std::span<std::byte> message) override {
    if (failure_) throw Failure(*failure_);
    if (!arrival_ && inner_->try_receive(stamp_)) read_stamp();
    if (!arrival_ || Clock::now() < *arrival_ || !inner_->try_receive(message)) return false;
    count_received(message.size());
    return true;
  }

  Bytes receive_message(std::size_t limit) override {
    await_arrival();
    Bytes message = inner_->receive_message(limit);
    count_received(message.size());
    return message;
  }

 private:
  void await_arrival() {
    if (failure_) throw Failure(*failure_);
    if (!arrival_) {
      inner_->receive(stamp_);
      read_stamp();
    }
    inner_->wait_until(*arrival_);
  }

  void read_stamp() {
    std::uint64_t stamp = 0;
    for (std::size_t i = 0; i < 8; ++i) stamp |= std::to_integer<std::uint64_t>(stamp_[i]) << (8 * i);
    const auto latest =
        static_cast<std::uint64_t>(nanoseconds((Clock::now() + longest_delay).time_since_epoch()).count());
    if (stamp > latest) {
      failure_ = bad_frame(peer(), "a message would arrive too late");
      throw Failure(*failure_);
    }
    arrival_ = Clock::time_point(nanoseconds(stamp));
  }

  void count_received(std::size_t bytes) {
    arrival_.reset();
    traffic_.bytes_received += bytes;
    ++traffic_.messages_received;
  }

  std::unique_ptr<Channel> inner_;
  std::shared_ptr<ShapedLink> link_;
  Traffic traffic_;
  std::optional<Error> failure_;
  std::array<std::byte, 8> stamp_{};          // of the next message, as it comes in
  std::optional<Clock::time_point> arrival_;  // of the next message, once its stamp is complete
};

}  // namespace

std::optional<LinkShape> link_shape(std::string_view name) {
  if (name == "loopback") return LinkShape{};
  if (name == "lan") return LinkShape{milliseconds(1), 1000 * megabit_per_second};
  if (name == "national-wan") return LinkShape{milliseconds(20), 100 * megabit_per_second};
  if (name == "wan") return LinkShape{milliseconds(50), 100 * megabit_per_second};
  if (name == "bad-wan") return LinkShape{milliseconds(100), 10 * megabit_per_second};
  return std::nullopt;
}

ShapedLink::Time ShapedLink::send(Time now, std::size_t bytes) {
  const double seconds = shape_.bytes_per_second > 0 ? static_cast<double>(bytes) / shape_.bytes_per_second : 0;
  const std::lock_guard lock(mutex_);
  free_ = std::max(now, free_) + std::chrono::ceil<nanoseconds>(std::chrono::duration<double>(seconds));
  return free_ + shape_.latency;
}

std::unique_ptr<Channel> shape(std::unique_ptr<Channel> channel, std::shared_ptr<ShapedLink> link) {
  return std::make_unique<ShapedChannel>(std::move(channel), std::move(link));
}

}  // namespace cohortium::net
