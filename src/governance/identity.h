// Who a node or a person is: a key that never leaves its folder, and a self-signed certificate whose fingerprint goes
// into the consortium file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "net/tls.h"

namespace cohortium::governance {

// Names of members and people: [a-z][a-z0-9_-]{0,62}.
bool is_valid_name(std::string_view name);

struct Identity {
  std::string name;
  net::TlsIdentity files;
  std::string fingerprint;  // 64 hexadecimal digits
};

// Makes FOLDER/NAME.key (readable by its owner only) and FOLDER/NAME.crt. Never overwrites: a lost key cannot be had
// back. Fails with identity.bad_name, identity.exists, file.unwritable.
Identity create_identity(const std::filesystem::path& folder, const std::string& name);

// The paths that create_identity uses.
net::TlsIdentity identity_files(const std::filesystem::path& folder, const std::string& name);

// SHA-256 of the certificate's public key. Fails with file.missing, net.bad_identity.
std::string fingerprint(const std::filesystem::path& certificate);

}  // namespace cohortium::governance
