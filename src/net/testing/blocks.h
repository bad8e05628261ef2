// What tests of every kind of channel send over it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <thread>

#include "net/channel.h"

namespace cohortium::net {

inline Bytes pattern(std::size_t size, unsigned seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((i * 2654435761u + seed) >> 8);
  return bytes;
}

// As kernels do: many blocks both ways, each sent before the last is in, taken as they come, without ever waiting before
// the end.
inline void stream_blocks(Channel& a, Channel& b) {
  constexpr std::size_t block = 131'056, blocks = 300;
  const auto run = [&](Channel& channel, unsigned self) {
    Bytes received(block * blocks);
    const auto part = [&](std::size_t i) { return std::span(received).subspan(i * block, block); };
    std::size_t taken = 0;
    for (unsigned i = 0; i < blocks; ++i) {
      channel.send(pattern(block, self + 2 * i));
      while (taken <= i && channel.try_receive(part(taken))) ++taken;
    }
    for (; taken < blocks; ++taken) channel.receive(part(taken));
    channel.close();
    for (unsigned i = 0; i < blocks; ++i) {
      ASSERT_TRUE(std::ranges::equal(part(i), pattern(block, 1 - self + 2 * i))) << i;
    }
  };
  std::jthread other([&] { run(b, 1); });
  run(a, 0);
}

}  // namespace cohortium::net
