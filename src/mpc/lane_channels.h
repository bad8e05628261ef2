// The channels of one lane to every peer, and the two ways in which a kernel talks: an exchange of whole messages, and a
// stream of blocks that are sent while the next ones are computed. A lane belongs to one thread at a time.
//
// On the wire a stream is a sequence of messages of one block each, of at most stream_block_bytes: a vector up to that
// size is one message.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "mpc/engine.h"
#include "net/channel.h"

namespace cohortium::mpc {

// With the 16 bytes of its header, a block fills exactly 8 TLS records.
inline constexpr std::size_t stream_block_bytes = 131056;

// How many elements of `unit` bytes make up a block.
inline constexpr std::size_t stream_block(std::size_t unit) { return stream_block_bytes / unit; }

struct Outgoing {
  PartyId to;
  std::span<const std::byte> message;
};
struct Incoming {
  PartyId from;
  std::span<std::byte> message;
};

struct OutgoingStream {
  PartyId to;
  std::size_t bytes;  // in all
  std::size_t unit;   // a block holds whole units of so many bytes
  // Makes bytes [from, from + count); they are handed over before the next call.
  std::function<std::span<const std::byte>(std::size_t from, std::size_t count)> make;
  // Units per block, for streams that advance in step although their units differ; 0: as many as fit.
  std::size_t units_per_block = 0;
};
struct IncomingStream {
  PartyId from;
  std::size_t bytes;
  std::size_t unit;
  // Where bytes [from, from + count) go; used up before the next call.
  std::function<std::span<std::byte>(std::size_t from, std::size_t count)> place;
  // Called when they have arrived and this party has made its blocks up to this one; may be empty.
  std::function<void(std::size_t from, std::size_t count)> arrived = {};
  std::size_t units_per_block = 0;
};

class LaneChannels {
 public:
  // One channel per party, null for oneself.
  LaneChannels(PartyId self, std::vector<std::unique_ptr<net::Channel>> channels);

  PartyId self() const { return self_; }
  int parties() const { return static_cast<int>(channels_.size()); }
  PartyId next() const { return (self() + 1) % parties(); }
  PartyId previous() const { return (self() + parties() - 1) % parties(); }
  net::Channel& channel(PartyId peer);

  // One round: all sends, then all receives. Every party calls this once per round of a kernel, with empty lists where
  // it has nothing to say; empty messages are neither sent nor awaited.
  void exchange(std::initializer_list<Outgoing> sends, std::initializer_list<Incoming> receives);
  // More messages of the round before, which do not depend on what came in it.
  void follow(std::span<const Outgoing> sends, std::span<const Incoming> receives);

  // One round in blocks: makes and sends the next block of every outgoing stream, in the order given, takes in what
  // has arrived of the incoming ones, and so on. Where it also receives, a party is at most 64 blocks ahead of its peers. At
  // most one stream in each direction between two parties.
  void stream(std::span<const OutgoingStream> sends, std::span<const IncomingStream> receives);
  void flush();

  Cost cost() const { return cost_; }

 private:
  PartyId self_;
  std::vector<std::unique_ptr<net::Channel>> channels_;
  Cost cost_;
};

}  // namespace cohortium::mpc
