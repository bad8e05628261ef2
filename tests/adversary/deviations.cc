#include "deviations.h"

#include <optional>

namespace cohortium::adversary {
namespace {

class DeviatingChannel final : public net::Channel {
 public:
  DeviatingChannel(std::unique_ptr<net::Channel> inner, std::shared_ptr<Plot> plot)
      : inner_(std::move(inner)), plot_(std::move(plot)) {}

  const std::string& peer() const override { return inner_->peer(); }
  void send(std::span<const std::byte> message) override {
    const std::uint64_t number = plot_->sent++;
    const Bytes honest(message.begin(), message.end());
    Bytes changed = honest;
    const bool now = number == plot_->message;
    switch (plot_->deviation) {
      case Deviation::kFlip:
        if (now) flip(changed, plot_->random() % (8 * changed.size()));
        break;
      case Deviation::kTopBit:
        if (now) flip(changed, 8 * changed.size() - 1);
        break;
      case Deviation::kAddOne:
        if (now) add_one(changed);
        break;
      case Deviation::kReplace:
        if (now) replace(changed);
        break;
      case Deviation::kReplay:
        if (now) repeat(changed);
        break;
      case Deviation::kReorder:
        if (now) {
          held_ = honest;
          return;
        }
        break;
      case Deviation::kWithhold:
        if (now) return;
        break;
      case Deviation::kEquivocate:
        if (now || number == plot_->message + 1) add_one(changed);
        break;
      case Deviation::kFalsify:
        break;
    }
    before_ = honest;
    inner_->send(changed);
    if (!held_) return;
    inner_->send(*held_);
    held_.reset();
  }
  void receive(std::span<std::byte> message) override { inner_->receive(message); }
  bool try_receive(std::span<std::byte> message) override { return inner_->try_receive(message); }
  Bytes receive_message(std::size_t limit) override { return inner_->receive_message(limit); }
  void flush() override { inner_->flush(); }
  void wait_until(std::chrono::steady_clock::time_point time) override { inner_->wait_until(time); }
  void close() override { inner_->close(); }
  net::Traffic traffic() const override { return inner_->traffic(); }

 private:
  static void flip(Bytes& message, std::size_t bit) { message[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8)); }
  static void add_one(Bytes& message) {
    for (std::byte& b : message) {
      b = static_cast<std::byte>(std::to_integer<int>(b) + 1);
      if (b != std::byte{0}) return;
    }
  }
  void replace(Bytes& message) {
    for (std::byte& b : message) b = static_cast<std::byte>(plot_->random());
  }
  void repeat(Bytes& message) const {
    for (std::size_t i = 0; i < message.size(); ++i) message[i] = i < before_.size() ? before_[i] : std::byte{0};
  }

  std::unique_ptr<net::Channel> inner_;
  std::shared_ptr<Plot> plot_;
  Bytes before_;
  std::optional<Bytes> held_;
};

}  // namespace

std::string_view name_of(Deviation deviation) {
  constexpr std::string_view names[] = {"flip",    "top_bit",  "add_one",    "replace", "replay",
                                        "reorder", "withhold", "equivocate", "falsify"};
  return names[static_cast<int>(deviation)];
}

std::unique_ptr<net::Channel> deviating(std::unique_ptr<net::Channel> channel, std::shared_ptr<Plot> plot) {
  return std::make_unique<DeviatingChannel>(std::move(channel), std::move(plot));
}

}  // namespace cohortium::adversary
