#include "governance/audit_keys.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "governance/consortium_history.h"

namespace cohortium::governance {
namespace {

std::optional<std::string> fingerprint_in(const Consortium& consortium, const std::string& name) {
  if (const Member* member = consortium.find_member(name)) return member->fingerprint;
  if (const Person* person = consortium.find_person(name)) return person->fingerprint;
  return std::nullopt;
}

}  // namespace

SignatureCheck signature_check(const std::filesystem::path& consortium_file) {
  const auto history = std::make_shared<const ConsortiumHistory>(ConsortiumHistory::read(consortium_file));
  static_cast<void>(history->in_force());
  return [history](const Signature& signature, std::string_view domain, const nlohmann::json& value) {
    Error refusal{.code = "consortium.unknown_key",
                  .message = "no version of the consortium file has a member or person " + signature.by,
                  .where = signature.by,
                  .remedy = "use the consortium file of the nodes that signed"};
    for (std::size_t number = history->versions().size(); number > 0; --number) {
      const auto fingerprint = fingerprint_in(history->version(static_cast<int>(number)), signature.by);
      if (!fingerprint) continue;
      const auto verified = attempt([&] { return verify(signature, *fingerprint, domain, value), true; });
      if (verified.ok()) return;
      refusal = verified.error();
      if (refusal.code != "signature.other_key") break;
    }
    throw Failure(refusal);
  };
}

Consortium consortium_version(const std::filesystem::path& consortium_file, const std::string& digest) {
  const ConsortiumHistory history = ConsortiumHistory::read(consortium_file);
  static_cast<void>(history.in_force());
  for (int number = static_cast<int>(history.versions().size()); number > 0; --number)
    if (history.version(number).digest == digest) return history.version(number);
  throw Failure({.code = "consortium.unknown_version",
                 .message = "the consortium file has had no version with this digest",
                 .where = digest.substr(0, 64),
                 .remedy = "use the consortium file of the nodes that ran the study, as it is now or was then"});
}

}  // namespace cohortium::governance
