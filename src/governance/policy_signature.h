// Who set a site's policy: POLICY.signature beside the file, signed by a data steward of the site.
//
//   {"statement": {"policy": SHA-256 of the file's text, "site", "time", "version"}, "signature": …}
//
// Guaranteed  where the consortium file names data stewards of a site, its node goes by no policy that none of them signed:
//             whoever can write the file, the operator included, cannot change the rules unnoticed
// Not         that the file was not set back: the node refuses other texts of a version, not older versions with their
//             signatures; its audit log says which version held when
#pragma once

#include <string>
#include <vector>

#include "governance/consortium.h"
#include "governance/identity.h"

namespace cohortium::governance {

struct PolicyFacts {
  std::string site, hash;
  int version = 0;
};

std::vector<Person> data_stewards_of(const Consortium& consortium, const std::string& site);

// The text of the signature file; `by` is the steward's name.
std::string sign_policy(const PolicyFacts& policy, const std::string& by, const Identity& identity);

// The data steward who signed. Fails with policy.bad_signature, consortium.revoked_key, consortium.expired_key or signature.*.
std::string check_policy_signature(const PolicyFacts& policy, const std::string& text, const Consortium& consortium);

}  // namespace cohortium::governance
