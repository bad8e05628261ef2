#include "governance/envelope.h"

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "crypto/canonical_json.h"
#include "crypto/hash.h"
#include "study/schema.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

constexpr const char* domain = "study";

json statement_of(const Envelope& envelope) {
  return {{"analyst", envelope.analyst},
          {"consortium", envelope.consortium},
          {"expires", envelope.expires},
          {"signed", envelope.signed_at},
          {"study", envelope.study.hash}};
}

[[noreturn]] void malformed(const std::string& message) {
  throw Failure({.code = "envelope.malformed",
                 .message = "this is no signed study: " + message,
                 .remedy = "sign the study file with `cohortium study sign`"});
}

std::string text_of(const json& object, const char* name) {
  if (!object.is_object() || !object.contains(name) || !object[name].is_string())
    malformed(std::string("\"") + name + "\" is missing or no text");
  const auto& text = object[name].get_ref<const std::string&>();
  if (text.size() > 64) malformed(std::string("\"") + name + "\" is too long");
  return text;
}

[[noreturn]] void refuse(const std::string& code, const std::string& message, const Envelope& envelope,
                         const std::string& rule, const std::string& remedy) {
  throw Failure(
      {.code = "envelope." + code, .message = message, .where = envelope.study.hash, .rule = rule, .remedy = remedy});
}

[[noreturn]] void refuse_signer(const Envelope& envelope) {
  refuse("not_an_analyst", envelope.analyst + " signed the study as an analyst, but is none", envelope,
         "only " + who_may(Action::kSubmitStudy) + " may, by the consortium file",
         "have an analyst of the consortium sign it");
}

}  // namespace

Envelope sign_study(const study::Study& study, const Identity& identity, const std::string& analyst,
                    const Consortium& consortium, const std::string& expires) {
  Envelope envelope{.study = study,
                    .analyst = analyst,
                    .consortium = consortium.founding_digest,
                    .signed_at = timestamp(),
                    .expires = expires,
                    .signature = {},
                    .digest = {}};
  const json statement = statement_of(envelope);
  envelope.signature = sign(identity.tls.key, analyst, domain, statement);
  envelope.digest = crypto::sha256_hex(crypto::canonical_json(statement));
  return envelope;
}

std::string envelope_text(const Envelope& envelope) {
  return crypto::canonical_json({{"cohortium_envelope", 1},
                                 {"study", json::parse(envelope.study.canonical)},
                                 {"statement", statement_of(envelope)},
                                 {"signature", to_json(envelope.signature)}});
}

Envelope parse_envelope(std::string_view text) {
  const json document = study::parse_strictly(text, "envelope");
  if (!document.is_object() || document.size() != 4 || document.value("cohortium_envelope", json()) != json(1))
    malformed("it must have \"cohortium_envelope\": 1, \"study\", \"statement\" and \"signature\"");
  for (const char* part : {"study", "statement", "signature"})
    if (!document.contains(part) || !document[part].is_object()) malformed(std::string("there is no ") + part);
  const json& statement = document["statement"];
  if (statement.size() != 5) malformed("the statement has other members than it must have");
  Envelope envelope{.study = study::parse_study(document["study"].dump(), "study"),
                    .analyst = text_of(statement, "analyst"),
                    .consortium = text_of(statement, "consortium"),
                    .signed_at = text_of(statement, "signed"),
                    .expires = text_of(statement, "expires"),
                    .signature = signature_from_json(document["signature"]),
                    .digest = {}};
  if (!is_timestamp(envelope.signed_at) || !is_timestamp(envelope.expires))
    malformed("a time is not in the form it must have");
  if (envelope.signature.by != envelope.analyst) malformed("it is signed by another person than the analyst it names");
  if (text_of(statement, "study") != envelope.study.hash) {
    throw Failure(
        {.code = "envelope.altered_study",
         .message = "the study is not the one that " + envelope.analyst + " signed",
         .where = envelope.study.hash,
         .rule = "any change makes another study, which is signed and approved anew",
         .remedy = "find out who changed it; have the changed study signed and approved, or use the old one"});
  }
  envelope.digest = crypto::sha256_hex(crypto::canonical_json(statement));
  return envelope;
}

void check_envelope(const Envelope& envelope, const Consortium& consortium) {
  if (envelope.consortium != consortium.founding_digest)
    refuse("other_consortium", "the study was signed for another consortium", envelope,
           "a signature counts in the consortium it names", "sign the study for this consortium");
  const Person* analyst = consortium.find_person(envelope.analyst);
  if (analyst != nullptr && !may(analyst->role, Action::kSubmitStudy)) refuse_signer(envelope);
  verify(envelope.signature, consortium, domain, statement_of(envelope));
  if (analyst == nullptr) refuse_signer(envelope);  // a node signed
  if (timestamp() > envelope.expires)
    refuse("expired", "the study expired at " + envelope.expires, envelope,
           "a study runs no later than its analyst asked for", "have the analyst sign and submit it anew");
}

}  // namespace cohortium::governance
