// The Merkle tree of a log, as RFC 9162, section 2.1, builds it: SHA-256, leaves hashed as 0x00 || entry, nodes as
// 0x01 || left || right, a tree of n leaves split at the largest power of two below n. The empty tree's root is the
// hash of nothing.
//
// Cost       adding a leaf and making either proof take O(log n) hashes
// Stored     StoredHashes: every complete subtree's hash in the order in which leaves complete them,
//              leaf 0 | leaf 1, (0,1) | leaf 2 | leaf 3, (2,3), (0..3) | leaf 4 | …
//            so a file of them is only ever appended to, and position(level, index) finds each
// Source     RFC 9162, sections 2.1.1 (root), 2.1.3 (inclusion), 2.1.4 (consistency); the order is that of Go's
//            golang.org/x/mod/sumdb/tlog
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "crypto/hash.h"

namespace cohortium::governance {

using crypto::Digest;

Digest leaf_hash(std::string_view entry);
Digest node_hash(const Digest& left, const Digest& right);

// The complete subtrees at the right edge of a growing tree: all that adding and rooting need.
class MerkleFrontier {
 public:
  std::uint64_t size() const { return size_; }
  // Calls `completed`, if given, with the leaf's hash and then those of the subtrees that it completes.
  void add(const Digest& leaf, const std::function<void(const Digest&)>& completed = {});
  Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> subtrees_;  // one for each bit of size_, largest first
};

// How many hashes are stored for a tree of so many leaves, and where the one of a complete subtree stands: `level` 0
// are leaves, `index` counts subtrees of this level from the left.
std::uint64_t stored_hashes(std::uint64_t leaves);
std::uint64_t stored_position(unsigned level, std::uint64_t index);

// Reads the hash at a position.
using StoredHashes = std::function<Digest(std::uint64_t position)>;

Digest root_of(std::uint64_t size, const StoredHashes& stored);
// Needs index < size.
std::vector<Digest> inclusion_proof(std::uint64_t index, std::uint64_t size, const StoredHashes& stored);
// Needs first <= second; empty for first == 0 and for first == second.
std::vector<Digest> consistency_proof(std::uint64_t first, std::uint64_t second, const StoredHashes& stored);

// Whether the leaf stands at `index` (from 0) of the tree of this size and root. For any input.
bool proves_inclusion(const std::vector<Digest>& proof, const Digest& leaf, std::uint64_t index, std::uint64_t size,
                      const Digest& root);
// Whether the tree of size `second` begins with that of size `first`. For any input.
bool proves_consistency(const std::vector<Digest>& proof, std::uint64_t first, const Digest& first_root,
                        std::uint64_t second, const Digest& second_root);

}  // namespace cohortium::governance
