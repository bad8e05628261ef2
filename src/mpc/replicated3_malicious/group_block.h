// Words of conjunctions in blocks of eight groups of 64, so that one vector holds a word of each group and no word has to
// change its place: word k c + g of a block is the word of corner c of group g of k. A block has 512 words and k = 8; the
// last one has what is left and as many groups as that fills.
#pragma once

#include <algorithm>
#include <array>

#include "base/buffer.h"
#include "mpc/ring.h"

namespace cohortium::mpc {

inline constexpr std::size_t corners = 64;  // words of a group
inline constexpr std::size_t groups_abreast = 8;
inline constexpr std::size_t block_words = corners * groups_abreast;
using BlockWords = std::array<u64, block_words>;

constexpr std::size_t groups_of(std::size_t words) { return (words + corners - 1) / corners; }
constexpr std::size_t blocks_of_groups(std::size_t groups) { return (groups + groups_abreast - 1) / groups_abreast; }
constexpr std::size_t groups_in_block(std::size_t block, std::size_t groups) {
  return std::min(groups_abreast, groups - block * groups_abreast);
}

// The words of a block, those of corner c from 8 c on; zero where there are none. Where they do not stand like that
// already, in `held`.
inline const u64* words_of_block(const Buffer<u64>& words, std::size_t block, BlockWords& held) {
  const std::size_t from = block * block_words, count = std::min(block_words, words.size() - from);
  if (count == block_words) return words.data() + from;
  const std::size_t groups = groups_of(count);
  held.fill(0);
  for (std::size_t i = 0; i < count; ++i) held[i / groups * groups_abreast + i % groups] = words[from + i];
  return held.data();
}

}  // namespace cohortium::mpc
