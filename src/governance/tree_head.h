// What a node says its log is at one moment, signed; and what another node says it saw.
//
//   head        {"log": "…", "node": "north", "root": "…", "signature": {"by", "key", "signature"}, "size": 7, "time": "…"}
//   witnessed   {"head": {…}, "signature": {…}, "time": "…"}
//
// `log` is the leaf hash of the log's first entry: a log that was begun anew has another one. `root` is the Merkle root
// (merkle_tree.h) of the first `size` entries. Hashes are hexadecimal. Both are signed (signature.h) as canonical JSON
// without the member "signature", for "tree head" and "witnessed tree head". A witness signs a head after it has
// checked that the log only grew since the last head it saw.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "governance/merkle_tree.h"
#include "governance/signature.h"

namespace cohortium::governance {

// Signs as one node.
using Signer = std::function<Signature(std::string_view domain, const nlohmann::json& value)>;
// Fails with signature.* when this is not its signer's signature.
using SignatureCheck =
    std::function<void(const Signature& signature, std::string_view domain, const nlohmann::json& value)>;

struct TreeHead {
  std::string node, log = {};
  std::uint64_t size = 0;
  Digest root = {};
  std::string time;
  Signature signature = {};
  bool operator==(const TreeHead&) const = default;
};

struct WitnessedHead {
  TreeHead head;
  std::string time;
  Signature signature = {};
};

void sign(TreeHead& head, const Signer& signer);
WitnessedHead witness(const TreeHead& head, const Signer& signer);

nlohmann::json to_json(const TreeHead& head);
nlohmann::json to_json(const WitnessedHead& witnessed);
// Of a stranger's text; signatures are checked. Fail with audit.bad_head or signature.*.
TreeHead tree_head_from_json(const nlohmann::json& json, const SignatureCheck& check);
WitnessedHead witnessed_head_from_json(const nlohmann::json& json, const SignatureCheck& check);

// Lists of hashes, hexadecimal. Fails with audit.bad_head.
nlohmann::json to_json(const std::vector<Digest>& proof);
std::vector<Digest> digests_from_json(const nlohmann::json& json);
Digest digest_from_json(const nlohmann::json& json);

}  // namespace cohortium::governance
