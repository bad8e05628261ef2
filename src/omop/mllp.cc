#include "omop/mllp.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <list>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "omop/draft.h"
#include "omop/hl7.h"

namespace cohortium::omop {
namespace {

using Clock = std::chrono::steady_clock;

struct Connection {
  explicit Connection(net::Socket from) : socket(std::move(from)) {}
  net::Socket socket;
  std::string input, output;
  Clock::time_point since = Clock::now();  // when the message began, or the silence
  bool over = false;

  // Takes what has come; false when the sender has gone.
  bool receive() {
    std::array<char, 65536> block;
    const ssize_t count = ::recv(socket.descriptor(), block.data(), block.size(), MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    if (count == 0) return false;
    if (input.empty()) since = Clock::now();
    input.append(block.data(), static_cast<std::size_t>(count));
    return true;
  }

  bool send() {
    while (!output.empty()) {
      const ssize_t count = ::send(socket.descriptor(), output.data(), output.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
      output.erase(0, static_cast<std::size_t>(count));
    }
    return true;
  }

  bool is_late(const ListenerLimits& limits) const {
    return Clock::now() - since > (input.empty() && output.empty() ? limits.idle_time : limits.message_time);
  }
};

// What can be read and written now; false when nothing happened.
bool wait_for_any(const net::Socket& listener, const std::list<Connection>& connections, bool& knocked) {
  std::vector<pollfd> waiting = {{listener.descriptor(), POLLIN, 0}};
  for (const Connection& one : connections)
    waiting.push_back({one.socket.descriptor(), static_cast<short>(one.output.empty() ? POLLIN : POLLOUT), 0});
  const bool any = ::poll(waiting.data(), waiting.size(), 200) > 0;
  knocked = any && waiting[0].revents != 0;
  return any;
}

}  // namespace

Framing take_frame(std::string& input, std::size_t limit, std::string& message) {
  const std::size_t begin = input.find_first_not_of("\r\n");
  if (begin == std::string::npos) return input.clear(), Framing::kNone;
  input.erase(0, begin);
  const std::size_t end = input.find(kEndOfBlock);
  if (input.front() != kStartOfBlock || std::min(end, input.size()) > limit) return Framing::kFault;
  if (end == std::string::npos || end + 1 == input.size()) return Framing::kNone;
  if (input[end + 1] != '\r') return Framing::kFault;
  message = input.substr(1, end - 1);
  input.erase(0, end + 2);
  return Framing::kMessage;
}

MllpListener::MllpListener(std::uint16_t port, const ListenerLimits& limits)
    : listener_(net::listen_on("127.0.0.1", port)), limits_(limits) {}

void MllpListener::serve(const Answer& answer, const std::function<void()>& idle, const std::atomic<bool>& stop) {
  std::list<Connection> connections;
  auto last = Clock::now();
  while (!stop) {
    bool knocked = false;
    if (wait_for_any(listener_, connections, knocked)) {
      last = Clock::now();
    } else if (Clock::now() - last > std::chrono::seconds(1)) {
      idle();
      last = Clock::now();
    }
    if (knocked) {
      net::Socket socket = net::accept_from(listener_, std::chrono::milliseconds(0));
      if (socket.open() && connections.size() < limits_.connections) connections.emplace_back(std::move(socket));
    }
    for (Connection& one : connections) {
      one.over = !one.send() || (one.output.empty() && !one.receive());
      std::string message;
      // One answer at a time: who does not read answers gets no further message looked at.
      while (!one.over && one.output.empty()) {
        const Framing framing = take_frame(one.input, limits_.message_bytes, message);
        one.over = framing == Framing::kFault;
        if (framing != Framing::kMessage) break;
        one.since = Clock::now();
        one.output = kStartOfBlock + answer(message) + kEndOfBlock + "\r";
        one.over = !one.send();
      }
    }
    connections.remove_if([&](const Connection& one) { return one.over || one.is_late(limits_); });
  }
}

std::string acknowledgement(const std::string& message, const std::string& code, const std::string& text) {
  std::string now;  // 20261120100000+0000
  for (const char c : timestamp().substr(0, 19))
    if (c >= '0' && c <= '9') now += c;
  now += "+0000";
  std::string separators = "|^~\\&", sender, receiver, trigger, control;
  const auto read = [&] {
    const Message parsed(message);
    const Segment* header = &parsed.header();
    separators = header->fields[1] + header->fields[2];
    const std::string& field = header->fields[1];
    sender = std::string(parsed.field(header, 3)) + field + std::string(parsed.field(header, 4));
    receiver = std::string(parsed.field(header, 5)) + field + std::string(parsed.field(header, 6));
    trigger = parsed.component(parsed.field(header, 9), 2);
    control = parsed.field(header, 10);
  };
  try {
    read();
  } catch (const Refusal&) {
    sender = receiver = "|";  // who sent it cannot be read
  }
  const std::string field(1, separators[0]);
  std::size_t most = std::min<std::size_t>(control.size(), 199);  // MSH-10 has 199 characters; none is cut in two
  while (most < control.size() && (static_cast<unsigned char>(control[most]) & 0xc0) == 0x80) --most;
  std::string answer = "MSH" + separators + field + receiver + field + sender + field + now + field + field + "ACK";
  if (!trigger.empty()) answer += separators[1] + trigger + separators[1] + "ACK";
  answer += field + "A" + now.substr(0, 14) + control.substr(0, most) + field + "P" + field + "2.5\rMSA" + field +
            code + field + control + field + text + "\r";
  return answer;
}

MessageStore::MessageStore(Loader& loader, std::string name) : loader_(loader) { loader_.begin_file(name, false); }

std::string MessageStore::answer(const std::string& message) {
  RawMessage raw{.text = {}, .line = ++received_};
  for (std::size_t i = 0; i < message.size(); ++i)
    if (message[i] != '\n')
      raw.text += message[i];
    else if (i == 0 || message[i - 1] != '\r')
      raw.text += '\r';
  Receipt receipt;
  const auto stored = attempt([&] {
    receipt = take_message(loader_, raw);
    loader_.commit();
    return true;
  });
  if (!stored.ok()) return acknowledgement(raw.text, "AE", "not stored: " + stored.error().code);
  if (receipt.outcome != Receipt::Outcome::kRejected)
    return acknowledgement(raw.text, "AA",
                           receipt.outcome == Receipt::Outcome::kMapped ? "" : "this type is not mapped");
  const bool unreadable = receipt.control_id.empty() || receipt.reason == "bad_message_type";
  return acknowledgement(raw.text, unreadable ? "AR" : "AE", receipt.reason);
}

}  // namespace cohortium::omop
