// For tests: members with fresh keys, all pinned to one another.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "net/certificate.h"
#include "net/tls.h"

namespace cohortium::net {

class ThrowAwayIdentities {
 public:
  explicit ThrowAwayIdentities(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const PrivateKey key = PrivateKey::generate();
      identities_.emplace(name, TlsIdentity{.certificate = make_certificate(key, name), .key = key});
      pins_[name] = public_key_fingerprint(key.public_key());
    }
  }

  const TlsIdentity& of(const std::string& name) const { return identities_.at(name); }
  const PinnedPeers& pins() const { return pins_; }

 private:
  std::map<std::string, TlsIdentity> identities_;
  PinnedPeers pins_;
};

}  // namespace cohortium::net
