#include "governance/merkle_tree.h"

#include <gtest/gtest.h>

#include "base/buffer.h"

namespace cohortium::governance {
namespace {

Digest digest(const std::string& hex) {
  const Bytes bytes = from_hex(hex);
  Digest result;
  std::copy(bytes.begin(), bytes.end(), result.begin());
  return result;
}

std::string raw(const std::string& hex) {
  const Bytes bytes = from_hex(hex);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The leaves and roots of Certificate Transparency's own tests (certificate-transparency, merkle_tree_test.cc), which
// RFC 6962 and RFC 9162 share.
const std::vector<std::string> leaves = {raw(""),
                                         raw("00"),
                                         raw("10"),
                                         raw("2021"),
                                         raw("3031"),
                                         raw("40414243"),
                                         raw("5051525354555657"),
                                         raw("606162636465666768696a6b6c6d6e6f")};
const std::vector<std::string> roots = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

struct Tree {
  MerkleFrontier frontier;
  std::vector<Digest> hashes, roots{MerkleFrontier().root()}, leaves;
  StoredHashes stored = [this](std::uint64_t position) { return hashes.at(position); };

  explicit Tree(std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) add(leaf_hash(std::to_string(i)));
  }
  void add(const Digest& leaf) {
    leaves.push_back(leaf);
    frontier.add(leaf, [this](const Digest& hash) { hashes.push_back(hash); });
    roots.push_back(frontier.root());
  }
};

TEST(MerkleTree, RootsOfCertificateTransparency) {
  EXPECT_EQ(to_hex(MerkleFrontier().root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  MerkleFrontier frontier;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    frontier.add(leaf_hash(leaves[i]));
    EXPECT_EQ(to_hex(frontier.root()), roots[i]) << i;
  }
}

TEST(MerkleTree, ProofsOfCertificateTransparency) {
  Tree tree(0);
  for (const std::string& leaf : leaves) tree.add(leaf_hash(leaf));
  EXPECT_EQ(inclusion_proof(0, 8, tree.stored),
            (std::vector<Digest>{digest("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"),
                                 digest("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"),
                                 digest("6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")}));
  EXPECT_EQ(consistency_proof(6, 8, tree.stored),
            (std::vector<Digest>{digest("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"),
                                 digest("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"),
                                 digest("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")}));
}

TEST(MerkleTree, EveryHashStandsWhereItIsLookedFor) {
  const Tree tree(70);
  EXPECT_EQ(tree.hashes.size(), stored_hashes(70));
  for (std::uint64_t size = 0; size <= 70; ++size) EXPECT_EQ(root_of(size, tree.stored), tree.roots[size]);
}

TEST(MerkleTree, EveryInclusionIsProvedAndNoOther) {
  const Tree tree(33);
  for (std::uint64_t size = 1; size <= 33; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      auto proof = inclusion_proof(index, size, tree.stored);
      EXPECT_TRUE(proves_inclusion(proof, tree.leaves[index], index, size, tree.roots[size]));
      EXPECT_FALSE(proves_inclusion(proof, tree.leaves[index], index, size, tree.roots[size - 1]));
      EXPECT_FALSE(proves_inclusion(proof, leaf_hash("other"), index, size, tree.roots[size]));
      for (std::uint64_t other = 0; other <= size; ++other) {
        EXPECT_EQ(proves_inclusion(proof, tree.leaves[index], other, size, tree.roots[size]), other == index);
      }
      proof.push_back(tree.leaves[0]);
      EXPECT_FALSE(proves_inclusion(proof, tree.leaves[index], index, size, tree.roots[size]));
      proof.pop_back();
      if (proof.empty()) continue;
      proof.pop_back();
      EXPECT_FALSE(proves_inclusion(proof, tree.leaves[index], index, size, tree.roots[size]));
    }
  }
}

TEST(MerkleTree, EveryPrefixIsProvedAndNoOther) {
  const Tree tree(33);
  Tree other(5);  // the same up to here
  while (other.frontier.size() < 33) other.add(leaf_hash("other"));
  for (std::uint64_t second = 0; second <= 33; ++second) {
    for (std::uint64_t first = 0; first <= second; ++first) {
      auto proof = consistency_proof(first, second, tree.stored);
      EXPECT_TRUE(proves_consistency(proof, first, tree.roots[first], second, tree.roots[second]));
      if (first > 0 && second > 5) {
        EXPECT_FALSE(proves_consistency(proof, first, tree.roots[first], second, other.roots[second])) << first;
        if (first > 5) {
          const auto forged = consistency_proof(first, second, other.stored);
          EXPECT_FALSE(proves_consistency(forged, first, tree.roots[first], second, other.roots[second]));
        }
      }
      const Digest& wrong = first > 0 ? tree.roots[first - 1] : tree.roots[1];
      EXPECT_FALSE(proves_consistency(proof, first, wrong, second, tree.roots[second]));
      proof.push_back(tree.leaves[0]);
      EXPECT_FALSE(proves_consistency(proof, first, tree.roots[first], second, tree.roots[second]));
    }
  }
  EXPECT_FALSE(proves_consistency({}, 5, tree.roots[5], 3, tree.roots[3]));
}

}  // namespace
}  // namespace cohortium::governance
