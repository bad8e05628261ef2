// Receives HL7 v2 messages over MLLP and answers each with an acknowledgement, on this machine's loopback interface.
//
//   frame      <VT> message <FS><CR>, as many as the sender likes on one connection, one at a time
//   answers    AA  the message's records are in the database, durably, or its type is one that is not mapped
//              AE  the message was understood, and refused or not stored: MSA-3 says why
//              AR  this is no message that can be read
//   order      the answer to a message is sent after its transaction is on disk
//   hostile    a message is bounded; one that has begun must be whole within `message_time`, a silent connection ends after
//              `idle_time`; beyond `connections` new ones are closed at once; bytes outside a frame end the connection
//
// There is no encryption here and no check of who sends, so nothing but loopback is listened on: where messages come over a
// network, a TLS end point (stunnel, the interface engine itself) stands before it.
//
// Source  HL7 v2 transport specification: MLLP, release 1; HL7 v2.8 chapter 2.9.2 (original mode acknowledgement)
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "net/socket.h"
#include "omop/hl7_load.h"

namespace cohortium::omop {

struct ListenerLimits {
  std::size_t message_bytes = kMessageBytes;
  std::chrono::milliseconds message_time{30'000}, idle_time{600'000};
  std::size_t connections = 64;
};

// Takes the next whole message out of what has come on a connection.
enum class Framing { kMessage, kNone, kFault };  // none: more has to come; fault: these bytes are no frame, or too long
Framing take_frame(std::string& input, std::size_t limit, std::string& message);

class MllpListener {
 public:
  // Port 0 takes any free one. Fails with net.cannot_listen.
  MllpListener(std::uint16_t port, const ListenerLimits& limits);
  std::uint16_t port() const { return net::port_of(listener_); }
  // `answer` gets each message and gives the text that is sent back; `idle` is called when nothing has come for a second.
  using Answer = std::function<std::string(const std::string&)>;
  void serve(const Answer& answer, const std::function<void()>& idle, const std::atomic<bool>& stop);

 private:
  net::Socket listener_;
  ListenerLimits limits_;
};

// The acknowledgement of a message: "AA", "AE" or "AR", and a text.
std::string acknowledgement(const std::string& message, const std::string& code, const std::string& text);

// Puts one message into the database, durably, and says so.
class MessageStore {
 public:
  explicit MessageStore(Loader& loader, std::string name);
  std::string answer(const std::string& message);

 private:
  Loader& loader_;
  std::int64_t received_ = 0;
};

}  // namespace cohortium::omop
