#include "governance/rotation.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "governance/signature.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

constexpr const char* domain = "rotation";

[[noreturn]] void refuse(const std::string& code, const std::string& message, const std::string& remedy) {
  throw Failure({.code = "rotation." + code,
                 .message = message,
                 .rule = "a key names its successor by its own signature",
                 .remedy = remedy});
}

std::string text_of(const json& statement, const char* name) {
  if (!statement.is_object() || statement.size() != 3 || !statement.contains(name) || !statement[name].is_string())
    refuse("malformed", "this is no announcement of a new key", "make it with `cohortium keys rotate`");
  return statement[name];
}

template <class All>
std::string* key_of(All& all, const std::string& name) {
  for (auto& each : all)
    if (each.name == name) return &each.fingerprint;
  return nullptr;
}

}  // namespace

std::string rotation_text(const std::string& name, const Identity& old_identity, const Identity& new_identity) {
  const json statement = {{"name", name}, {"new", new_identity.fingerprint}, {"old", old_identity.fingerprint}};
  return json{{"statement", statement},
              {"by_old", to_json(sign(old_identity.tls.key, name, domain, statement))},
              {"by_new", to_json(sign(new_identity.tls.key, name, domain, statement))}}
             .dump(1) +
         "\n";
}

Consortium with_rotation(Consortium consortium, const std::string& text) {
  const json announced = json::parse(text, nullptr, false);
  const json statement = announced.is_object() ? announced.value("statement", json()) : json();
  const std::string name = text_of(statement, "name"), old_key = text_of(statement, "old"),
                    new_key = text_of(statement, "new");
  std::string* pinned = key_of(consortium.members, name);
  if (pinned == nullptr) pinned = key_of(consortium.people, name);
  if (pinned == nullptr || *pinned != old_key)
    refuse("other_key", "the old key is not the one that the consortium file pins for " + name,
           "announce the new key with the one that counts now; a lost key is replaced by --member or --person");
  verify(signature_from_json(announced.value("by_old", json())), old_key, domain, statement);
  verify(signature_from_json(announced.value("by_new", json())), new_key, domain, statement);
  *pinned = new_key;
  consortium.revoked.push_back(old_key);
  return consortium;
}

}  // namespace cohortium::governance
