// What a cheat does to one of its messages. It acts on the channel, so on anything that it sends: values, tags, seeds,
// openings, greetings.
#pragma once

#include <memory>
#include <random>
#include <string_view>

#include "net/channel.h"

namespace cohortium::adversary {

enum class Deviation {
  kFlip,        // one bit
  kTopBit,      // the last one of the message: wrong only where a secret bit says so (selective failure)
  kAddOne,      // to the first word: a wrong share, a wrong opening
  kReplace,     // by random bytes: a wrong seed, a wrong share
  kReplay,      // what it sent to this peer before, at this length
  kReorder,     // this and the next message to this peer change places
  kWithhold,    // not sent
  kEquivocate,  // this peer and the next hear something else than the third
  kFalsify,     // the message stays; the cheat goes on with a wrong result of a kernel (Notes::falsified)
};
inline constexpr Deviation all_deviations[] = {Deviation::kFlip,     Deviation::kTopBit,     Deviation::kAddOne,
                                               Deviation::kReplace,  Deviation::kReplay,     Deviation::kReorder,
                                               Deviation::kWithhold, Deviation::kEquivocate, Deviation::kFalsify};
std::string_view name_of(Deviation deviation);

// What the cheat does, and how far it has come: common to its channels, which one thread uses.
struct Plot {
  Deviation deviation = Deviation::kFlip;
  std::uint64_t message = 0;  // which of all that it sends, from 0
  std::mt19937_64 random{};
  std::uint64_t sent = 0;  // so far
};

std::unique_ptr<net::Channel> deviating(std::unique_ptr<net::Channel> channel, std::shared_ptr<Plot> plot);

}  // namespace cohortium::adversary
