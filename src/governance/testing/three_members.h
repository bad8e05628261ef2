// For tests: members north, south and west, the analyst ana, approvers of north, with real keys.
#pragma once

#include <map>
#include <string>

#include "governance/consortium_history.h"
#include "net/certificate.h"

namespace cohortium::governance {

class ThreeMembers {
 public:
  ThreeMembers() {
    consortium.name = "test";
    consortium.coordinator = "north";
    int port = 1;
    for (const char* name : {"north", "south", "west"}) {
      consortium.members.push_back({.name = name,
                                    .endpoint = "host:" + std::to_string(port++),
                                    .fingerprint = make(name).fingerprint,
                                    .site = true,
                                    .compute = true});
    }
    add("ana", Role::kAnalyst);
    add("nora", Role::kApprover, "north");
    add("nils", Role::kApprover, "north");
    add("sara", Role::kApprover, "south");
  }

  const Identity& make(const std::string& name) {
    const net::PrivateKey key = net::PrivateKey::generate();
    Identity identity{.files = {name + ".crt", name + ".key"},
                      .tls = {.certificate = net::make_certificate(key, name), .key = key},
                      .fingerprint = net::public_key_fingerprint(key.public_key())};
    return identities.insert_or_assign(name, std::move(identity)).first->second;
  }
  void add(const std::string& name, Role role, const std::string& member = "") {
    consortium.people.push_back({.name = name, .fingerprint = make(name).fingerprint, .role = role, .member = member});
  }
  // The first version, signed by all.
  ConsortiumHistory signed_history() const {
    ConsortiumHistory history(consortium_text(consortium));
    for (const Member& member : consortium.members) history.sign(identities.at(member.name));
    return history;
  }

  Consortium consortium;
  std::map<std::string, Identity> identities;
};

}  // namespace cohortium::governance
