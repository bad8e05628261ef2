// The last step of several kernels: parties 1 and 2 hold summands of component 2, each under a mask of its own, and send
// them to each other.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "mpc/lane_channels.h"

namespace cohortium::mpc {

// One round; `summands` becomes the sum. add(a, b, out, n) adds arrays, as in word_loops.h.
template <class Word, class Add>
void join_summands(LaneChannels& channels, std::span<Word> summands, Add add) {
  const PartyId other = 3 - channels.self();
  Buffer<Word> theirs(summands.size());
  std::size_t sent = 0, arrived = 0, joined = 0;  // bytes, bytes, words
  // What has been sent may change.
  const auto join = [&] {
    const std::size_t until = std::min(sent, arrived) / sizeof(Word);
    Word* const at = summands.data() + joined;
    add(at, theirs.data() + joined, at, until - joined);
    joined = until;
  };
  const auto make = [&](std::size_t from, std::size_t count) {
    sent = from;
    join();
    return std::span<const std::byte>(std::as_bytes(summands)).subspan(from, count);
  };
  const auto place = [&](std::size_t from, std::size_t count) {
    return writable_bytes_of(theirs).subspan(from, count);
  };
  const auto on_arrival = [&](std::size_t from, std::size_t count) { arrived = from + count; };
  const std::array sends{OutgoingStream{other, summands.size_bytes(), sizeof(Word), make}};
  const std::array receives{IncomingStream{other, summands.size_bytes(), sizeof(Word), place, on_arrival}};
  channels.stream(sends, receives);
  sent = arrived = summands.size_bytes();
  join();
}

}  // namespace cohortium::mpc
