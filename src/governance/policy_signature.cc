#include "governance/policy_signature.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "governance/signature.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

constexpr const char* domain = "policy";

[[noreturn]] void refuse(const PolicyFacts& policy, const std::string& what) {
  throw Failure({.code = "policy.bad_signature",
                 .message = what,
                 .where = policy.site,
                 .rule = "a site's policy is set by a data steward of the site, where the consortium file names any",
                 .remedy = "have a data steward run `cohortium policy sign`"});
}

}  // namespace

std::vector<Person> data_stewards_of(const Consortium& consortium, const std::string& site) {
  std::vector<Person> stewards;
  std::copy_if(consortium.people.begin(), consortium.people.end(), std::back_inserter(stewards),
               [&](const Person& person) { return may(person.role, Action::kChangePolicy) && person.member == site; });
  return stewards;
}

std::string sign_policy(const PolicyFacts& policy, const std::string& by, const Identity& identity) {
  const json statement = {
      {"policy", policy.hash}, {"site", policy.site}, {"time", timestamp()}, {"version", policy.version}};
  return json{{"statement", statement}, {"signature", to_json(sign(identity.tls.key, by, domain, statement))}}.dump(2) +
         "\n";
}

std::string check_policy_signature(const PolicyFacts& policy, const std::string& text, const Consortium& consortium) {
  const json file = json::parse(text, nullptr, false);
  if (!file.is_object() || file.size() != 2 || !file.contains("statement") || !file.contains("signature") ||
      !file["statement"].is_object() || file["statement"].size() != 4)
    refuse(policy, "the file beside the policy is no signature as this program writes it");
  const json& statement = file["statement"];
  if (statement.value("policy", json()) != policy.hash || statement.value("version", json()) != policy.version ||
      statement.value("site", json()) != policy.site)
    refuse(policy, "another policy was signed than the one that is there");
  const Signature signature = signature_from_json(file["signature"]);
  const std::vector<Person> stewards = data_stewards_of(consortium, policy.site);
  if (std::none_of(stewards.begin(), stewards.end(), [&](const Person& each) { return each.name == signature.by; }))
    refuse(policy, "\"" + signature.by + "\" is no data steward of " + policy.site);
  verify(signature, consortium, domain, statement);
  return signature.by;
}

}  // namespace cohortium::governance
