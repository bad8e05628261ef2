#include "governance/merkle_tree.h"

#include <bit>

#include "base/buffer.h"
#include "base/error.h"

namespace cohortium::governance {
namespace {

constexpr std::byte leaf_prefix[] = {std::byte{0}}, node_prefix[] = {std::byte{1}};

// Where a tree of more than one leaf is split.
std::uint64_t split(std::uint64_t leaves) { return std::bit_floor(leaves - 1); }

// The hash of the leaves from `begin` on, which a split left there: complete subtrees are read, others put together.
Digest range_hash(std::uint64_t begin, std::uint64_t leaves, const StoredHashes& stored) {
  if (std::has_single_bit(leaves)) {
    const auto level = static_cast<unsigned>(std::countr_zero(leaves));
    return stored(stored_position(level, begin >> level));
  }
  const std::uint64_t left = split(leaves);
  return node_hash(range_hash(begin, left, stored), range_hash(begin + left, leaves - left, stored));
}

// RFC 9162, 2.1.3.1: PATH(index, leaves from begin on).
void add_inclusion(std::uint64_t index, std::uint64_t begin, std::uint64_t leaves, const StoredHashes& stored,
                   std::vector<Digest>& proof) {
  if (leaves == 1) return;
  const std::uint64_t left = split(leaves);
  if (index < left) {
    add_inclusion(index, begin, left, stored, proof);
    proof.push_back(range_hash(begin + left, leaves - left, stored));
  } else {
    add_inclusion(index - left, begin + left, leaves - left, stored, proof);
    proof.push_back(range_hash(begin, left, stored));
  }
}

// RFC 9162, 2.1.4.1: SUBPROOF(first, leaves from begin on, whether the old tree is a node that the verifier knows).
void add_consistency(std::uint64_t first, std::uint64_t begin, std::uint64_t leaves, bool known,
                     const StoredHashes& stored, std::vector<Digest>& proof) {
  if (first == leaves) {
    if (!known) proof.push_back(range_hash(begin, leaves, stored));
    return;
  }
  const std::uint64_t left = split(leaves);
  if (first <= left) {
    add_consistency(first, begin, left, known, stored, proof);
    proof.push_back(range_hash(begin + left, leaves - left, stored));
  } else {
    add_consistency(first - left, begin + left, leaves - left, false, stored, proof);
    proof.push_back(range_hash(begin, left, stored));
  }
}

}  // namespace

Digest leaf_hash(std::string_view entry) { return crypto::sha256({leaf_prefix, bytes_of(entry)}); }

Digest node_hash(const Digest& left, const Digest& right) { return crypto::sha256({node_prefix, left, right}); }

void MerkleFrontier::add(const Digest& leaf, const std::function<void(const Digest&)>& completed) {
  Digest hash = leaf;
  if (completed) completed(hash);
  for (std::uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    hash = node_hash(subtrees_.back(), hash);
    subtrees_.pop_back();
    if (completed) completed(hash);
  }
  subtrees_.push_back(hash);
  ++size_;
}

Digest MerkleFrontier::root() const {
  if (subtrees_.empty()) return crypto::sha256(std::span<const std::byte>());
  Digest hash = subtrees_.back();
  for (std::size_t i = subtrees_.size() - 1; i-- > 0;) hash = node_hash(subtrees_[i], hash);
  return hash;
}

std::uint64_t stored_hashes(std::uint64_t leaves) {
  return 2 * leaves - static_cast<std::uint64_t>(std::popcount(leaves));
}

std::uint64_t stored_position(unsigned level, std::uint64_t index) {
  return stored_hashes(((index + 1) << level) - 1) + level;
}

Digest root_of(std::uint64_t size, const StoredHashes& stored) {
  return size == 0 ? MerkleFrontier().root() : range_hash(0, size, stored);
}

std::vector<Digest> inclusion_proof(std::uint64_t index, std::uint64_t size, const StoredHashes& stored) {
  COHORTIUM_CHECK(index < size);
  std::vector<Digest> proof;
  add_inclusion(index, 0, size, stored, proof);
  return proof;
}

std::vector<Digest> consistency_proof(std::uint64_t first, std::uint64_t second, const StoredHashes& stored) {
  COHORTIUM_CHECK(first <= second);
  std::vector<Digest> proof;
  if (first > 0) add_consistency(first, 0, second, true, stored, proof);
  return proof;
}

// RFC 9162, 2.1.3.2.
bool proves_inclusion(const std::vector<Digest>& proof, const Digest& leaf, std::uint64_t index, std::uint64_t size,
                      const Digest& root) {
  if (index >= size) return false;
  std::uint64_t node = index, last = size - 1;
  Digest hash = leaf;
  for (const Digest& sibling : proof) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      hash = node_hash(sibling, hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

// RFC 9162, 2.1.4.2.
bool proves_consistency(const std::vector<Digest>& proof, std::uint64_t first, const Digest& first_root,
                        std::uint64_t second, const Digest& second_root) {
  if (first > second) return false;
  if (first == second) return proof.empty() && first_root == second_root;
  if (first == 0) return proof.empty() && first_root == MerkleFrontier().root();
  std::vector<Digest> path = proof;
  if (std::has_single_bit(first)) path.insert(path.begin(), first_root);
  if (path.empty()) return false;
  std::uint64_t node = first - 1, last = second - 1;
  while ((node & 1) != 0) {
    node >>= 1;
    last >>= 1;
  }
  Digest old_hash = path.front(), new_hash = path.front();
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      old_hash = node_hash(path[i], old_hash);
      new_hash = node_hash(path[i], new_hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      new_hash = node_hash(new_hash, path[i]);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && old_hash == first_root && new_hash == second_root;
}

}  // namespace cohortium::governance
