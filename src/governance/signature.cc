#include "governance/signature.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "crypto/canonical_json.h"
#include "net/certificate.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

constexpr std::size_t longest_name = 63, longest_value = 256;

std::string message(std::string_view domain, const json& value) {
  COHORTIUM_CHECK(!domain.empty() && domain.find('\n') == std::string_view::npos);
  return "cohortium signature 1\n" + std::string(domain) + "\n" + crypto::canonical_json(value);
}

[[noreturn]] void refuse(const std::string& code, const std::string& reason, const std::string& by) {
  throw Failure({.code = "signature." + code,
                 .message = reason,
                 .where = by,
                 .rule = "every signature is checked against the key that the consortium file pins",
                 .remedy = "ask " + by + " to sign again; find out who altered what was signed"});
}

Bytes bytes_or_malformed(const std::string& hexadecimal, const std::string& by) {
  auto bytes = attempt([&] { return from_hex(hexadecimal); });
  if (!bytes.ok()) refuse("malformed", "the signature of " + by + " is not hexadecimal", by);
  return std::move(bytes).value();
}

}  // namespace

Signature sign(const net::PrivateKey& key, const std::string& by, std::string_view domain, const json& value) {
  return {.by = by, .key = to_hex(key.public_key()), .signature = to_hex(key.sign(bytes_of(message(domain, value))))};
}

void verify(const Signature& signature, const std::string& fingerprint, std::string_view domain, const json& value) {
  const Bytes bytes = bytes_or_malformed(signature.signature, signature.by);
  if (fingerprint_of(signature) != fingerprint)
    refuse("other_key", "the signature of " + signature.by + " is by another key than the pinned one", signature.by);
  if (!net::is_signature(from_hex(signature.key), bytes_of(message(domain, value)), bytes))
    refuse("bad", "the signature of " + signature.by + " does not belong to what it stands under", signature.by);
}

std::string fingerprint_of(const Signature& signature) {
  return net::public_key_fingerprint(bytes_or_malformed(signature.key, signature.by));
}

json to_json(const Signature& signature) {
  return {{"by", signature.by}, {"key", signature.key}, {"signature", signature.signature}};
}

Signature signature_from_json(const json& value) {
  Signature signature;
  const auto take = [&](const char* name, std::size_t longest, std::string& out) {
    const bool good = value.is_object() && value.size() == 3 && value.contains(name) && value[name].is_string() &&
                      value[name].get_ref<const std::string&>().size() <= longest;
    if (!good)
      throw Failure({.code = "signature.malformed",
                     .message = "this is no signature: it must have \"by\", \"key\" and \"signature\"",
                     .where = name,
                     .remedy = "have it signed again"});
    out = value[name];
  };
  take("by", longest_name, signature.by);
  take("key", longest_value, signature.key);
  take("signature", longest_value, signature.signature);
  return signature;
}

}  // namespace cohortium::governance
