// Signatures of nodes and people: over canonical JSON (crypto/canonical_json.h), each for one purpose only.
//
//   {"by": "ana", "key": "public key, hexadecimal", "signature": "hexadecimal"}
//
// Signed are the bytes "cohortium signature 1\n" DOMAIN "\n" CANONICAL. The domain ("study", "approval", "tree head", …)
// keeps a signature given for one purpose from serving another; it holds no line feed. `key` is what the signature is
// checked with, after its fingerprint has been compared with the one that the consortium file pins for `by`: so a
// signature can be checked by anyone who has that file.
//
// Guaranteed  whoever holds the key has signed this very value for this purpose
// Not         when; that the key is still good (consortium.h knows who has which key, and until when)
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "net/private_key.h"

namespace cohortium::governance {

struct Signature {
  std::string by;         // name of a member or person
  std::string key;        // public key (net/private_key.h), hexadecimal
  std::string signature;  // hexadecimal
  bool operator==(const Signature&) const = default;
};

Signature sign(const net::PrivateKey& key, const std::string& by, std::string_view domain, const nlohmann::json& value);

// Fails with signature.other_key when its key has not this fingerprint, or signature.bad.
void verify(const Signature& signature, const std::string& fingerprint, std::string_view domain,
            const nlohmann::json& value);

// Of the key that a signature claims.
std::string fingerprint_of(const Signature& signature);

nlohmann::json to_json(const Signature& signature);
// Of a stranger's text. Fails with signature.malformed.
Signature signature_from_json(const nlohmann::json& json);

}  // namespace cohortium::governance
