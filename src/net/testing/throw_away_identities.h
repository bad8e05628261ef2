// For tests: members with fresh keys in a temporary folder, all pinned to one another.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "net/certificate.h"
#include "net/tls.h"

namespace cohortium::net {

class ThrowAwayIdentities {
 public:
  explicit ThrowAwayIdentities(const std::vector<std::string>& names) {
    static std::atomic<int> folders{0};
    folder_ = std::filesystem::temp_directory_path() /
              ("cohortium_identities_" + std::to_string(::getpid()) + "_" + std::to_string(folders++));
    std::filesystem::create_directories(folder_);
    for (const std::string& name : names) {
      const SelfSigned made = make_self_signed(name);
      const TlsIdentity identity = of(name);
      write_file(identity.certificate, made.certificate_pem);
      write_file(identity.key, {made.key_pem.data(), made.key_pem.size()}, FileAccess::kOwnerOnly);
      pins_[name] = certificate_fingerprint(identity.certificate);
    }
  }
  ~ThrowAwayIdentities() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  ThrowAwayIdentities(const ThrowAwayIdentities&) = delete;
  ThrowAwayIdentities& operator=(const ThrowAwayIdentities&) = delete;

  TlsIdentity of(const std::string& name) const {
    return {.certificate = folder_ / (name + ".crt"), .key = folder_ / (name + ".key")};
  }
  const PinnedPeers& pins() const { return pins_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  PinnedPeers pins_;
};

}  // namespace cohortium::net
