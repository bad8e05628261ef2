#include "governance/tree_head.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

constexpr const char *head_domain = "tree head", *witnessed_domain = "witnessed tree head";
constexpr std::size_t longest_text = 80;    // of names, times and hashes
constexpr std::size_t longest_proof = 128;  // two hashes for each bit of a size

json without_signature(json value) {
  value.erase("signature");
  return value;
}

[[noreturn]] void malformed(const std::string& what) {
  throw Failure({.code = "audit.bad_head",
                 .message = "this is no tree head: " + what,
                 .remedy = "compare with the format in docs/audit.md; the nodes may run different versions"});
}

std::string text_of(const json& value, const char* name) {
  const bool good = value.contains(name) && value[name].is_string() &&
                    value[name].get_ref<const std::string&>().size() <= longest_text;
  if (!good) malformed(std::string("\"") + name + "\" is not a short text");
  return value[name];
}

void must_be_object(const json& value, std::size_t members) {
  if (!value.is_object() || value.size() != members) malformed("it has other members than a head has");
}

}  // namespace

void sign(TreeHead& head, const Signer& signer) {
  head.signature = signer(head_domain, without_signature(to_json(head)));
}

WitnessedHead witness(const TreeHead& head, const Signer& signer) {
  WitnessedHead witnessed{.head = head, .time = timestamp()};
  witnessed.signature = signer(witnessed_domain, without_signature(to_json(witnessed)));
  return witnessed;
}

json to_json(const TreeHead& head) {
  return {{"log", head.log},   {"node", head.node}, {"root", to_hex(head.root)},
          {"size", head.size}, {"time", head.time}, {"signature", to_json(head.signature)}};
}

json to_json(const WitnessedHead& witnessed) {
  return {{"head", to_json(witnessed.head)}, {"time", witnessed.time}, {"signature", to_json(witnessed.signature)}};
}

TreeHead tree_head_from_json(const json& value, const SignatureCheck& check) {
  must_be_object(value, 6);
  if (!value.contains("size") || !value["size"].is_number_unsigned() || !value.contains("signature"))
    malformed("its size or signature is missing");
  TreeHead head{.node = text_of(value, "node"),
                .log = text_of(value, "log"),
                .size = value["size"],
                .root = digest_from_json(value.value("root", json())),
                .time = text_of(value, "time"),
                .signature = signature_from_json(value["signature"])};
  if (head.signature.by != head.node) malformed("another node has signed it");
  check(head.signature, head_domain, without_signature(value));
  return head;
}

WitnessedHead witnessed_head_from_json(const json& value, const SignatureCheck& check) {
  must_be_object(value, 3);
  if (!value.contains("head") || !value.contains("signature")) malformed("the head or its witness is missing");
  WitnessedHead witnessed{.head = tree_head_from_json(value["head"], check),
                          .time = text_of(value, "time"),
                          .signature = signature_from_json(value["signature"])};
  check(witnessed.signature, witnessed_domain, without_signature(value));
  return witnessed;
}

json to_json(const std::vector<Digest>& proof) {
  json list = json::array();
  for (const Digest& hash : proof) list.push_back(to_hex(hash));
  return list;
}

std::vector<Digest> digests_from_json(const json& value) {
  if (!value.is_array() || value.size() > longest_proof) malformed("the proof is no list of hashes");
  std::vector<Digest> proof;
  for (const json& hash : value) proof.push_back(digest_from_json(hash));
  return proof;
}

Digest digest_from_json(const json& value) {
  Digest digest;
  const auto bytes = attempt([&] { return from_hex(value.get<std::string>()); });
  if (!bytes.ok() || bytes.value().size() != digest.size()) malformed("a hash is not 64 hexadecimal digits");
  std::copy(bytes.value().begin(), bytes.value().end(), digest.begin());
  return digest;
}

}  // namespace cohortium::governance
